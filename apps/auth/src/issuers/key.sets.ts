import { createLogger } from '@parley/telemetry';
import { createLocalJWKSet, errors, type JWTVerifyGetKey } from 'jose';
import { LRUCache } from 'lru-cache';
import type { JwkSet } from './jwks.rules.js';

const log = createLogger('auth');
/** How old keys may be before they are fetched anew, in ms. */
const FRESH_MS = 600_000;
/** Keys that cannot be fetched anew serve for this long, in ms. */
const USABLE_MS = 86_400_000;
const REMEMBERED = 1_000;

interface Known {
  set: JWTVerifyGetKey | undefined;
  fetchedAtMs: number;
  triedAtMs: number;
  fetching: Promise<void> | undefined;
}

/** Keys that tenants publish, by address: remembered, fetched anew when they are old or a key is missing. */
export class KeySets {
  readonly #known = new LRUCache<string, Known>({ max: REMEMBERED });

  constructor(
    private readonly fetch: (address: string) => Promise<JwkSet>,
    /** An unknown key id makes a fetch at most this often, however many tokens name one. */
    private readonly refetchMs: number,
    private readonly now: () => number = Date.now,
  ) {}

  /** Finds a key as jose asks for it. @throws JWKSNoMatchingKey; undefined set when none could ever be fetched */
  async at(address: string): Promise<JWTVerifyGetKey | undefined> {
    const known = this.#entry(address);
    const age = this.now() - known.fetchedAtMs;
    if (age > FRESH_MS) {
      const fetching = this.#fetch(address, known);
      // Old keys serve while new ones are on their way.
      if (age > USABLE_MS) await fetching;
    }
    if (this.now() - known.fetchedAtMs > USABLE_MS) return undefined;
    const { set } = known;
    if (!set) return undefined;
    return async (header, token) => {
      try {
        return await set(header, token);
      } catch (error) {
        if (!(error instanceof errors.JWKSNoMatchingKey)) throw error;
        await this.#fetch(address, known);
        return known.set!(header, token);
      }
    };
  }

  #entry(address: string): Known {
    let known = this.#known.get(address);
    if (!known) {
      known = { set: undefined, fetchedAtMs: -Infinity, triedAtMs: -Infinity, fetching: undefined };
      this.#known.set(address, known);
    }
    return known;
  }

  /** At a bounded rate; a failure leaves what is known. */
  #fetch(address: string, known: Known): Promise<void> {
    if (known.fetching) return known.fetching;
    if (this.now() - known.triedAtMs < this.refetchMs) return Promise.resolve();
    known.triedAtMs = this.now();
    known.fetching = this.fetch(address)
      .then((set) => {
        known.set = createLocalJWKSet(set);
        known.fetchedAtMs = this.now();
      })
      .catch((error: unknown) => log.warn({ err: error, address }, "a tenant's keys cannot be fetched"))
      .finally(() => {
        known.fetching = undefined;
      });
    return known.fetching;
  }
}
