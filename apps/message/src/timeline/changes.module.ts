import type { INestApplicationContext } from '@nestjs/common';
import { AppSettingsDirectory } from '@parley/app-settings';
import { Bus } from '@parley/bus';
import { edit, reaction, recall, trace } from '@parley/contracts';
import { provide, type RpcImplementation, type RpcService } from '@parley/rpc';
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

/** Wiring of what happens to a message after it was sent. */
export function changeProviders(config: { rememberDays: number; expirySweepMs: number }) {
  return [
    provide(ReceiptCheck, [pg.Pool]),
    provide(
      Timelines,
      [pg.Pool, Deliveries, Bus],
      (pool, deliveries, bus) => new Timelines(pool, deliveries, bus, config.rememberDays),
    ),
    provide(RecallService, [Timelines, ConversationStore, UserDirectory, AppSettingsDirectory]),
    provide(EditService, [Timelines, ConversationStore, AppSettingsDirectory]),
    provide(ExpirySweep, [pg.Pool, Timelines], (pool, timelines) => new ExpirySweep(pool, timelines, config.expirySweepMs)),
    provide(TraceMarks, [pg.Pool, AppSettingsDirectory]),
    provide(
      TraceService,
      [pg.Pool, AppSettingsDirectory],
      (pool, settings) => new TraceService(new TraceStore(pool), settings),
    ),
    provide(ReactionStore, [pg.Pool]),
    provide(ReactionService, [ReactionStore, Timelines, ConversationStore, AppSettingsDirectory]),
  ];
}

/** What is answered of it over gRPC. */
export function changeRpc(parts: INestApplicationContext): RpcService[] {
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
