import type { conversation, history, pinnedMessage } from '@parley/contracts';
import type { RpcClient } from '@parley/rpc';

/** What the message service answers of history and conversations. */
export type HistoryClient = RpcClient<typeof history.HistoryServiceService>;
export const HISTORY_CLIENT = Symbol('history client');
export type ConversationClient = RpcClient<typeof conversation.ConversationServiceService>;
export const CONVERSATION_CLIENT = Symbol('conversation client');
export type PinnedMessageClient = RpcClient<typeof pinnedMessage.PinnedMessageServiceService>;
export const PINNED_MESSAGE_CLIENT = Symbol('pinned message client');
