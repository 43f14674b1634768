import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';

const BYTES = 32;

/**
 * 256 random bits as text: nothing that could be guessed, so a fast hash is enough to keep it by. In hex, because it is typed
 * as an argument of commands, where a word that begins with "-" is an option.
 */
export function randomSecret(): string {
  return randomBytes(BYTES).toString('hex');
}

/** What is stored of such a secret. */
export function digest(secret: string): Uint8Array<ArrayBuffer> {
  return new Uint8Array(createHash('sha256').update(secret).digest());
}

/** The same as text. */
export function digestText(secret: string): string {
  return Buffer.from(digest(secret)).toString('base64url');
}

/** Whether the secret is the one whose digest text is stored. */
export function matchesDigest(secret: string, stored: string): boolean {
  const [given, expected] = [Buffer.from(digestText(secret)), Buffer.from(stored)];
  return given.length === expected.length && timingSafeEqual(given, expected);
}

/** PKCE with S256 (RFC 7636): whether the verifier belongs to the challenge. */
export function matchesChallenge(verifier: string, challenge: string): boolean {
  return /^[A-Za-z0-9._~-]{43,128}$/.test(verifier) && matchesDigest(verifier, challenge);
}
