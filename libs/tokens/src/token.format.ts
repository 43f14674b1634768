import type { TenantRef } from '@parley/kernel';

/** Every token starts with this, so that SDKs and people recognise one; a JWS in compact form follows. */
export const TOKEN_PREFIX = 'YWMt';

/** Longest token that is looked at, in characters. Ours have about 500. */
export const TOKEN_MAX_LENGTH = 4096;

/** The one signature algorithm. A token that names another is not ours. */
export const TOKEN_ALGORITHM = 'EdDSA';

/** Length of an Ed25519 signature in base64url. */
export const SIGNATURE_LENGTH = 86;

/** What a token says, before it is signed. */
export interface TokenClaims {
  kind: 'app' | 'user';
  tenant: { appId: number; appUuid: string; org: string; app: string };
  /** User tokens only. */
  userId?: bigint;
  username?: string;
  /** The user's epoch at issue, or the app's: the token dies when it grows. */
  tokenEpoch?: number;
  /** Seconds until it expires; 0 = never. */
  ttlSeconds: number;
}

/** What a verified token says. */
export interface VerifiedToken {
  readonly kind: 'app' | 'user';
  readonly tenant: TenantRef;
  /** The two of a user token. */
  readonly userId?: bigint;
  readonly username?: string;
  readonly tokenEpoch: number;
  /** Which key signed it; absent when somebody else made the token and auth vouches for it. */
  readonly keyId?: string;
  /** The tenant's own issuer that made it; absent when it was made with keys of ours or a secret of the app. */
  readonly issuer?: string;
  /** Milliseconds since 1970; Infinity = never expires. */
  readonly expiresAtMs: number;
}

/** The claims as they stand in the JWS. */
export interface WireClaims {
  kind: 'app' | 'user';
  aid: number;
  auid: string;
  org: string;
  app: string;
  sub?: string;
  uid?: string;
  ep?: number;
  exp?: number;
  jti: string;
}
