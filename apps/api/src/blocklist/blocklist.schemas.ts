import { z } from 'zod';
import { checkList, device } from '../contact/contact.schemas.js';
import { text } from '../history/query-values.js';
import { userAnswer } from '../user/user.schemas.js';

export { checkList, device };

const PAGE_MAX = 50;
/** As many as are answered without paging. */
export const ALL_MOST = 500;

export const blockedUsers = z.object({ usernames: z.array(z.string().min(1)).min(1).max(500).describe('1 to 500') });

/** Without paging arguments the latest 500; `pageSize` is bounded rather than refused. */
export const page = z.object({
  pageSize: z
    .unknown()
    .optional()
    .transform((value) => {
      const size = Number([value].flat()[0] ?? 0);
      return Number.isFinite(size) && size !== 0 ? Math.min(Math.max(Math.trunc(size), 1), PAGE_MAX) : undefined;
    })
    .meta({ type: 'integer', minimum: 1, maximum: PAGE_MAX }),
  cursor: text.describe('From the previous page; absent for the first.'),
});
export const PAGE_DEFAULT = 10;

export const pageAnswer = z.object({
  data: z.array(z.string()).describe('The latest first'),
  count: z.int(),
  cursor: z.string().optional().describe('Absent on the last page'),
  params: z.record(z.string(), z.array(z.string())),
});
export const blockAnswer = z.object({ data: z.array(z.string()) });
export const unblockAnswer = userAnswer.extend({ data: z.array(z.string()).optional() });
export const checkAnswer = z.object({ entities: z.array(z.object({ username: z.string(), relation: z.enum(['blacklist', 'not_blacklist']) })) });
