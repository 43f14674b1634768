import { z } from 'zod';
import { fails } from '../http/parse.js';

const STATUS_BATCH_LIMIT = 100;
const status = z.enum(['online', 'offline']);

export const statusBatch = z.object({ usernames: z.array(z.string()).min(1).max(STATUS_BATCH_LIMIT, fails('status_batch_too_large')) });
export const statusAnswer = z.object({ data: z.record(z.string(), status).describe('The user with his status') });
export const statusBatchAnswer = z.object({ data: z.array(z.record(z.string(), status)).describe('One object with one key for each user') });
export const disconnectAnswer = z.object({ data: z.object({ result: z.boolean() }) });
