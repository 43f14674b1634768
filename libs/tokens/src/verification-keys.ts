import { createPublicKey, type JsonWebKey, type KeyObject } from 'node:crypto';

/** Keys are asked for again at most this often, however many tokens name a key that nobody has. */
const REFETCH_INTERVAL_MS = 5_000;

/** The public keys of the auth service by their id, imported once. */
export class VerificationKeys {
  readonly #fetch: () => Promise<string>;
  readonly #now: () => number;
  #keys = new Map<string, KeyObject>();
  #fetchedAtMs = -Infinity;
  #fetching: Promise<void> | undefined;

  constructor(fetch: () => Promise<string>, now: () => number) {
    this.#fetch = fetch;
    this.#now = now;
  }

  /** The key of that id; undefined when the auth service has none. Rejects when it had to be asked and failed. */
  async get(kid: string): Promise<KeyObject | undefined> {
    const key = this.#keys.get(kid);
    if (key) return key;
    if (this.#fetching || this.#now() - this.#fetchedAtMs >= REFETCH_INTERVAL_MS) await this.#refetch();
    return this.#keys.get(kid);
  }

  #refetch(): Promise<void> {
    this.#fetching ??= this.#load().finally(() => {
      this.#fetching = undefined;
    });
    return this.#fetching;
  }

  async #load(): Promise<void> {
    const set = JSON.parse(await this.#fetch()) as { keys: (JsonWebKey & { kid?: unknown })[] };
    const keys = new Map<string, KeyObject>();
    for (const jwk of set.keys) {
      // One algorithm, one kind of key: anything else in the set is not for tokens.
      if (typeof jwk.kid !== 'string' || jwk.crv !== 'Ed25519') continue;
      keys.set(jwk.kid, createPublicKey({ key: jwk, format: 'jwk' }));
    }
    this.#keys = keys;
    // Only a success counts: after a failure the next token tries again.
    this.#fetchedAtMs = this.#now();
  }
}
