import { z } from 'zod';
import { fails } from '../http/parse.js';

const MOST_USERS = 100;
/** Far more than fit into one user's attributes. */
const MOST_KEYS = 1_000;

export const attributesBody = z.record(z.string(), z.string()).describe('Pairs; the keys given replace, the others stay');
export const attributesAnswer = z.object({ data: z.record(z.string(), z.string()) });
export const attributesQuery = z.object({
  targets: z.array(z.string()).min(1).max(MOST_USERS, fails('metadata_batch_too_large', { limit: String(MOST_USERS) })),
  properties: z.array(z.string()).max(MOST_KEYS).default([]).describe('Keys; none = all'),
});
export const attributesOfManyAnswer = z.object({ data: z.record(z.string(), z.record(z.string(), z.string())) });
export const capacityAnswer = z.object({ data: z.int().describe('Bytes') });
export const deletedAnswer = z.object({ data: z.literal(true) });
