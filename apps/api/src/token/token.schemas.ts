import { z } from 'zod';
import { fails } from '../http/parse.js';
import { userAnswer } from '../user/user.schemas.js';

const TTL_MAX_SECONDS = 2_147_483_647;

/** Absent, null or empty never means "for ever": only a 0 does. */
const ttl = z
  .union([z.int().min(0).max(TTL_MAX_SECONDS), z.string().regex(/^\d{1,10}$/)], { error: 'a number of seconds' })
  .nullish()
  .transform((value) => (value === null || value === undefined ? undefined : BigInt(value)))
  .describe("Seconds; 0 = never expires; absent = the app's setting.");
const username = z.string({ error: 'must be provided' }).min(1, 'must be provided');

const appToken = z.object({
  grant_type: z.literal('client_credentials'),
  client_id: z.string(fails('client_id_required')).min(1, fails('client_id_required')),
  client_secret: z.string(fails('client_secret_required')).min(1, fails('client_secret_required')),
  ttl,
});
const byPassword = z.object({
  grant_type: z.literal('password'),
  username,
  password: z.string(fails('invalid_password')).min(1, fails('invalid_password')),
  ttl,
});
const byName = z.object({
  grant_type: z.literal('inherit'),
  username,
  autoCreateUser: z.boolean().nullish().describe('Create the user if missing; default false.'),
  ttl,
});

const byAccessToken2 = z.object({ grant_type: z.literal('agora').describe('For the AccessToken2 in the Authorization header') });

export const tokenRequest = z.discriminatedUnion('grant_type', [appToken, byPassword, byName, byAccessToken2], {
  error: ({ input }) => {
    const asked = (input as { grant_type?: unknown } | null | undefined)?.grant_type;
    return fails('grant_type_unsupported', { grantType: typeof asked === 'string' ? asked.slice(0, 64) : '' });
  },
});

export const tokenAnswer = z.object({
  access_token: z.string(),
  expires_in: z.int().describe('Seconds'),
  expire_timestamp: z.int().optional().describe('With grant agora: milliseconds since 1970'),
  application: z.uuid(),
  user: userAnswer.shape.entities.element.optional().describe('With a user token'),
});

export const validityRequest = z.object({ token: z.string({ error: 'must be provided' }).min(1, 'must be provided') });
export const validityAnswer = z.object({ data: z.object({ invalid: z.boolean() }) });
