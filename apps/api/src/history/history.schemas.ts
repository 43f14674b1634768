import { z } from 'zod';
import { text } from './query-values.js';

const MAX_TIME = 8_640_000_000_000_000;
const millis = z
  .unknown()
  .optional()
  .transform((value) => (typeof value === 'number' && value > 0 && value <= MAX_TIME ? BigInt(Math.trunc(value)) : 0n))
  .meta({ type: 'integer', description: 'Milliseconds since 1970' });

/** Of both forms: the older one has queue, start and end alone. */
export const fetchHistory = z.object({
  queue: z.string().min(1).describe('name@easemob.com, or name@conference.easemob.com for a group'),
  start: text.describe('next_key of the last page, or the id of a message; -1 = from the end'),
  end: z.unknown().optional().describe('Ignored'),
  pull_number: z
    .unknown()
    .optional()
    .transform((value) => (typeof value === 'number' && Number.isFinite(value) ? Math.min(Math.max(Math.trunc(value), 1), 50) : 20))
    .meta({ type: 'integer', minimum: 1, maximum: 50, default: 20 }),
  is_positive: z
    .unknown()
    .optional()
    .transform((value) => value === true)
    .meta({ type: 'boolean', default: false, description: 'true: towards newer messages' }),
  msgType: text.describe('Comma list of txt, img, audio, video, file, loc, custom, combine; empty = all. Commands are in no history'),
  startTime: millis,
  endTime: millis,
  userId: text.describe('Messages of this sender alone'),
});

export const historyAnswer = z.object({
  data: z.object({
    msgs: z.array(z.object({ msg: z.string().describe('base64 of an encoded Meta'), msg_id: z.string() })),
    next_key: z.string().describe('Empty on the last page'),
    is_last: z.boolean(),
  }),
});

export const removeByIds = z.object({ userId: text, groupId: text, msgIdList: text.describe('At most 50, separated by commas'), isNotify: text, resource: text });
export const removeUpTo = z.object({ userId: text, groupId: text, delTime: text.describe('Milliseconds since 1970, included'), isNotify: text, resource: text });
export const removeAll = z.object({ isNotify: text, resource: text });
export const roamingAnswer = z.object({ requestStatusCode: z.literal('ok'), timestamp: z.int() });

export const messageObjectAnswer = z.object({
  data: z.object({
    id: z.string(),
    state: z.enum(['stored', 'recalled', 'removed', 'expired']),
    from: z.string(),
    to: z.string(),
    timestamp: z.int().describe('Milliseconds since 1970'),
    edits: z.int(),
    payload: z.record(z.string(), z.unknown()).nullable().describe('null when the message was taken away'),
  }),
});
