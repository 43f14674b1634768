import type { history } from '@parley/contracts';
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

function max(a: bigint, b: bigint): bigint {
  return a > b ? a : b;
}

function min(a: bigint, b: bigint): bigint {
  return a < b ? a : b;
}
