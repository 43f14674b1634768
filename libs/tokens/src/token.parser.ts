import { DomainError } from '@parley/errors';
import { tenantFromAuthentication } from '@parley/kernel';
import {
  SIGNATURE_LENGTH,
  TOKEN_ALGORITHM,
  TOKEN_MAX_LENGTH,
  TOKEN_PREFIX,
  type VerifiedToken,
  type WireClaims,
} from './token.format.js';

const COMPACT_JWS = /^[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+$/;
const USER_ID = /^[1-9][0-9]{0,18}$/;

/** A token taken apart, nothing of it verified. */
export interface TokenParts {
  kid: string;
  /** The bytes that the signature covers. */
  signed: Buffer;
  payload: Buffer;
  signature: Buffer;
}

/**
 * Looks at the outside of a token, before any cryptography.
 * @throws DomainError token_corrupt when it cannot be one of ours by its form.
 */
export function parseToken(token: string): TokenParts {
  if (typeof token !== 'string' || token.length > TOKEN_MAX_LENGTH || !token.startsWith(TOKEN_PREFIX)) throw corrupt();
  const jws = token.slice(TOKEN_PREFIX.length);
  if (!COMPACT_JWS.test(jws)) throw corrupt();
  const [header, payload, signature] = jws.split('.') as [string, string, string];
  if (signature.length !== SIGNATURE_LENGTH) throw corrupt();
  const { alg, kid } = parseJson(Buffer.from(header, 'base64url'));
  if (alg !== TOKEN_ALGORITHM || typeof kid !== 'string' || kid === '') throw corrupt();
  return {
    kid,
    signed: Buffer.from(jws.slice(0, header.length + 1 + payload.length), 'latin1'),
    payload: Buffer.from(payload, 'base64url'),
    signature: Buffer.from(signature, 'base64url'),
  };
}

/**
 * Reads the claims of a token whose signature is right.
 * @throws DomainError token_corrupt when they are not what we sign.
 */
export function parsePayload(payload: Buffer): VerifiedToken {
  const claims = parseJson(payload) as Partial<Record<keyof WireClaims, unknown>>;
  const { kind, aid, auid, org, app, exp } = claims;
  if (!Number.isSafeInteger(aid) || typeof auid !== 'string' || typeof org !== 'string' || typeof app !== 'string') {
    throw corrupt();
  }
  if (exp !== undefined && !Number.isSafeInteger(exp)) throw corrupt();
  const tenant = tenantFromAuthentication({ appId: aid as number, appUuid: auid, org, app });
  const expiresAtMs = exp === undefined ? Infinity : (exp as number) * 1000;
  const { sub, uid, ep } = claims;
  // App tokens of earlier versions carry no epoch: they are of the first.
  if (kind === 'app' && (ep === undefined || Number.isSafeInteger(ep))) return { kind, tenant, tokenEpoch: (ep as number | undefined) ?? 0, expiresAtMs };
  if (kind !== 'user' || typeof sub !== 'string' || sub === '') throw corrupt();
  if (typeof uid !== 'string' || !USER_ID.test(uid) || !Number.isSafeInteger(ep)) throw corrupt();
  return { kind, tenant, userId: BigInt(uid), username: sub, tokenEpoch: ep as number, expiresAtMs };
}

/** The claims as they are, nothing of them checked. @throws DomainError token_corrupt */
export function parseJson(bytes: Buffer): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(bytes.toString('utf8'));
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Record<string, unknown>;
  } catch {
    // Not JSON: the same answer as any other form that is not ours.
  }
  throw corrupt();
}

function corrupt(): DomainError {
  return new DomainError('token_corrupt');
}
