import { Module } from '@nestjs/common';
import { AppSettingsDirectory } from '@parley/app-settings';
import { Bus, requests } from '@parley/bus';
import { offline, stream } from '@parley/contracts';
import { createPool } from '@parley/db';
import { EphemeralIds } from '@parley/kernel';
import type { RpcService } from '@parley/rpc';
import pg from 'pg';
import { consumeAppPurged } from './app-purged/app-purged.consumer.js';
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
import { Deliveries, type Delivery } from './send/live-delivery.js';
import type { MessageChanges } from './send/message-changes.js';
import { SendJudge } from './send/send-judge.js';
import { SendService } from './send/send.service.js';
import { StreamService } from './stream/stream.service.js';
import { StreamStore } from './stream/stream.store.js';
import { CursorService } from './sync/cursor.service.js';
import { PullService } from './sync/pull.service.js';
import { UnreadService } from './sync/unread.service.js';
import { SystemQueueService } from './system-queue/system-queue.service.js';
import { changeProviders, changeRpc } from './timeline/changes.module.js';
import { notePublished, TraceMarks } from './trace/trace-marks.js';
import { MessageUsageService, usageRpc } from './usage/usage.service.js';
import { consumeUserDeleted } from './user-deleted/user-deleted.consumer.js';

export const SCHEMA = 'message';
const CHANGES = Symbol('MessageChanges');

/** The whole wiring of the message service. */
@Module({})
export class MessageModule {
  static with(config: MessageServiceConfig) {
    return {
      module: MessageModule,
      providers: [
        {
          provide: pg.Pool,
          useFactory: () =>
            createPool({ url: config.infrastructure.databaseUrl, schema: SCHEMA, max: config.message.poolSize }),
        },
        { provide: Bus, useFactory: () => Bus.connect({ url: config.infrastructure.natsUrl, name: 'message' }) },
        provide(AppSettingsDirectory, [Bus], (bus: Bus) => new AppSettingsDirectory(bus)),
        provide(UserDirectory, [Bus], (bus: Bus) => new UserDirectory(bus)),
        provide(PolicyDirectory, [Bus], (bus: Bus) => new PolicyDirectory(bus)),
        provide(
          SendPolicy,
          [PolicyDirectory, AppSettingsDirectory],
          (directory: PolicyDirectory, settings: AppSettingsDirectory) => new SendPolicy(directory, settings),
        ),
        provide(ConversationStore, [pg.Pool], (pool: pg.Pool) => new ConversationStore(pool)),
        provide(Deliveries, [Bus], (bus: Bus) => new Deliveries(bus)),
        provide(GroupCommit, [pg.Pool, Deliveries, TraceMarks], (pool: pg.Pool, deliveries: Deliveries, marks: TraceMarks) => {
          const store = new AppendStore(pool, config.message.rememberDays);
          const commit = async (batch: readonly Delivery[]) => {
            const positions = await store.append(batch);
            const published = deliveries.publish(batch, positions).then(() => notePublished(marks, batch, positions));
            return { positions, published };
          };
          return new GroupCommit(commit, {
            concurrency: config.message.appendConcurrency,
            batch: config.message.appendBatch,
            queue: config.message.appendQueue,
          });
        }),
        provide(EphemeralIds, [], () => new EphemeralIds()),
        provide(
          SendJudge,
          [UserDirectory, SendPolicy, ConversationStore, AppSettingsDirectory, EphemeralIds],
          (...parts: ConstructorParameters<typeof SendJudge>) => new SendJudge(...parts),
        ),
        provide(CHANGES, [RecallService, EditService], (recalls: RecallService, edits: EditService): MessageChanges => ({
          recall: async (order) => ({ id: await recalls.recallBySender(order), metas: [] }),
          edit: (order) => edits.editBySender(order),
        })),
        provide(
          SendService,
          [SendJudge, ConversationStore, GroupCommit, Deliveries, ReceiptCheck, CHANGES, EphemeralIds],
          (...parts: ConstructorParameters<typeof SendService>) => new SendService(...parts),
        ),
        provide(
          SystemQueueService,
          [ConversationStore, GroupCommit, Deliveries],
          (store: ConversationStore, commits: GroupCommit<Delivery>, deliveries: Deliveries) =>
            new SystemQueueService(store, commits, deliveries),
        ),
        provide(StreamStore, [pg.Pool], (pool: pg.Pool) => new StreamStore(pool)),
        provide(
          StreamService,
          [StreamStore, UserDirectory, ConversationStore, SendService, Deliveries],
          (...parts: ConstructorParameters<typeof StreamService>) => new StreamService(...parts),
        ),
        provide(UnreadService, [pg.Pool, KeptHistory], (pool: pg.Pool, kept: KeptHistory) => new UnreadService(pool, kept)),
        provide(
          PullService,
          [pg.Pool, KeptHistory, TraceMarks],
          (pool: pg.Pool, kept: KeptHistory, marks: TraceMarks) => new PullService(pool, kept, marks),
        ),
        provide(CursorService, [pg.Pool, TraceMarks], (pool: pg.Pool, marks: TraceMarks) => new CursorService(pool, marks)),
        provide(MessageUsageService, [pg.Pool], (pool: pg.Pool) => new MessageUsageService(pool)),
        provide(Partitions, [pg.Pool], (pool: pg.Pool) => new Partitions(pool)),
        provide(
          ExpiredPartitions,
          [pg.Pool, AppSettingsDirectory],
          (pool: pg.Pool, settings: AppSettingsDirectory) => new ExpiredPartitions(pool, settings),
        ),
        ...historyProviders,
        ...transferProviders(config.message),
        ...changeProviders(config.message),
        provide(RepublishService, [Bus, pg.Pool], (bus: Bus, pool: pg.Pool) => new RepublishService(bus, pool)),
      ],
    };
  }
}

