import { z } from 'zod';
import { fails } from '../http/parse.js';

const MOST_TARGETS = 100;
const EXPIRY_MOST_SECONDS = 2_592_000;
const MOST_LISTED = 500;
const PAGES_MAX = 100_000;

export const publication = z.object({ ext: z.string(fails('presence_ext_missing')).describe('At most 1024 bytes') });
export const publicationPath = z.object({ resource: z.string(), status: z.coerce.number().int().min(0).max(2_147_483_647) });
export const subscriptionPath = z.object({ expiry: z.coerce.number().int().min(1).max(EXPIRY_MOST_SECONDS) });

export const subscription = z.object({
  usernames: z
    .array(z.string(), fails('presence_targets_empty'))
    .min(1, fails('presence_targets_empty'))
    .max(MOST_TARGETS, fails('presence_too_many_targets')),
});
export const presenceQuery = z.object({
  usernames: z.array(z.string(), fails('presence_targets_empty')).min(1, fails('presence_targets_empty')).max(MOST_TARGETS, fails('presence_too_many_queried')),
});

const names = z.array(z.string(), fails('presence_unsubscribe_missing')).max(MOST_TARGETS, fails('presence_too_many_unsubscribed'));
/** SDKs send the bare array, the vendor's page names it. */
export const unsubscription = z.preprocess((body) => (Array.isArray(body) ? { users: body } : named(body)), z.object({ users: names }));
function named(body: unknown): unknown {
  const { users, usernames } = (body ?? {}) as { users?: unknown; usernames?: unknown };
  return { users: users ?? usernames };
}

export const sublistPage = z.object({
  pageNum: z.coerce.number().int().min(1).max(PAGES_MAX).default(1),
  pageSize: z.coerce.number().int().min(1).max(MOST_LISTED).default(20),
});

export const doneAnswer = z.object({ result: z.literal('ok') });
const seconds = z.string().describe('Seconds since 1970');
export const statesAnswer = z.object({
  result: z.array(
    z.object({
      uid: z.string(),
      last_time: seconds,
      expiry: seconds.optional().describe('When your subscription ends; absent when there is none'),
      ext: z.string(),
      status: z.record(z.string(), z.string()).describe('By device: 0 away, 1 there, others as published'),
    }),
  ),
});
export const sublistAnswer = z.object({
  result: z.object({ totalnum: z.string(), sublist: z.array(z.object({ uid: z.string(), expiry: seconds })) }),
});
