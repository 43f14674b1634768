import { createPublicKey, type JsonWebKey, type KeyObject } from 'node:crypto';

/** Keys are asked for again at most this often, however many tokens name a key that nobody has. */
const REFETCH_INTERVAL_MS = 5_000;

export interface VerificationKey {
  /** One string for all tokens of the key, however many sessions remember it. */
  readonly kid: string;
  readonly key: KeyObject;
}

/** The public keys of the auth service by their id, imported once. */
export class VerificationKeys {
  readonly #fetch: () => Promise<string>;
  readonly #now: () => number;
  #keys = new Map<string, VerificationKey>();
  #fetchedAtMs = -Infinity;
  #fetching: Promise<void> | undefined;

  constructor(fetch: () => Promise<string>, now: () => number) {
    this.#fetch = fetch;
    this.#now = now;
  }

  /** The key of that id; undefined when the auth service has none. Rejects when it had to be asked and failed. */
  async get(kid: string): Promise<VerificationKey | undefined> {
    const key = this.#keys.get(kid);
    if (key) return key;
    if (this.#fetching || this.#now() - this.#fetchedAtMs >= REFETCH_INTERVAL_MS) await this.#refetch();
    return this.#keys.get(kid);
  }

  has(kid: string): boolean {
    return this.#keys.has(kid);
  }

  /** Asks anew. An answer that is under way may be older than the wish, so it is waited for first. */
  async refetch(): Promise<void> {
    await this.#fetching?.catch(() => undefined);
    await this.#refetch();
  }

  #refetch(): Promise<void> {
    this.#fetching ??= this.#load().finally(() => {
      this.#fetching = undefined;
    });
    return this.#fetching;
  }

  async #load(): Promise<void> {
    const set = JSON.parse(await this.#fetch()) as { keys: (JsonWebKey & { kid?: unknown })[] };
    const keys = new Map<string, VerificationKey>();
    for (const jwk of set.keys) {
      // One algorithm, one kind of key: anything else in the set is not for tokens.
      if (typeof jwk.kid !== 'string' || jwk.crv !== 'Ed25519') continue;
      keys.set(jwk.kid, { kid: jwk.kid, key: createPublicKey({ key: jwk, format: 'jwk' }) });
    }
    this.#keys = keys;
    // Only a success counts: after a failure the next token tries again.
    this.#fetchedAtMs = this.#now();
  }
}
