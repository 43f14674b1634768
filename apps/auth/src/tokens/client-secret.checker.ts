import { createHmac, randomBytes } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { SecretHasher } from '@parley/tokens';
import { LRUCache } from 'lru-cache';

const TRUSTED_MS = 60_000;
const REMEMBERED = 10_000;

/**
 * Checks client secrets. A right one is remembered for a minute, as a keyed digest that is worthless outside this
 * process, so that a tenant's server that asks for tokens all the time costs one slow check a minute.
 */
@Injectable()
export class ClientSecretChecker {
  private readonly digestKey = randomBytes(32);
  private readonly right = new LRUCache<string, true>({ max: REMEMBERED, ttl: TRUSTED_MS });

  constructor(private readonly hasher: SecretHasher) {}

  /** Whether the secret belongs to the stored hash. A new hash (changed secret) is checked anew. */
  async isRight(secret: string, storedHash: string): Promise<boolean> {
    const digest = createHmac('sha256', this.digestKey).update(storedHash).update('\0').update(secret).digest('base64');
    if (this.right.has(digest)) return true;
    if (!(await this.hasher.verify(secret, storedHash, storedHash))) return false;
    this.right.set(digest, true);
    return true;
  }
}
