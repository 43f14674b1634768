import { z } from 'zod';
import { fails } from '../http/parse.js';

/** Lengths and characters have errors of their own in the user service. */
export const newUser = z.object({
  username: z.string().default('').describe('1 to 64 of a-z 0-9 _ - . , case-insensitive'),
  password: z.string().nullish().transform((value) => value ?? '').describe('1 to 64 characters'),
  nickname: z.string().nullish().transform((value) => value ?? '').describe('At most 100 characters'),
});
export const newUsers = z.array(newUser).min(1).describe('1 to 60');
export const registration = z.union([newUser, newUsers]);

const PAGE_DEFAULT = 10;
const PAGE_MAX = 100;

/** Clients write unset values out as the text "undefined", and have no use for an error about a page. */
export const page = z.object({
  limit: z
    .unknown()
    .optional()
    .transform((value) => {
      const limit = Number([value].flat()[0] || PAGE_DEFAULT);
      return Number.isFinite(limit) ? Math.min(Math.max(Math.trunc(limit), 1), PAGE_MAX) : PAGE_DEFAULT;
    })
    .meta({ type: 'integer', minimum: 1, maximum: PAGE_MAX, default: PAGE_DEFAULT }),
  cursor: z
    .unknown()
    .optional()
    .transform((value) => {
      const [cursor] = [value].flat();
      return typeof cursor === 'string' && cursor !== 'undefined' && cursor !== 'null' ? cursor : '';
    })
    .meta({ type: 'string', description: 'From the previous page; absent for the first.' }),
});

export const newPassword = z.object({ newpassword: z.string(fails('new_password_required')).min(1, fails('new_password_required')) });

export const userAnswer = z.object({
  entities: z.array(
    z.object({
      uuid: z.uuid(),
      type: z.literal('user'),
      created: z.int().describe('Milliseconds since 1970'),
      modified: z.int().describe('Milliseconds since 1970'),
      username: z.string(),
      activated: z.boolean(),
      nickname: z.string().optional(),
    }),
  ),
});
export const oneUserAnswer = userAnswer.extend({ count: z.int() });
export const pageAnswer = oneUserAnswer.extend({
  cursor: z.string().optional().describe('Absent on the last page'),
  params: z.record(z.string(), z.array(z.string())),
});
export const registrationAnswer = userAnswer.extend({
  data: z.array(z.object({ username: z.string(), registerUserFailReason: z.string() })).optional().describe('Those of an array that were not registered'),
});
