import { z } from 'zod';

const FOREVER_MOST = 2_147_483_647;
const PAGE_MAX = 50;
const PAGES_MAX = 20_000;

const seconds = z.int().min(-1).max(FOREVER_MOST).optional().describe('More than 0 mutes for so many seconds, 0 unmutes, -1 mutes for ever');
export const newMutes = z
  .object({ username: z.string().default(''), chat: seconds, groupchat: seconds, chatroom: seconds })
  .refine((one) => one.chat !== undefined || one.groupchat !== undefined || one.chatroom !== undefined, 'one of chat, groupchat and chatroom is needed');
export const mutesPage = z.object({
  pageNum: z.coerce.number().int().min(1).max(PAGES_MAX).default(1),
  pageSize: z.coerce.number().int().min(1).max(PAGE_MAX).default(10),
});

const left = z.int().describe('Seconds that are left; 0 = none, -1 = for ever');
export const setAnswer = z.object({ data: z.object({ result: z.literal('ok') }) });
export const mutesAnswer = z.object({
  data: z.object({ userid: z.string().describe('{org}#{app}_{username}'), chat: left, groupchat: left, chatroom: left, unixtime: z.int().describe('Seconds since 1970') }),
});
export const mutesListAnswer = z.object({
  data: z.object({
    data: z.array(z.object({ username: z.string(), chat: left.optional(), groupchat: left.optional(), chatroom: left.optional() })),
    unixtime: z.int().describe('Seconds since 1970'),
  }),
});
