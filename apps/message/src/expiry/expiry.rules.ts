import { decodeKeyValues, readBodyParts } from '@parley/msync';
import type { Expiry } from '../send/outgoing.js';

/** Keys of a message's ext by which its sender gives it a time to live. */
export const TTL_KEY = 'parley_ttl';
export const FROM_KEY = 'parley_ttl_from';
const TTL_BYTES = Buffer.from(TTL_KEY);

/** Whether a body may have a time to live: a glance, since nearly none has. */
export function mayExpire(payload: Uint8Array): boolean {
  return Buffer.from(payload.buffer, payload.byteOffset, payload.byteLength).includes(TTL_BYTES);
}

/**
 * The time to live that a message's ext asks for. Pure.
 * @returns undefined: none is asked for; 'invalid': no whole number of seconds within the bound, or an unknown beginning
 * @throws MalformedFrame
 */
export function readExpiry(payload: Uint8Array, mostSeconds: number): Expiry | 'invalid' | undefined {
  const ext = decodeKeyValues(readBodyParts(payload).ext);
  if (!Object.hasOwn(ext, TTL_KEY)) return undefined;
  const ttl = ext[TTL_KEY];
  const from = Object.hasOwn(ext, FROM_KEY) ? ext[FROM_KEY] : 'send';
  if (typeof ttl !== 'number' || !Number.isSafeInteger(ttl) || ttl < 1 || ttl > mostSeconds) return 'invalid';
  if (from !== 'send' && from !== 'read') return 'invalid';
  return { ttlSeconds: ttl, fromRead: from === 'read' };
}
