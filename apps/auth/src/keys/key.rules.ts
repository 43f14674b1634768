/** Tokens that never expire: the largest integer that every edge can read. */
export const FOR_EVER_MS = Number.MAX_SAFE_INTEGER;
/** Coverage grows in steps, so that signing seldom writes. */
const STEP_MS = 86_400_000;
/** Clocks differ; a key is not dropped, and its private half not erased, at the very moment when it could be. */
const MARGIN_MS = 3_600_000;

export interface KeyTimes {
  kid: string;
  createdAtMs: number;
  signFromMs: number;
  coversUntilMs: number;
  revoked: boolean;
}

export type KeyState = 'waiting' | 'signing' | 'verifying' | 'revoked';

/** The one that signs now: of those whose time has come, the one whose time came last. */
export function signingKey<K extends KeyTimes>(keys: readonly K[], nowMs: number): K | undefined {
  return keys
    .filter((key) => !key.revoked && key.signFromMs <= nowMs)
    .toSorted((a, b) => b.signFromMs - a.signFromMs || (a.kid < b.kid ? -1 : 1))[0];
}

/** The one that is published and does not sign yet. */
export function waitingKey<K extends KeyTimes>(keys: readonly K[], nowMs: number): K | undefined {
  return keys.find((key) => !key.revoked && key.signFromMs > nowMs);
}

export function stateOf(key: KeyTimes, keys: readonly KeyTimes[], nowMs: number): KeyState {
  if (key.revoked) return 'revoked';
  if (key.signFromMs > nowMs) return 'waiting';
  return key.kid === signingKey(keys, nowMs)?.kid ? 'signing' : 'verifying';
}

/** Whether the schedule asks for a new key. @param everyMs 0 = no schedule */
export function rotationIsDue(keys: readonly KeyTimes[], everyMs: number, leadMs: number, nowMs: number): boolean {
  if (everyMs === 0 || waitingKey(keys, nowMs)) return false;
  const signing = signingKey(keys, nowMs);
  return signing !== undefined && nowMs >= signing.signFromMs + everyMs - leadMs;
}

/** Keys that nothing needs any more: no token of theirs can be alive. Revoked ones are kept as long as they would have been. */
export function expiredKeys<K extends KeyTimes>(keys: readonly K[], nowMs: number): K[] {
  const signing = signingKey(keys, nowMs);
  return keys.filter((key) => key !== signing && key.signFromMs + MARGIN_MS < nowMs && key.coversUntilMs + MARGIN_MS < nowMs);
}

/** Keys that have signed their last token: a later one has been signing for a while. */
export function keysThatSignNoMore<K extends KeyTimes>(keys: readonly K[], nowMs: number): K[] {
  const signing = signingKey(keys, nowMs);
  if (!signing || signing.signFromMs + MARGIN_MS > nowMs) return keys.filter((key) => key.revoked);
  return keys.filter((key) => key.revoked || (key !== signing && key.signFromMs <= nowMs));
}

/** Up to when a key must be kept for a token that ends then, in whole steps. */
export function coverageFor(expiresAtMs: number): number {
  return expiresAtMs >= FOR_EVER_MS ? FOR_EVER_MS : (Math.floor(expiresAtMs / STEP_MS) + 2) * STEP_MS;
}
