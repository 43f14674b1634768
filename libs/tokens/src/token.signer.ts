import { randomUUID } from 'node:crypto';
import { calculateJwkThumbprint, exportJWK, generateKeyPair, importJWK, SignJWT, type CryptoKey, type JWK, type JWTPayload } from 'jose';
import type { AdminTokenClaims, AdminWireClaims } from './admin-token.js';
import { TOKEN_ALGORITHM, TOKEN_PREFIX, type TokenClaims, type WireClaims } from './token.format.js';

/** A signing key pair as it is stored. */
export interface SigningKey {
  kid: string;
  privateJwk: JWK;
  publicJwk: JWK;
}

/** Makes a new Ed25519 key pair, named by its RFC 7638 thumbprint. */
export async function generateSigningKey(): Promise<SigningKey> {
  const pair = await generateKeyPair(TOKEN_ALGORITHM, { crv: 'Ed25519', extractable: true });
  const publicJwk = await exportJWK(pair.publicKey);
  const kid = await calculateJwkThumbprint(publicJwk);
  const described = { kid, alg: TOKEN_ALGORITHM, use: 'sig' };
  return {
    kid,
    privateJwk: { ...(await exportJWK(pair.privateKey)), ...described },
    publicJwk: { ...publicJwk, ...described },
  };
}

/** Signs tokens; only the auth service has one. */
export class TokenSigner {
  readonly #kid: string;
  readonly #key: CryptoKey | Uint8Array;
  readonly #now: () => number;

  private constructor(kid: string, key: CryptoKey | Uint8Array, now: () => number) {
    this.#kid = kid;
    this.#key = key;
    this.#now = now;
  }

  /** Imports the key once. `now` gives milliseconds since 1970. */
  static async from(key: Pick<SigningKey, 'kid' | 'privateJwk'>, now: () => number = Date.now): Promise<TokenSigner> {
    return new TokenSigner(key.kid, await importJWK(key.privateJwk, TOKEN_ALGORITHM), now);
  }

  /** A new token with these claims. */
  async sign(claims: TokenClaims): Promise<string> {
    const wire: WireClaims = {
      kind: claims.kind,
      aid: claims.tenant.appId,
      auid: claims.tenant.appUuid,
      org: claims.tenant.org,
      app: claims.tenant.app,
      jti: randomUUID(),
    };
    if (claims.kind === 'user') {
      wire.sub = claims.username!;
      wire.uid = String(claims.userId!);
    }
    wire.ep = claims.tokenEpoch ?? 0;
    if (claims.ttlSeconds > 0) wire.exp = Math.floor(this.#now() / 1000) + claims.ttlSeconds;
    return this.#signed({ ...wire });
  }

  /** A new token for an administrator. */
  signAdmin({ org, adminId, sessionId, epoch, ttlSeconds }: AdminTokenClaims): Promise<string> {
    const exp = Math.floor(this.#now() / 1000) + ttlSeconds;
    const wire: AdminWireClaims = { kind: 'admin', org, sub: adminId, ep: epoch, exp, jti: randomUUID() };
    return this.#signed({ ...wire, ...(sessionId === undefined ? {} : { sid: sessionId }) });
  }

  async #signed(claims: JWTPayload): Promise<string> {
    const jws = await new SignJWT(claims).setProtectedHeader({ alg: TOKEN_ALGORITHM, kid: this.#kid }).sign(this.#key);
    return TOKEN_PREFIX + jws;
  }
}
