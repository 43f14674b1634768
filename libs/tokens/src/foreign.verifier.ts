import { createHash } from 'node:crypto';
import { DomainError, isErrorCode } from '@parley/errors';
import { tenantFromAuthentication } from '@parley/kernel';
import { LRUCache } from 'lru-cache';
import { TOKEN_MAX_LENGTH, TOKEN_PREFIX, type VerifiedToken } from './token.format.js';

/** AccessToken2, a self-made dynamic token (base64url of "dt-"), a JWT. */
const FOREIGN = /^(007|ZHQt|eyJ)/;
/** How long auth's answer is believed, in ms. Revocations by epoch count at once all the same. */
const BELIEVED_MS = 60_000;
const REMEMBERED = 50_000;

export interface ForeignQuestion {
  org: string;
  app: string;
  token: string;
}

/** Auth's answer. */
export interface ForeignAnswer {
  /** Empty = good. */
  error: string;
  tenant: { appId: number; appUuid: string; org: string; app: string } | undefined;
  /** 0 = the app itself. */
  userId: bigint;
  username: string;
  tokenEpoch: number;
  expiresMs: bigint;
  /** Empty = none of the tenant's own. */
  issuer: string;
}

/** Tokens that somebody else made: auth is asked who it is, and its answer remembered by the token's hash. */
export class ForeignTokenVerifier {
  readonly #known = new LRUCache<string, VerifiedToken>({ max: REMEMBERED });
  readonly #asking = new Map<string, Promise<VerifiedToken>>();

  /** @param ask asks auth */
  constructor(
    private readonly ask: (question: ForeignQuestion) => Promise<ForeignAnswer>,
    private readonly now: () => number = Date.now,
  ) {}

  /** Whether by its beginning it is one that somebody else may have made. */
  static recognises(token: string): boolean {
    return !token.startsWith(TOKEN_PREFIX) && FOREIGN.test(token);
  }

  /**
   * Who it is in that app.
   * @throws DomainError token_corrupt, token_expired, token_not_issued_here, unauthorized, entity_user_not_found,
   *   username_illegal, username_too_long, user_not_activated, organization_application_not_found, unavailable; and
   *   whatever asking throws
   */
  async verify(question: ForeignQuestion): Promise<VerifiedToken> {
    if (question.token.length > TOKEN_MAX_LENGTH) throw new DomainError('token_corrupt');
    const key = createHash('sha256').update(JSON.stringify([question.org.toLowerCase(), question.app.toLowerCase(), question.token])).digest('base64');
    const token = this.#known.get(key) ?? (await this.#asked(key, question));
    if (token.expiresAtMs <= this.now()) throw new DomainError('token_expired');
    return token;
  }

  /** What its tokens are checked with has changed. */
  forgetApp(appId: number): void {
    // An answer that is under way may be older than the change.
    this.#asking.clear();
    for (const [key, { tenant }] of this.#known.entries()) if (tenant.appId === appId) this.#known.delete(key);
  }

  #asked(key: string, question: ForeignQuestion): Promise<VerifiedToken> {
    const asking = this.#asking.get(key);
    if (asking) return asking;
    const asked = this.ask(question)
      .then((answer) => {
        const token = verified(answer);
        const ttl = Math.min(BELIEVED_MS, token.expiresAtMs - this.now());
        if (this.#asking.get(key) === asked && ttl > 0) this.#known.set(key, token, { ttl });
        return token;
      })
      .finally(() => {
        if (this.#asking.get(key) === asked) this.#asking.delete(key);
      });
    this.#asking.set(key, asked);
    return asked;
  }
}

function verified({ error, tenant, userId, username, tokenEpoch, expiresMs, issuer }: ForeignAnswer): VerifiedToken {
  if (error !== '' || !tenant) throw new DomainError(isErrorCode(error) ? error : 'unavailable');
  const both = { tenant: tenantFromAuthentication(tenant), tokenEpoch, expiresAtMs: Number(expiresMs), ...(issuer === '' ? {} : { issuer }) };
  return userId === 0n ? { kind: 'app', ...both } : { kind: 'user', userId, username, ...both };
}
