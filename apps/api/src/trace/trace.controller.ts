import { Controller, Inject } from '@nestjs/common';
import type { trace } from '@parley/contracts';
import { z } from 'zod';
import { type Call, tenantOf, TheCall } from '../http/call.js';
import type { EnvelopeFields } from '../http/envelope.interceptor.js';
import { Operation } from '../http/operation.js';
import { readMessageId } from '../message/message-id.js';
import { TRACE_CLIENT, type TraceClient } from './trace.client.js';

const step = z.object({
  step: z.enum(['accepted', 'stored', 'published', 'pushed', 'pulled', 'acknowledged', 'delivered', 'read', 'edited', 'recalled', 'expired', 'removed']),
  at: z.number().nullable().describe('Milliseconds since 1970; null when nobody noted it'),
  at_latest: z.boolean().describe('true: it was then at the latest'),
  user: z.string().optional(),
  device: z.string().optional(),
});
const traceAnswer = z.object({
  data: z.object({ msg_id: z.string(), from: z.string(), to: z.string(), seq: z.number(), steps: z.array(step) }),
});

/** What became of a message. */
@Controller()
export class TraceController {
  constructor(@Inject(TRACE_CLIENT) private readonly traces: TraceClient) {}

  @Operation('GET', '/messages/:messageId/trace', {
    summary: 'What became of a message: stored, published, pushed, pulled, acknowledged, read, changed',
    access: ['app'],
    answer: traceAnswer,
    errors: ['trace_not_found'],
  })
  async trace(@TheCall() call: Call): Promise<EnvelopeFields> {
    const { messageId: id } = call.params;
    const messageId = readMessageId(id, 'trace_not_found', { id: (id ?? '').slice(0, 32) });
    const { from, to, seq, steps } = await this.traces.traceMessage({ tenant: tenantOf(call), messageId });
    return { data: { msg_id: String(messageId), from, to, seq: Number(seq), steps: steps.map(shown) } };
  }
}

function shown(one: trace.TraceStep) {
  return {
    step: one.step,
    at: one.atMs === 0n ? null : Number(one.atMs),
    at_latest: one.atLatest,
    ...(one.user === '' ? {} : { user: one.user }),
    ...(one.device === '' ? {} : { device: one.device }),
  };
}
