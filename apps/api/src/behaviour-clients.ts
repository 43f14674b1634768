import type { FactoryProvider } from '@nestjs/common';
import { accounts, attributes, blocklist, contacts, conversation, edit, file, history, messageUsage, mutes, offline, pinnedMessage, presence, push, reaction, recall, stream, trace, transfer, userUsage } from '@parley/contracts';
import { rpcClient } from '@parley/rpc';
import { ACCOUNT_CLIENT, ATTRIBUTE_CLIENT, EDIT_CLIENT, MUTE_CLIENT, PUSH_CLIENT, REACTION_CLIENT, RECALL_CLIENT } from './clients.js';
import type { ApiServiceConfig } from './config.js';
import { OFFLINE_CLIENT } from './offline/offline.client.js';
import { PRESENCE_CLIENT } from './presence/presence.client.js';
import { BLOCKLIST_CLIENT, CONTACT_CLIENT } from './contact/contact.clients.js';
import { FILE_CLIENT } from './file/file.client.js';
import { CONVERSATION_CLIENT, HISTORY_CLIENT, PINNED_MESSAGE_CLIENT } from './history/history.clients.js';
import { TRACE_CLIENT } from './trace/trace.client.js';
import { STREAM_CLIENT } from './stream/stream.client.js';
import { TRANSFER_CLIENT } from './transfer/transfer.client.js';
import { MESSAGE_USAGE_CLIENT, USER_USAGE_CLIENT } from './usage/usage.clients.js';

type Addresses = ApiServiceConfig['addresses'];

/** A client for each behaviour that has a gRPC service of its own. */
const clients: readonly [token: symbol, connect: (at: Addresses) => { close(): void }][] = [
  [ACCOUNT_CLIENT, (at) => rpcClient(accounts.AccountServiceClient, at.userRpc)],
  [ATTRIBUTE_CLIENT, (at) => rpcClient(attributes.AttributeServiceClient, at.userRpc)],
  [OFFLINE_CLIENT, (at) => rpcClient(offline.OfflineServiceClient, at.messageRpc)],
  [PRESENCE_CLIENT, (at) => rpcClient(presence.PresenceServiceClient, at.userRpc)],
  [MUTE_CLIENT, (at) => rpcClient(mutes.MuteServiceClient, at.userRpc)],
  [PUSH_CLIENT, (at) => rpcClient(push.PushServiceClient, at.userRpc)],
  [RECALL_CLIENT, (at) => rpcClient(recall.RecallServiceClient, at.messageRpc)],
  [EDIT_CLIENT, (at) => rpcClient(edit.EditServiceClient, at.messageRpc)],
  [REACTION_CLIENT, (at) => rpcClient(reaction.ReactionServiceClient, at.messageRpc)],
  [TRACE_CLIENT, (at) => rpcClient(trace.TraceServiceClient, at.messageRpc)],
  [FILE_CLIENT, (at) => rpcClient(file.FileServiceClient, at.fileRpc)],
  [TRANSFER_CLIENT, (at) => rpcClient(transfer.TransferServiceClient, at.messageRpc)],
  [HISTORY_CLIENT, (at) => rpcClient(history.HistoryServiceClient, at.messageRpc)],
  [CONVERSATION_CLIENT, (at) => rpcClient(conversation.ConversationServiceClient, at.messageRpc)],
  [PINNED_MESSAGE_CLIENT, (at) => rpcClient(pinnedMessage.PinnedMessageServiceClient, at.messageRpc)],
  [STREAM_CLIENT, (at) => rpcClient(stream.StreamServiceClient, at.messageRpc)],
  [CONTACT_CLIENT, (at) => rpcClient(contacts.ContactServiceClient, at.userRpc)],
  [BLOCKLIST_CLIENT, (at) => rpcClient(blocklist.BlocklistServiceClient, at.userRpc)],
  [USER_USAGE_CLIENT, (at) => rpcClient(userUsage.UserUsageServiceClient, at.userRpc)],
  [MESSAGE_USAGE_CLIENT, (at) => rpcClient(messageUsage.MessageUsageServiceClient, at.messageRpc)],
];

export function behaviourClients(at: Addresses): FactoryProvider[] {
  return clients.map(([provide, connect]) => ({ provide, useFactory: () => connect(at) }));
}

/** To be closed with the edge. */
export const behaviourClientTokens = clients.map(([token]) => token);
