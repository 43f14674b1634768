import { z } from 'zod';
import { fails } from '../http/parse.js';
import { messageId } from '../message/message-id.js';

const REACTION_MAX_LENGTH = 128;

/** Counted in characters, not in halves of them. */
const reaction = z
  .string()
  .min(1)
  .refine((text) => [...text].length <= REACTION_MAX_LENGTH, `at most ${REACTION_MAX_LENGTH} characters`)
  // What is no text, or would not survive on the way to devices.
  .refine((text) => !/[\p{Cs}\p{Cc}]/u.test(text), 'is no text');

export const addReaction = z.object({ msgId: messageId, message: reaction.describe('The reaction, an emoji say') });
export const deleteReaction = z.object({ msgId: z.string(), message: reaction });
export const listReactions = z.object({
  msgIdList: z.string().min(1).describe('Up to 20 ids, separated by commas'),
  msgType: z.enum(['chat', 'groupchat']).default('chat'),
  groupId: z.string().optional(),
});
const page = z.coerce.number({ error: fails('reaction_page_exceeded') }).int().min(1, fails('reaction_page_exceeded')).max(50, fails('reaction_page_exceeded'));
export const reactionDetail = z.object({
  msgId: z.string(),
  message: reaction,
  limit: page.optional().describe('1 to 50, default 50'),
  cursor: z.string().optional(),
  pageSize: page.optional().describe('As limit, for SDKs'),
  currentPage: z.string().optional().describe('As cursor, for SDKs'),
});

const summary = z.object({
  reactionId: z.string(),
  reaction: z.string(),
  count: z.number(),
  state: z.boolean().describe('The user of the path is one of those'),
  userList: z.array(z.string()).describe('The first three'),
});
const reduced = { requestStatusCode: z.literal('ok'), timestamp: z.number() };
export const addReactionAnswer = z.object({
  ...reduced,
  data: z.object({
    id: z.string(),
    msgId: z.string(),
    msgType: z.string(),
    groupId: z.null(),
    reaction: z.string(),
    createdAt: z.number(),
    updatedAt: z.number(),
  }),
});
export const deleteReactionAnswer = z.object(reduced);
export const listReactionsAnswer = z.object({ ...reduced, data: z.array(z.object({ msgId: z.string(), reactionList: z.array(summary) })) });
export const reactionDetailAnswer = z.object({ ...reduced, data: summary.extend({ cursor: z.string().optional() }) });
