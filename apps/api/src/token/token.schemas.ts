import { z } from 'zod';

const ttl = z.coerce.number().int().min(0).max(2_147_483_647).optional().describe('Seconds; 0 = never expires; absent = the app\'s setting.');

/** Fields whose absence has its own error are optional here. */
export const tokenRequest = z.object({
  grant_type: z.string().max(64).optional().describe('client_credentials, password or inherit'),
  client_id: z.string().max(256).optional(),
  client_secret: z.string().max(256).optional(),
  username: z.string().max(256).optional(),
  password: z.string().max(256).optional(),
  autoCreateUser: z.boolean().optional().describe('inherit: create the user if missing'),
  ttl,
});
