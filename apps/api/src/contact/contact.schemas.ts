import { z } from 'zod';
import { text } from '../history/query-values.js';
import { fails } from '../http/parse.js';
import { userAnswer } from '../user/user.schemas.js';

const PAGE_DEFAULT = 10;
const PAGE_MAX = 50;
const names = (most: number) => z.array(z.string().min(1)).min(1).max(most).describe(`1 to ${most}`);

export const flag = text.transform((value) => value === 'true').meta({ type: 'boolean', default: false });

export const device = z.object({ resource: z.string().optional().describe('The device that acts: it needs no news') });
export const newContacts = z.object({
  usernames: names(10),
  reason: z.string().nullish().transform((value) => value ?? '').describe('Shown to the invited; cut to 1024 characters'),
});
export const newRemark = z.object({ remark: z.string().describe('At most 100 characters; empty = none') });
export const importedContacts = z.object({ usernames: names(10) });
export const importQuery = z.object({ isSendNotice: flag.describe('Tell the devices of both') });
export const checkList = z.object({ username: z.string().min(1), check_list: names(100) });

export const page = z.object({
  limit: text
    .transform((value) => (value === '' ? PAGE_DEFAULT : Number(value)))
    .pipe(z.int().min(1).max(PAGE_MAX, fails('contact_page_too_large')))
    .meta({ type: 'integer', minimum: 1, maximum: PAGE_MAX, default: PAGE_DEFAULT }),
  cursor: text.describe('From the previous page; absent for the first.'),
  needReturnRemark: flag,
});

export const contactAnswer = userAnswer;
export const invitedAnswer = userAnswer.extend({ data: z.array(z.string()).describe('Those who are asked') });
export const okAnswer = z.object({ status: z.literal('ok') });
const contact = z.object({ username: z.string(), remark: z.string().nullable() });
export const pageAnswer = okAnswer.extend({
  data: z.object({ contacts: z.array(contact), count: z.int(), cursor: z.string().optional().describe('Absent on the last page') }),
  cursor: z.string().optional().describe('The same'),
  params: z.record(z.string(), z.array(z.string())),
});
export const allAnswer = z.object({ data: z.array(z.string()), entities: z.array(contact), count: z.int() });
export const importAnswer = okAnswer.extend({
  data: z.object({ success: z.array(z.string()), UnKnowFailed: z.array(z.string()), NotExistFailed: z.array(z.string()), maxLimitFailed: z.array(z.string()) }),
});
export const checkAnswer = z.object({ entities: z.array(z.object({ username: z.string(), relation: z.enum(['friend', 'not_friend']) })) });
