import { verify } from 'node:crypto';
import { DomainError } from '@parley/errors';
import { LRUCache } from 'lru-cache';
import { readAdminClaims, type VerifiedAdminToken } from './admin-token.js';
import { parseJson, parsePayload, parseToken } from './token.parser.js';
import type { VerifiedToken } from './token.format.js';
import { VerificationKeys } from './verification-keys.js';

export interface TokenVerifierOptions {
  /**
   * How many verified tokens to remember so that the next request with the same one costs no signature check;
   * 0 (default) = none. Meant for the REST edge, where a caller repeats one token; a gateway sees each once.
   */
  recentTokens?: number;
  /** Milliseconds since 1970. */
  now?: () => number;
}

/** How long a remembered token is trusted before its signature is checked again. */
const RECENT_TTL_MS = 60_000;

/**
 * Verifies tokens where they arrive, with public keys that it fetches when it first needs them.
 * What a signature cannot say (user deleted, password changed) is the user service's to answer.
 */
export class TokenVerifier {
  readonly #keys: VerificationKeys;
  readonly #recent: LRUCache<string, VerifiedToken> | undefined;
  readonly #now: () => number;

  /** @param fetchKeys answers the auth service's public keys as a JWK set in JSON. */
  constructor(fetchKeys: () => Promise<string>, options: TokenVerifierOptions = {}) {
    this.#now = options.now ?? Date.now;
    this.#keys = new VerificationKeys(fetchKeys, this.#now);
    this.#recent = options.recentTokens
      ? new LRUCache({ max: options.recentTokens, ttl: RECENT_TTL_MS })
      : undefined;
  }

  /**
   * Whose token it is.
   * @throws DomainError token_corrupt (not a token at all), token_not_issued_here (unknown key or wrong signature),
   *   token_expired; whatever `fetchKeys` throws when keys are needed and cannot be had.
   */
  async verify(token: string): Promise<VerifiedToken> {
    const known = this.#recent?.get(token);
    const verified = known ?? (await this.#check(token));
    if (verified.expiresAtMs <= this.#now()) throw new DomainError('token_expired');
    if (!known) this.#recent?.set(token, verified);
    return verified;
  }

  /**
   * Which administrator's token it is. Whether he is still there, and what he may do, is the auth service's to answer.
   * @throws DomainError as `verify`, and unauthorized for a token of another kind
   */
  async verifyAdmin(token: string): Promise<VerifiedAdminToken> {
    const verified = readAdminClaims(parseJson((await this.#signedPayload(token)).payload));
    if (verified.expiresAtMs <= this.#now()) throw new DomainError('token_expired');
    return verified;
  }

  async #check(token: string): Promise<VerifiedToken> {
    const { payload, kid } = await this.#signedPayload(token);
    return { ...parsePayload(payload), keyId: kid };
  }

  /** Fetches the keys anew and forgets what earlier ones verified. Rejects when they cannot be had: the earlier ones stay. */
  async refresh(): Promise<void> {
    await this.#keys.refetch();
    this.#recent?.clear();
  }

  /** Whether the key still verifies, as far as is known here. */
  trusts(keyId: string): boolean {
    return this.#keys.has(keyId);
  }

  async #signedPayload(token: string): Promise<{ payload: Buffer; kid: string }> {
    const { kid, signed, payload, signature } = parseToken(token);
    const key = await this.#keys.get(kid);
    // node:crypto in place: 65 us of CPU where jose over WebCrypto and its thread pool takes 85 to 115.
    if (!key || !verify(null, signed, key.key, signature)) throw new DomainError('token_not_issued_here');
    return { payload, kid: key.kid };
  }
}
