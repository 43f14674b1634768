import { Injectable } from '@nestjs/common';
import { DomainError } from '@parley/errors';
import { networkOf } from '@parley/kernel';
import { PrismaClient } from '../generated/client.js';

/** How often something may be tried within a window of time. */
export interface Allowance {
  readonly key: string;
  readonly most: number;
  readonly windowSeconds: number;
}

const WINDOW_SECONDS = 15 * 60;

/**
 * What one attempt to sign in counts against: the account from this address, the account from anywhere (so that a
 * guesser who changes address is slowed down, at a bound that locks nobody out by accident), and the address.
 */
export function signInAllowances(account: string, address: string): Allowance[] {
  const network = networkOf(address);
  return [
    { key: `account ${account} from ${network}`, most: 10, windowSeconds: WINDOW_SECONDS },
    { key: `account ${account}`, most: 100, windowSeconds: WINDOW_SECONDS },
    { key: `address ${network}`, most: 100, windowSeconds: WINDOW_SECONDS },
  ];
}

/** Counts attempts in the store, so that it does not matter which replica gets them. */
@Injectable()
export class ThrottleStore {
  constructor(private readonly prisma: PrismaClient) {}

  /**
   * Counts an attempt before it is made, so that attempts made at once count as well.
   * @throws DomainError sign_in_throttled
   */
  async take(allowances: readonly Allowance[]): Promise<void> {
    for (const { key, most, windowSeconds } of allowances) {
      const [row] = await this.prisma.$queryRaw<{ attempts: number; seconds: number }[]>`
        INSERT INTO sign_in_attempt AS a (key, attempts, until) VALUES (${key}, 1, now() + make_interval(secs => ${windowSeconds}))
        ON CONFLICT (key) DO UPDATE SET
          attempts = CASE WHEN a.until <= now() THEN 1 ELSE least(a.attempts + 1, 1000000) END,
          until = CASE WHEN a.until <= now() THEN excluded.until ELSE a.until END
        RETURNING attempts, greatest(1, ceil(extract(epoch FROM until - now())))::int AS seconds`;
      if (row!.attempts > most) throw new DomainError('sign_in_throttled', { retryAfterSeconds: String(row!.seconds) });
    }
  }

  /** An attempt that succeeded does not count. */
  async giveBack(allowances: readonly Allowance[]): Promise<void> {
    const keys = allowances.map((one) => one.key);
    await this.prisma.$executeRaw`UPDATE sign_in_attempt SET attempts = greatest(attempts - 1, 0) WHERE key = ANY(${keys})`;
  }

  /** Forgets windows that are over. */
  async forgetOld(): Promise<void> {
    await this.prisma.signInAttempt.deleteMany({ where: { until: { lt: new Date() } } });
  }
}
