const DEFAULT = 20;
const MOST = 100;

/** Size of a page: 1 to 100; 20 when it is not said. */
export function pageSize(asked: number): number {
  return Number.isInteger(asked) && asked >= 1 ? Math.min(asked, MOST) : DEFAULT;
}

/** From rows read with one more than the page: the page, and the cursor behind it. */
export function pageOf<T>(rows: readonly T[], size: number, keyOf: (row: T) => string): { page: T[]; nextCursor: string } {
  const page = rows.slice(0, size);
  return { page, nextCursor: rows.length > size ? Buffer.from(keyOf(page.at(-1)!)).toString('base64url') : '' };
}

/** The key after which to go on; undefined for the first page and for what is no cursor. */
export function afterCursor(cursor: string): string | undefined {
  if (cursor === '' || cursor.length > 512) return undefined;
  const text = Buffer.from(cursor, 'base64url').toString('utf8');
  return text === '' || text.includes('\u0000') ? undefined : text;
}
