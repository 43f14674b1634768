import { randomBytes, scrypt, timingSafeEqual } from 'node:crypto';
import { DomainError } from '@parley/errors';

const DEFAULT_COST_LOG2 = 14;
const BLOCK = 8;
const HASH_BYTES = 32;
const SALT_BYTES = 16;

export interface SecretHasherOptions {
  /** Hashes computed at the same time; each keeps one core busy for some 40 ms, off the event loop. */
  concurrency?: number;
  /** scrypt's N of new hashes, as a power of two; default 14. Computing one takes N KiB. */
  costLog2?: number;
  /** Callers of one tenant that may wait; further ones are refused at once. */
  maxWaiting?: number;
}

/**
 * scrypt for passwords and client secrets, at a bounded rate so that a wave of logins cannot starve everything else. Tenants
 * that wait have their turns one after the other: whoever floods waits behind himself.
 */
export class SecretHasher {
  readonly #concurrency: number;
  readonly #costLog2: number;
  readonly #maxWaiting: number;
  /** Those that wait, by tenant; the tenant whose turn is next comes first. */
  readonly #waiting = new Map<string | number, (() => void)[]>();
  #running = 0;

  constructor(options: SecretHasherOptions = {}) {
    this.#concurrency = options.concurrency ?? 2;
    this.#costLog2 = options.costLog2 ?? DEFAULT_COST_LOG2;
    this.#maxWaiting = options.maxWaiting ?? 200;
  }

  /** A self-describing hash: `scrypt$<log2 N>$<r>$<salt>$<hash>`. @throws DomainError unavailable, when too many wait */
  async hash(secret: string, tenant: string | number = ''): Promise<string> {
    const salt = randomBytes(SALT_BYTES);
    const hash = await this.#inTurn(tenant, () => derive(secret, salt, HASH_BYTES, this.#costLog2, BLOCK));
    return `scrypt$${this.#costLog2}$${BLOCK}$${salt.toString('base64url')}$${hash.toString('base64url')}`;
  }

  /** Whether the secret is the one that was hashed. False for a hash in an unknown form. @throws DomainError unavailable, when too many wait */
  async verify(secret: string, stored: string, tenant: string | number = ''): Promise<boolean> {
    const [scheme, costLog2, block, salt, hash] = stored.split('$');
    if (scheme !== 'scrypt' || !salt || !hash) return false;
    const expected = Buffer.from(hash, 'base64url');
    const actual = await this.#inTurn(tenant, () =>
      derive(secret, Buffer.from(salt, 'base64url'), expected.length, Number(costLog2), Number(block)),
    );
    return timingSafeEqual(actual, expected);
  }

  async #inTurn<T>(tenant: string | number, work: () => Promise<T>): Promise<T> {
    if (this.#running >= this.#concurrency) {
      const queue = this.#waiting.get(tenant) ?? [];
      if (queue.length >= this.#maxWaiting) throw new DomainError('unavailable');
      this.#waiting.set(tenant, queue);
      // Whoever finishes hands its place over, so `#running` stays as it is.
      await new Promise<void>((resolve) => queue.push(resolve));
    } else {
      this.#running++;
    }
    try {
      return await work();
    } finally {
      const next = this.#next();
      if (next) next();
      else this.#running--;
    }
  }

  /** One of the tenant whose turn it is, who then goes to the end. */
  #next(): (() => void) | undefined {
    const [first] = this.#waiting;
    if (!first) return undefined;
    const [tenant, queue] = first;
    const next = queue.shift();
    this.#waiting.delete(tenant);
    if (queue.length > 0) this.#waiting.set(tenant, queue);
    return next;
  }
}

function derive(secret: string, salt: Buffer, length: number, costLog2: number, block: number): Promise<Buffer> {
  const N = 2 ** costLog2;
  return new Promise((resolve, reject) => {
    // Twice what it takes; Node's own bound of 32 MiB refuses N = 2^15.
    scrypt(secret, salt, length, { N, r: block, p: 1, maxmem: 2 * 128 * N * block }, (error, key) => {
      if (error) reject(error);
      else resolve(key);
    });
  });
}
