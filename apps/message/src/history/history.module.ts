import type { INestApplicationContext } from '@nestjs/common';
import { AppSettingsDirectory } from '@parley/app-settings';
import { conversation, history, pinnedMessage } from '@parley/contracts';
import { provide, type RpcImplementation, type RpcService } from '@parley/rpc';
import pg from 'pg';
import { ListService } from '../conversation-list/list.service.js';
import { InboxStore } from '../conversation-list/inbox.store.js';
import { ListStore } from '../conversation-list/list.store.js';
import { ConversationAccess } from '../conversation/conversation-access.js';
import { ConversationStore } from '../conversation/conversation.store.js';
import { UserDirectory } from '../conversation/user-directory.js';
import { OwnDevices } from '../multi-device/own-devices.js';
import { PinService } from '../pinned-messages/pins.service.js';
import { PinStore } from '../pinned-messages/pins.store.js';
import { ReactionStore } from '../reaction/reaction.store.js';
import { KeptHistory } from '../retention/kept-history.js';
import { SystemQueueService } from '../system-queue/system-queue.service.js';
import { HistoryService } from './history.service.js';
import { HistoryStore } from './history.store.js';
import { RemovalService } from './removal.service.js';
import { RemovalStore } from './removal.store.js';

/** Wiring of history, conversation lists and pinned messages. */
export const historyProviders = [
  provide(KeptHistory, [AppSettingsDirectory]),
  provide(ConversationAccess, [pg.Pool, UserDirectory, ConversationStore]),
  provide(OwnDevices, [SystemQueueService]),
  provide(
    HistoryService,
    [pg.Pool, ConversationAccess, KeptHistory, ReactionStore],
    (pool, access, kept, reactions) =>
      new HistoryService(access, new HistoryStore(pool), kept, reactions),
  ),
  provide(
    RemovalService,
    [pg.Pool, ConversationAccess, OwnDevices, KeptHistory],
    (pool, access, devices, kept) =>
      new RemovalService(access, new RemovalStore(pool), devices, kept),
  ),
  provide(
    ListService,
    [pg.Pool, ConversationAccess, OwnDevices, AppSettingsDirectory, KeptHistory],
    (pool, access, devices, settings, kept) =>
      new ListService(access, new ListStore(pool), new InboxStore(pool), devices, settings, kept),
  ),
  provide(
    PinService,
    [pg.Pool, ConversationAccess, OwnDevices, AppSettingsDirectory, KeptHistory],
    (pool, access, devices, settings, kept) =>
      new PinService(access, new PinStore(pool), devices, settings, kept),
  ),
];

/** What is answered of it over gRPC. */
export function historyRpc(parts: INestApplicationContext): RpcService[] {
  const pages = parts.get(HistoryService);
  const removal = parts.get(RemovalService);
  const list = parts.get(ListService);
  const pins = parts.get(PinService);
  return [
    [
      history.HistoryServiceService,
      {
        fetchHistory: (request) => pages.fetch(request),
        removeHistory: (request) => removal.remove(request),
        findMessage: (request) => removal.find(request),
        removeForAll: async ({ tenant, id }) => {
          await removal.removeForAll(tenant!, id);
          return {};
        },
      } satisfies RpcImplementation<typeof history.HistoryServiceService>,
    ],
    [
      conversation.ConversationServiceService,
      {
        listConversations: (request) => list.page(request),
        setTop: (request) => list.setTop(request),
        setMark: (request) => list.setMark(request),
        deleteConversation: (request) => list.delete(request),
      } satisfies RpcImplementation<typeof conversation.ConversationServiceService>,
    ],
    [
      pinnedMessage.PinnedMessageServiceService,
      {
        pinMessage: (request) => pins.pin(request),
        unpinMessage: (request) => pins.unpin(request),
        listPinnedMessages: (request) => pins.list(request),
      } satisfies RpcImplementation<typeof pinnedMessage.PinnedMessageServiceService>,
    ],
  ];
}
