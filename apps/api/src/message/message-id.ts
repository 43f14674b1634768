import { DomainError, type ErrorCode } from '@parley/errors';
import { randomBytes, createHash } from 'node:crypto';
import { z } from 'zod';
import { type Call, tenantOf } from '../http/call.js';

const MOST = 2n ** 63n - 1n;
const KEY_MAX_LENGTH = 255;

/** An id in a body: text, or a number (which the reader of bodies keeps exact). */
export const messageId = z.union([z.string(), z.number()], { error: 'must be a decimal message id' }).describe('Decimal message id, as text or number');

/** Header of calls whose repetition is answered like the first. */
export const IDEMPOTENCY_HEADER = { 'Idempotency-Key': 'A repeated call with the same key is answered like the first. 1 to 255 characters' } as const;

/** @throws DomainError `otherwise` when it is not the decimal number of a message */
export function readMessageId(value: string | number | undefined, otherwise: ErrorCode, params: Readonly<Record<string, string>> = {}): bigint {
  const text = String(value);
  if (!/^\d{1,19}$/.test(text)) throw new DomainError(otherwise, params);
  const id = BigInt(text);
  if (id < 1n || id > MOST) throw new DomainError(otherwise, params);
  return id;
}

/** Names an act: the same for the same key, app and subject; without a key it is new. @throws DomainError illegal_argument */
export function actId(call: Call, subject: string): bigint {
  const key = call.headers['idempotency-key'];
  if (key === undefined) return randomBytes(8).readBigUInt64BE();
  if (typeof key !== 'string' || key === '' || key.length > KEY_MAX_LENGTH) {
    throw new DomainError('illegal_argument', { detail: `Idempotency-Key must have 1 to ${KEY_MAX_LENGTH} characters` });
  }
  return createHash('sha256').update(`${tenantOf(call).appId}|${key}|${subject}`).digest().readBigUInt64BE();
}
