import { z } from 'zod';
import { userAnswer } from '../../user/user.schemas.js';
import { line } from '../admin.schemas.js';

const FOREVER_MOST = 2_147_483_647;
const PAGE_DEFAULT = 20;
const PAGE_MAX = 50;

export const user = userAnswer.shape.entities.element;
const seconds = z.int().describe('Seconds that are left; 0 = none, -1 = for ever');
export const mutes = z.object({ chat: seconds, groupchat: seconds, chatroom: seconds });
export const person = user.extend({
  online: z.boolean(),
  devices: z.array(z.object({ resource: z.string(), device_name: z.string() })).describe('Those that are signed in'),
  mutes,
});

export const newActivation = z.object({ activated: z.boolean() });
const newSeconds = z.int().min(-1).max(FOREVER_MOST).optional().describe('More than 0 mutes for so many seconds, 0 unmutes, -1 mutes for ever');
export const newMutes = z
  .object({ chat: newSeconds, groupchat: newSeconds, chatroom: newSeconds })
  .refine((one) => Object.values(one).some((value) => value !== undefined), 'one of chat, groupchat and chatroom is needed');
export const recalled = z.object({ reason: line.max(200).default('').describe('For the audit log') });

export const conversation = z.object({
  peer: z.string().min(1).max(64).describe('The other user'),
  limit: z.coerce.number().int().min(1).max(PAGE_MAX).default(PAGE_DEFAULT),
  cursor: z.string().regex(/^\d{0,19}$/, 'not one of this list').default('').describe('From the previous page; absent for the newest'),
});
export const message = z.object({
  message_id: z.string(),
  from: z.string(),
  to: z.string(),
  at_ms: z.int().describe('Milliseconds since 1970'),
  payload: z.unknown().describe('bodies and ext, as the REST API shows them'),
});
export const foundMessage = message.extend({
  state: z.enum(['stored', 'recalled', 'removed', 'expired']),
  edits: z.int(),
  payload: z.unknown().describe('null when nothing of it is left'),
});
export const done = z.object({ done: z.literal(true) });