// eslint-disable-next-line @typescript-eslint/no-explicit-any -- the factory's parameters follow the injected tokens
function provide(token: unknown, inject: unknown[], useFactory: (...parts: any[]) => unknown) {
  return { provide: token as never, inject: inject as never[], useFactory };
}

interface Parts {
  get<T>(token: new (...args: never[]) => T): T;
}

/** What the service answers over gRPC: a service for each behaviour. */
export function rpcServices(parts: Parts): RpcService[] {
  const streams = parts.get(StreamService);
  const waiting = new OfflineService(parts.get(pg.Pool as never) as pg.Pool, parts.get(KeptHistory));
  return [[offline.OfflineServiceService, waiting.methods()], ...historyRpc(parts), ...transferRpc(parts), ...changeRpc(parts), ...usageRpc(parts.get(MessageUsageService)), [stream.StreamServiceService, { appendChunk: async (chunk: stream.AppendChunkRequest) => streams.append(chunk) }]];
}

/** Resolves providers and binds the subjects that the service answers. */
export async function serveMessage(parts: Parts): Promise<{ unsubscribe(): void }> {
  const bus = parts.get(Bus as never) as Bus;
  const pool = parts.get(pg.Pool as never) as pg.Pool;
  const send = parts.get(SendService);
  const systemQueue = parts.get(SystemQueueService);
  const unread = parts.get(UnreadService);
  const pull = parts.get(PullService);
  const cursors = parts.get(CursorService);
  await parts.get(Partitions).start();
  const expired = parts.get(ExpiredPartitions);
  expired.start();
  parts.get(RepublishService).start();
  parts.get(StreamService).start();
  await consumeAppPurged(bus, pool);
  parts.get(ExpirySweep).start();
  const marks = parts.get(TraceMarks);
  marks.start();
  parts.get(MessageUsageService).start();
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
    unsubscribe: () => {
      expired.stop();
      subscriptions.forEach((one) => one.unsubscribe());
    },
  };
}
