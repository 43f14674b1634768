/** Where the next page begins. Opaque, in characters that need no escaping in a URL. */
export function encodeCursor(lastUserId: bigint): string {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64BE(lastUserId);
  return bytes.toString('base64url');
}

/** The user id after which the page begins; a cursor that was not made here begins at the first user. */
export function decodeCursor(cursor: string): bigint {
  if (!/^[A-Za-z0-9_-]{11}$/.test(cursor)) return 0n;
  const value = Buffer.from(cursor, 'base64url').readBigUInt64BE();
  return value > 0x7fff_ffff_ffff_ffffn ? 0n : value;
}

/** Users of a page: 1 to 100, 10 when nothing is asked for. */
export function pageSize(limit: number): number {
  if (limit === 0) return 10;
  return Math.min(Math.max(limit, 1), 100);
}
