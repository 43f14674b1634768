import { DomainError } from '@parley/errors';

/** Where the next page begins. Opaque, in characters that need no escaping in a URL. */
export function encodeCursor(lastUserId: bigint): string {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64BE(lastUserId);
  return bytes.toString('base64url');
}

/**
 * The id after which the page begins; without a cursor it is the first one. One that was not made here is refused: whoever
 * walks through all pages would begin anew and never end.
 * @throws DomainError illegal_argument
 */
export function decodeCursor(cursor: string): bigint {
  if (cursor === '') return 0n;
  const value = /^[A-Za-z0-9_-]{11}$/.test(cursor) ? Buffer.from(cursor, 'base64url').readBigUInt64BE() : 2n ** 64n;
  if (value > 0x7fff_ffff_ffff_ffffn) throw new DomainError('illegal_argument', { detail: 'cursor: not one of this list' });
  return value;
}

/** Users of a page: 1 to 100, 10 when nothing is asked for. */
export function pageSize(limit: number): number {
  if (limit === 0) return 10;
  return Math.min(Math.max(limit, 1), 100);
}
