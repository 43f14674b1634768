import { type INestApplicationContext, Module } from '@nestjs/common';
import { AppSettingsDirectory } from '@parley/app-settings';
import { Bus, eventSubjects, requests } from '@parley/bus';
import { offline, stream } from '@parley/contracts';
import { createPool, purgeApp } from '@parley/db';
import { EphemeralIds } from '@parley/kernel';
import { type PartSymbol, provide, type RpcService } from '@parley/rpc';
import pg from 'pg';
import type { MessageServiceConfig } from './config.js';
import { ConversationStore } from './conversation/conversation.store.js';
import { UserDirectory } from './conversation/user-directory.js';
import { EditService } from './edit/edit.service.js';
import { ExpirySweep } from './expiry/expiry.sweep.js';
import { PolicyDirectory } from './policy/policy-directory.js';
import { SendPolicy } from './policy/send-policy.js';
import { transferProviders, transferRpc } from './export/transfer.module.js';
import { historyProviders, historyRpc } from './history/history.module.js';
import { RecallService } from './recall/recall.service.js';
import { ReceiptCheck } from './receipt/receipt.check.js';
import { OfflineService } from './offline/offline.service.js';
import { RepublishService } from './republish/republish.service.js';
import { ExpiredPartitions } from './retention/expired-partitions.js';
import { KeptHistory } from './retention/kept-history.js';
import { Partitions } from './retention/partitions.js';
import { AppendStore } from './send/append.store.js';
import { GroupCommit } from './send/group-commit.js';
import { Deliveries } from './send/live-delivery.js';
import type { MessageChanges } from './send/message-changes.js';
import { SendJudge } from './send/send-judge.js';
import { SendService } from './send/send.service.js';
import { storedAndTold } from './send/stored-and-told.js';
import { StreamService } from './stream/stream.service.js';
import { StreamStore } from './stream/stream.store.js';
import { CursorService } from './sync/cursor.service.js';
import { PullService } from './sync/pull.service.js';
import { UnreadService } from './sync/unread.service.js';
import { SystemQueueService } from './system-queue/system-queue.service.js';
import { changeProviders, changeRpc } from './timeline/changes.module.js';
import { TraceMarks } from './trace/trace-marks.js';
import { MessageUsageService, usageRpc } from './usage/usage.service.js';
import { consumeUserDeleted } from './user-deleted/user-deleted.consumer.js';

export const SCHEMA = 'message';
const CHANGES: PartSymbol<MessageChanges> = Symbol('message changes');

/** The whole wiring of the message service. */
@Module({})
export class MessageModule {
  static with(config: MessageServiceConfig) {
    return {
      module: MessageModule,
      providers: [
        provide(pg.Pool, [], () => createPool({ url: config.infrastructure.databaseUrl, schema: SCHEMA, max: config.message.poolSize })),
        provide(Bus, [], () => Bus.connect({ url: config.infrastructure.natsUrl, name: 'message' })),
        provide(AppSettingsDirectory, [Bus]),
        provide(UserDirectory, [Bus]),
        provide(PolicyDirectory, [Bus]),
        provide(SendPolicy, [PolicyDirectory, AppSettingsDirectory]),
        provide(ConversationStore, [pg.Pool]),
        provide(Deliveries, [Bus]),
        provide(GroupCommit, [pg.Pool, Deliveries, TraceMarks], (pool, deliveries, marks) => {
          const store = new AppendStore(pool, config.message.rememberDays);
          return new GroupCommit(storedAndTold(store, deliveries, marks), {
            concurrency: config.message.appendConcurrency,
            batch: config.message.appendBatch,
            queue: config.message.appendQueue,
          });
        }),
        provide(EphemeralIds, []),
        provide(SendJudge, [UserDirectory, SendPolicy, ConversationStore, AppSettingsDirectory, EphemeralIds]),
        provide(CHANGES, [RecallService, EditService], (recalls, edits) => ({
          recall: async (order) => ({ id: await recalls.recallBySender(order), metas: [] }),
          edit: (order) => edits.editBySender(order),
        })),
        provide(SendService, [SendJudge, ConversationStore, GroupCommit, Deliveries, ReceiptCheck, CHANGES, EphemeralIds]),
        provide(SystemQueueService, [ConversationStore, GroupCommit, Deliveries]),
        provide(StreamStore, [pg.Pool]),
        provide(StreamService, [StreamStore, UserDirectory, ConversationStore, SendService, Deliveries]),
        provide(UnreadService, [pg.Pool, KeptHistory]),
        provide(PullService, [pg.Pool, KeptHistory, TraceMarks]),
        provide(CursorService, [pg.Pool, TraceMarks]),
        provide(MessageUsageService, [pg.Pool]),
        provide(Partitions, [pg.Pool]),
        provide(ExpiredPartitions, [pg.Pool, AppSettingsDirectory]),
        ...historyProviders,
        ...transferProviders(config.message),
        ...changeProviders(config.message),
        provide(RepublishService, [Bus, pg.Pool]),
      ],
    };
  }
}

/** What the service answers over gRPC: a service for each behaviour. */
export function rpcServices(parts: INestApplicationContext): RpcService[] {
  const streams = parts.get(StreamService);
  const waiting = new OfflineService(parts.get(pg.Pool), parts.get(KeptHistory));
  return [
    [offline.OfflineServiceService, waiting.methods()],
    [stream.StreamServiceService, { appendChunk: async (chunk: stream.AppendChunkRequest) => streams.append(chunk) }],
    ...historyRpc(parts),
    ...transferRpc(parts),
    ...changeRpc(parts),
    ...usageRpc(parts.get(MessageUsageService)),
  ];
}

/** Binds the subjects that the service answers, and begins what it does by itself. */
export async function serveMessage(parts: INestApplicationContext): Promise<{ stop(): Promise<void> }> {
  const bus = parts.get<Bus>(Bus);
  const pool = parts.get(pg.Pool);
  const send = parts.get(SendService);
  const systemQueue = parts.get(SystemQueueService);
  const unread = parts.get(UnreadService);
  const pull = parts.get(PullService);
  const cursors = parts.get(CursorService);
  const republish = parts.get(RepublishService);
  const partitions = parts.get(Partitions);
  const rounds = [parts.get(ExpiredPartitions), parts.get(StreamService), parts.get(ExpirySweep), parts.get(MessageUsageService)].map((part) => part.rounds);
  await partitions.start();
  republish.start();
  for (const one of rounds) one.start();
  const marks = parts.get(TraceMarks);
  marks.start();
  await bus.consumeEvents(eventSubjects.appPurged, 'message-app-purged', ({ appId }) => purgeApp(pool, appId));
  await consumeUserDeleted(bus, pool);
  const subscriptions = [
    bus.serve(requests.send, (request) => send.send(request)),
    bus.serve(requests.appendSystem, (request) => systemQueue.append(request)),
    bus.serve(requests.unread, (request) => unread.unread(request)),
    bus.serve(requests.pull, (request) => pull.pull(request)),
    bus.serve(requests.moveCursors, (request) => cursors.move(request)),
    bus.serve(requests.notePushes, async (request) => {
      marks.notePushes(request);
      return {};
    }),
  ];
  return {
    stop: async () => {
      republish.stop();
      await Promise.all([partitions, ...rounds].map((one) => one.stop()));
      for (const one of subscriptions) one.unsubscribe();
    },
  };
}
