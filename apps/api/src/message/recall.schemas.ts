import { z } from 'zod';
import { fails } from '../http/parse.js';

const BATCH_LIMIT = 30;
const EXTENSION_MAX_LENGTH = 1_024;

const needed = (code: 'recall_id_empty' | 'recall_to_empty' | 'recall_chat_type_empty') => z.string({ error: fails(code) }).min(1, fails(code));

export const recallOne = z.object({
  msg_id: z
    .union([z.string(), z.number()], { error: fails('recall_id_empty') })
    .refine((id) => id !== '', fails('recall_id_empty'))
    .describe('Decimal message id, as text or number'),
  to: needed('recall_to_empty').describe('One side of the conversation'),
  chat_type: needed('recall_chat_type_empty').describe('chat (others are answered that `to` is not known)'),
  from: z.string().min(1).default('admin').describe('Who is shown as the one who recalled'),
  force: z.boolean({ error: fails('recall_force_empty') }).describe('true: whatever its age'),
  sync_device: z.boolean().default(true).describe("The sender's own devices learn of it, too"),
  recallMessageExtensionInfo: z.string().max(EXTENSION_MAX_LENGTH).default('').describe('Handed to the application'),
});
export type RecallOne = z.output<typeof recallOne>;

export const recallBatch = z.object({
  msgs: z.array(recallOne).min(1, fails('recall_id_empty')).max(BATCH_LIMIT, fails('recall_batch_too_large', { limit: String(BATCH_LIMIT) })),
});

/** `force` need not be given. */
const recallLegacyOne = recallOne.extend({ force: z.boolean().default(false) });
export const recallLegacy = z.object({
  msgs: z.array(recallLegacyOne).min(1, fails('recall_id_empty')).max(BATCH_LIMIT, fails('recall_batch_too_large', { limit: String(BATCH_LIMIT) })),
});

const outcome = z.object({
  recalled: z.enum(['yes', 'no']),
  msg_id: z.string(),
  from: z.string(),
  to: z.string(),
  chattype: z.string(),
  error: z.string().optional().describe('Of those that were not recalled: why'),
});
export const recallAnswer = z.object({ data: outcome });
export const recallBatchAnswer = z.object({ data: z.array(outcome) });
export const recallLegacyAnswer = z.object({ data: z.object({ msgs: z.array(outcome) }) });
