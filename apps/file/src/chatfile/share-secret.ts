import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';

/** A secret that opens one file. Only its hash is kept: it is long and random, so a fast hash is enough. */
export function makeShareSecret(): { secret: string; hash: Buffer } {
  const secret = randomBytes(24).toString('base64url');
  return { secret, hash: hashOf(secret) };
}

/** Takes the same time whatever the secret is. */
export function isShareSecret(given: string, hash: Buffer): boolean {
  return timingSafeEqual(hashOf(given), hash);
}

function hashOf(secret: string): Buffer {
  return createHash('sha256').update(secret).digest();
}
