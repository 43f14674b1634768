import { DomainError } from '@parley/errors';

/** What an administrator's token says, before it is signed. It names no app: what he may do is asked for each call. */
export interface AdminTokenClaims {
  /** Organisation; "-" = the platform. */
  org: string;
  adminId: string;
  /** Absent for an API key, which has no session. */
  sessionId?: string;
  /** The administrator's epoch at issue; the token dies when it grows. */
  epoch: number;
  /** Seconds until it expires; always short. */
  ttlSeconds: number;
}

/** What a verified administrator's token says. */
export interface VerifiedAdminToken {
  readonly org: string;
  readonly adminId: string;
  readonly sessionId: string | undefined;
  readonly epoch: number;
  /** Milliseconds since 1970. */
  readonly expiresAtMs: number;
}

/** The claims as they stand in the JWS. */
export interface AdminWireClaims {
  kind: 'admin';
  org: string;
  sub: string;
  sid?: string;
  ep: number;
  exp: number;
  jti: string;
}

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/**
 * Reads the claims of an administrator's token whose signature is right.
 * @throws DomainError unauthorized for a token of another kind, token_corrupt when they are not what we sign.
 */
export function readAdminClaims(claims: Record<string, unknown>): VerifiedAdminToken {
  const { kind, org, sub, sid, ep, exp } = claims;
  if (kind !== 'admin') throw new DomainError('unauthorized');
  const wellFormed =
    typeof org === 'string' && isUuid(sub) && (sid === undefined || isUuid(sid)) && Number.isSafeInteger(ep) && Number.isSafeInteger(exp);
  if (!wellFormed) throw new DomainError('token_corrupt');
  return { org, adminId: sub, sessionId: sid, epoch: ep as number, expiresAtMs: (exp as number) * 1_000 };
}

function isUuid(value: unknown): value is string {
  return typeof value === 'string' && UUID.test(value);
}
