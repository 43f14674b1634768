import { z } from 'zod';

/** As many as a quarter has at most. */
const DAYS_MOST = 92;
const DAY_MS = 86_400_000;

const date = z.iso.date().refine((day) => day >= '2000-01-01' && day <= '2999-12-31', 'must be from 2000-01-01 to 2999-12-31');

export const usageRange = z
  .object({ from: date.describe('First day (UTC), YYYY-MM-DD'), to: date.describe('Last day (UTC), YYYY-MM-DD') })
  .refine(({ from, to }) => from <= to, { path: ['to'], message: 'must not be before from' })
  .refine(({ from, to }) => (Date.parse(to) - Date.parse(from)) / DAY_MS < DAYS_MOST, { path: ['to'], message: `at most ${DAYS_MOST} days` });

/** Types of messages by their number on the wire. */
export const MESSAGE_TYPES = ['txt', 'img', 'video', 'loc', 'audio', 'file', 'cmd', 'custom', 'combine'] as const;

const count = z.int().min(0);
const day = z.object({
  day: z.string(),
  registered_users: count.nullable().describe('At the last look of the day; null when nobody looked'),
  active_users: count.describe('Users who opened a session'),
  peak_connections: count.describe('Most devices that were signed in at one look; there is one each minute'),
  messages: z.record(z.string(), count).describe('Stored messages by type'),
  messages_total: count,
});

export const usageAnswer = z.object({
  data: z.object({
    registered_users: count.describe('Now'),
    attachments: z.object({ files: count, bytes: count }).describe('Now'),
    days: z.array(day),
    months: z.array(z.object({ month: z.string(), active_users: count })).describe('Each month (UTC) that the range touches, as a whole'),
  }),
});
