import { createHash, timingSafeEqual } from 'node:crypto';
import { DomainError } from '@parley/errors';
import { z } from 'zod';

/** base64url of "dt-". */
export const DYNAMIC_TOKEN_PREFIX = 'ZHQt';
const MARK = 'dt-';

const seconds = z.union([z.int().min(0), z.string().regex(/^\d{1,12}$/)]).transform(String);
const content = z.object({
  signature: z.string().regex(/^[0-9a-f]{64}$/i),
  appkey: z.string().max(200),
  userId: z.string().min(1).max(256),
  curTime: seconds,
  ttl: seconds,
});

/** What a tenant's server put into a token that it made itself, nothing of it verified. */
export type DynamicToken = z.output<typeof content>;

/** @throws DomainError token_corrupt */
export function readDynamicToken(text: string): DynamicToken {
  const decoded = Buffer.from(text, 'base64url').toString('utf8');
  if (!decoded.startsWith(MARK)) throw new DomainError('token_corrupt');
  try {
    return content.parse(JSON.parse(decoded.slice(MARK.length)));
  } catch {
    throw new DomainError('token_corrupt');
  }
}

/** Whether the signature is that of somebody who has the client secret: SHA-256 over the fields, one after the other. */
export function isSignedBy(token: DynamicToken, clientId: string, clientSecret: string): boolean {
  const { appkey, userId, curTime, ttl } = token;
  const right = createHash('sha256').update(clientId + appkey + userId + curTime + ttl + clientSecret).digest();
  return timingSafeEqual(right, Buffer.from(token.signature, 'hex'));
}
