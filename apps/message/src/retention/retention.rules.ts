import { ID_EPOCH_MS } from '@parley/kernel';

const DAY_MS = 86_400_000;

/** Beginning of the first day that is kept, in milliseconds since 1970. Whole days, so that it moves once a day. */
export function keptSinceMs(historyDays: number, nowMs: number): number {
  return (Math.floor(nowMs / DAY_MS) - historyDays) * DAY_MS;
}

/** The smallest id of that moment; 0 before ids began. */
export function idAt(ms: number): bigint {
  return ms <= ID_EPOCH_MS ? 0n : BigInt(ms - ID_EPOCH_MS) << 22n;
}
