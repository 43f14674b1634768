import { Injectable } from '@nestjs/common';
import { DomainError } from '@parley/errors';
import { createLocalJWKSet, decodeJwt, errors, jwtVerify } from 'jose';
import type { KnownApp } from '../apps/app.store.js';
import { issuedInTime } from '../exchange/exchange.rules.js';
import type { TokenIssuer } from '../generated/client.js';
import { IssuerStore } from './issuer.store.js';
import { ALGORITHMS, type JwkSet } from './jwks.rules.js';
import { KeySets } from './key.sets.js';

/** Seconds that the clocks of a tenant's identity provider may differ from ours. */
const TOLERANCE_SECONDS = 30;

/** Tokens of a tenant's own identity provider. */
@Injectable()
export class TenantTokens {
  constructor(
    private readonly issuers: IssuerStore,
    private readonly keySets: KeySets,
  ) {}

  /** @throws DomainError token_corrupt, token_expired, token_not_issued_here, unavailable (its keys cannot be had) */
  async verify(app: KnownApp, token: string) {
    const issuer = await this.issuers.find(app.appId, issuerOf(token));
    if (!issuer) throw new DomainError('token_not_issued_here');
    const keys = await this.keysOf(issuer);
    if (!keys) throw new DomainError('unavailable');
    try {
      const { payload } = await jwtVerify(token, keys, {
        issuer: issuer.issuer,
        audience: issuer.audiences,
        algorithms: ALGORITHMS,
        requiredClaims: ['exp', 'iat', issuer.usernameClaim],
        clockTolerance: TOLERANCE_SECONDS,
      });
      const name = payload[issuer.usernameClaim];
      if (typeof name !== 'string' || name === '') throw new DomainError('token_not_issued_here');
      const expiresAtMs = payload.exp! * 1_000;
      return { name, issuer: issuer.issuer, mayBeUuid: false, autoCreate: issuer.autoCreate, expiresAtMs, issuedAtMs: issuedInTime(payload.iat! * 1_000, expiresAtMs, Date.now()) };
    } catch (error) {
      if (error instanceof errors.JWTExpired) throw new DomainError('token_expired');
      if (error instanceof errors.JOSEError) throw new DomainError('token_not_issued_here', {}, { cause: error });
      throw error;
    }
  }

  private async keysOf({ jwksUrl, jwks }: TokenIssuer) {
    return jwksUrl === null ? createLocalJWKSet(jwks as unknown as JwkSet) : this.keySets.at(jwksUrl);
  }
}

/** Unverified: it only says which keys to verify with. */
function issuerOf(token: string): string {
  try {
    const { iss } = decodeJwt(token);
    if (typeof iss === 'string') return iss;
  } catch {
    // Below.
  }
  throw new DomainError('token_corrupt');
}
