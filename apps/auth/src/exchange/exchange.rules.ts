import { DomainError } from '@parley/errors';

/** How far the clock of whoever made a token may be ahead of ours, in ms. */
const SKEW_MS = 60_000;

/**
 * When a token was issued, for comparing with the last revocation: a clock that is ahead does not outlive one.
 * @throws DomainError token_expired; token_not_issued_here when it is from the future
 */
export function issuedInTime(issuedAtMs: number, expiresAtMs: number, nowMs: number): number {
  if (issuedAtMs > nowMs + SKEW_MS) throw new DomainError('token_not_issued_here');
  if (expiresAtMs <= nowMs) throw new DomainError('token_expired');
  return Math.min(issuedAtMs, nowMs);
}
