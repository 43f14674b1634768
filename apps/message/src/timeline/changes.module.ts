import { AppSettingsDirectory } from '@parley/app-settings';
import { Bus } from '@parley/bus';
import { edit, reaction, recall, trace } from '@parley/contracts';
import type { RpcImplementation, RpcService } from '@parley/rpc';
import pg from 'pg';
import { ConversationStore } from '../conversation/conversation.store.js';
import { UserDirectory } from '../conversation/user-directory.js';
import { EditService } from '../edit/edit.service.js';
import { ExpirySweep } from '../expiry/expiry.sweep.js';
import { ReactionService } from '../reaction/reaction.service.js';
import { ReactionStore } from '../reaction/reaction.store.js';
import { RecallService } from '../recall/recall.service.js';
import { ReceiptCheck } from '../receipt/receipt.check.js';
import { Deliveries } from '../send/live-delivery.js';
import { TraceMarks } from '../trace/trace-marks.js';
import { TraceService } from '../trace/trace.service.js';
import { TraceStore } from '../trace/trace.store.js';
import { Timelines } from './timeline.js';

// eslint-disable-next-line @typescript-eslint/no-explicit-any -- the factory's parameters follow the injected tokens
const provide = (token: unknown, inject: unknown[], useFactory: (...parts: any[]) => unknown) => ({
  provide: token as never,
  inject: inject as never[],
  useFactory,
});

/** Wiring of what happens to a message after it was sent. */
export function changeProviders(config: { rememberDays: number; expirySweepMs: number }) {
  return [
    provide(ReceiptCheck, [pg.Pool], (pool: pg.Pool) => new ReceiptCheck(pool)),
    provide(
      Timelines,
      [pg.Pool, Deliveries, Bus],
      (pool: pg.Pool, deliveries: Deliveries, bus: Bus) => new Timelines(pool, deliveries, bus, config.rememberDays),
    ),
    provide(
      RecallService,
      [Timelines, ConversationStore, UserDirectory, AppSettingsDirectory],
      (timelines: Timelines, store: ConversationStore, directory: UserDirectory, settings: AppSettingsDirectory) =>
        new RecallService(timelines, store, directory, settings),
    ),
    provide(
      EditService,
      [Timelines, ConversationStore, AppSettingsDirectory],
      (timelines: Timelines, store: ConversationStore, settings: AppSettingsDirectory) => new EditService(timelines, store, settings),
    ),
    provide(ExpirySweep, [pg.Pool, Timelines], (pool: pg.Pool, timelines: Timelines) => new ExpirySweep(pool, timelines, config.expirySweepMs)),
    provide(TraceMarks, [pg.Pool, AppSettingsDirectory], (pool: pg.Pool, settings: AppSettingsDirectory) => new TraceMarks(pool, settings)),
    provide(
      TraceService,
      [pg.Pool, AppSettingsDirectory],
      (pool: pg.Pool, settings: AppSettingsDirectory) => new TraceService(new TraceStore(pool), settings),
    ),
    provide(ReactionStore, [pg.Pool], (pool: pg.Pool) => new ReactionStore(pool)),
    provide(
      ReactionService,
      [ReactionStore, Timelines, ConversationStore, AppSettingsDirectory],
      (reactions: ReactionStore, timelines: Timelines, store: ConversationStore, settings: AppSettingsDirectory) =>
        new ReactionService(reactions, timelines, store, settings),
    ),
  ];
}

interface Parts {
  get<T>(token: new (...args: never[]) => T): T;
}

/** What is answered of it over gRPC. */
export function changeRpc(parts: Parts): RpcService[] {
  const recalls = parts.get(RecallService);
  const edits = parts.get(EditService);
  const reactions = parts.get(ReactionService);
  const traces = parts.get(TraceService);
  return [
    [trace.TraceServiceService, { traceMessage: (request) => traces.trace(request) } satisfies RpcImplementation<typeof trace.TraceServiceService>],
    [
      recall.RecallServiceService,
      { recall: (request) => recalls.recall(request) } satisfies RpcImplementation<typeof recall.RecallServiceService>,
    ],
    [edit.EditServiceService, { edit: (request) => edits.edit(request) } satisfies RpcImplementation<typeof edit.EditServiceService>],
    [
      reaction.ReactionServiceService,
      {
        addReaction: (request) => reactions.add(request),
        deleteReaction: (request) => reactions.delete(request),
        listReactions: (request) => reactions.list(request),
        getReaction: (request) => reactions.detail(request),
      } satisfies RpcImplementation<typeof reaction.ReactionServiceService>,
    ],
  ];
}
