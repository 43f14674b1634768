import type { history } from '@parley/contracts';
import { ContentType, readBodyParts, readMetaParts, SubType } from '@parley/msync';
import { idAt } from '../retention/retention.rules.js';

/** Rows read for one page at most: a conversation of nothing but receipts must not be read through in one request. */
export const MOST_ROWS_READ = 2_000;
const PAGE = { default: 20, most: 50 };

/** A range of ids without its ends, and how to walk it. */
export interface Walk {
  readonly after: bigint;
  readonly before: bigint;
  readonly forward: boolean;
  readonly limit: number;
}

const NO_BOUND = 2n ** 63n - 1n;

/** Where a page lies. Pure. @param floor the smallest id to be seen */
export function walkOf(request: Pick<history.FetchHistoryRequest, 'cursor' | 'forward' | 'limit' | 'startMs' | 'endMs'>, floor: bigint): Walk {
  let after = floor - 1n;
  let before = NO_BOUND;
  if (request.startMs > 0n) after = max(after, idAt(Number(request.startMs)) - 1n);
  if (request.endMs > 0n) before = min(before, idAt(Number(request.endMs) + 1));
  if (request.cursor > 0n && request.cursor <= NO_BOUND) {
    if (request.forward) after = max(after, request.cursor);
    else before = min(before, request.cursor);
  }
  return { after, before, forward: request.forward, limit: Math.min(request.limit || PAGE.default, PAGE.most) };
}

/** Types as rows have them, for types that were asked for: a merged forward is stored as text. Pure. */
export function storedTypes(asked: readonly number[]): number[] {
  return asked.includes(ContentType.COMBINE) && !asked.includes(ContentType.TEXT) ? [...asked, ContentType.TEXT] : [...asked];
}

/** Whether a row of the stored types is of those that were asked for. Pure. @throws MalformedFrame */
export function isOfTypes(asked: readonly number[], { bodyType, meta }: { readonly bodyType: number; readonly meta: Uint8Array }): boolean {
  const type = bodyType & 15;
  if (type !== ContentType.TEXT || asked.length === 0) return true;
  const [text, merged] = [asked.includes(ContentType.TEXT), asked.includes(ContentType.COMBINE)];
  if (text && merged) return true;
  const isMerged = readBodyParts(readMetaParts(meta).payload).subType === SubType.COMBINE;
  return isMerged ? merged : text;
}

function max(a: bigint, b: bigint): bigint {
  return a > b ? a : b;
}

function min(a: bigint, b: bigint): bigint {
  return a < b ? a : b;
}
