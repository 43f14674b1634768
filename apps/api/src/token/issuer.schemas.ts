import { z } from 'zod';

const issuer = z.string({ error: 'must be provided' }).min(1, 'must be provided').max(512).regex(/^[^\u0000-\u001f\ud800-\udfff]*$/u, 'has a character that no issuer has').describe('As in the claim iss');

const fields = {
  issuer,
  audiences: z.array(z.string().min(1).max(512)).min(1).max(10).describe('One of them must be in the claim aud'),
  jwks_url: z.url().max(512).optional().describe('Where its keys are: https, on a public server'),
  jwks: z.object({ keys: z.array(z.looseObject({ kty: z.string() })).min(1).max(50) }).optional().describe('Its keys, in place of an address'),
  username_claim: z.string().min(1).max(128).default('sub').describe('Which claim names the user'),
  auto_create: z.boolean().default(false).describe('Make users who are missing'),
};

export const issuerBody = z.object(fields);
export const issuerRef = z.object({ issuer });
export const issuerAnswer = z.object({ data: issuerBody });
export const issuersAnswer = z.object({ data: z.array(issuerBody), count: z.int() });
export const removedAnswer = z.object({ data: z.object({ result: z.literal(true) }) });
