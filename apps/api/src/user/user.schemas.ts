import { z } from 'zod';
import { pageSize, text } from '../history/query-values.js';
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
const cursor = text.describe('From the previous page; absent for the first.');

export const page = z.object({ limit: pageSize(PAGE_DEFAULT, PAGE_MAX), cursor });
/** A mistake here must not delete anybody. */
export const deletedPage = z.object({
  limit: text
    .transform((value) => (value === '' ? PAGE_DEFAULT : Number(value)))
    .pipe(z.int().min(1).max(PAGE_MAX))
    .meta({ type: 'integer', minimum: 1, maximum: PAGE_MAX, default: PAGE_DEFAULT }),
  cursor,
});

export const newPassword = z.object({ newpassword: z.string(fails('new_password_required')).min(1, fails('new_password_required')) });

const userShape = z.object({
  uuid: z.uuid(),
  type: z.literal('user'),
  created: z.int().describe('Milliseconds since 1970'),
  modified: z.int().describe('Milliseconds since 1970'),
  username: z.string(),
  activated: z.boolean(),
  nickname: z.string().optional(),
});
const profileShape = userShape.extend({
  notification_display_style: z.int().describe('What pushes show: 0 that there is a message, 1 the message'),
  pushInfo: z
    .array(z.object({ device_Id: z.string(), device_id: z.string(), device_token: z.string(), notifier_name: z.string() }))
    .describe('Devices to which pushes go; the device under both names that clients read'),
});

export const userAnswer = z.object({ entities: z.array(userShape) });
export const profileAnswer = z.object({ entities: z.array(profileShape) });
export const oneUserAnswer = profileAnswer.extend({ count: z.int() });
const ofPage = {
  count: z.int(),
  cursor: z.string().optional().describe('Absent on the last page'),
  params: z.record(z.string(), z.array(z.string())),
};
export const pageAnswer = userAnswer.extend(ofPage);
export const profilePageAnswer = profileAnswer.extend(ofPage);
export const registrationAnswer = userAnswer.extend({
  data: z.array(z.object({ username: z.string(), registerUserFailReason: z.string() })).optional().describe('Those of an array that were not registered'),
});
