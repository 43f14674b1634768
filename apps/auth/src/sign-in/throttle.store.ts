import { Injectable } from '@nestjs/common';
import { DomainError, type ErrorCode } from '@parley/errors';
import { networkOf } from '@parley/kernel';
import { PrismaClient } from '../generated/client.js';

/** How often something may be tried within a window of time. */
export interface Allowance {
  readonly key: string;
  readonly most: number;
  readonly windowSeconds: number;
}

interface Counted {
  readonly attempts: number;
  /** Until the window ends. */
  readonly seconds: number;
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
   * Counts an attempt before it is made, so that attempts made at once count as well. What one allowance refuses does not
   * count for the next.
   * @throws DomainError sign_in_throttled, or the code that is named
   */
  async take(allowances: readonly Allowance[], code: ErrorCode = 'sign_in_throttled'): Promise<void> {
    for (const allowance of allowances) {
      const counted = await this.increment(allowance);
      if (counted.attempts > allowance.most) throw throttled(code, counted);
    }
  }

  /** Whether another attempt would be refused, without counting it. @throws DomainError as `take` */
  async check(allowances: readonly Allowance[], code: ErrorCode = 'sign_in_throttled'): Promise<void> {
    for (const { key, most } of allowances) {
      const [counted] = await this.prisma.$queryRaw<Counted[]>`
        SELECT attempts, ceil(extract(epoch FROM until - now()))::int AS seconds FROM sign_in_attempt WHERE key = ${key} AND until > now()`;
      if (counted && counted.attempts >= most) throw throttled(code, counted);
    }
  }

  /** Counts what has happened. */
  async count(allowances: readonly Allowance[]): Promise<void> {
    for (const allowance of allowances) await this.increment(allowance);
  }

  /** An attempt that succeeded does not count. */
  async giveBack(allowances: readonly Allowance[]): Promise<void> {
    if (allowances.length === 0) return;
    const keys = allowances.map((one) => one.key);
    await this.prisma.$executeRaw`UPDATE sign_in_attempt SET attempts = greatest(attempts - 1, 0) WHERE key = ANY(${keys})`;
  }

  /** Forgets windows that are over. */
  async forgetOld(): Promise<void> {
    await this.prisma.signInAttempt.deleteMany({ where: { until: { lt: new Date() } } });
  }

  private async increment({ key, windowSeconds }: Allowance): Promise<Counted> {
    const [row] = await this.prisma.$queryRaw<Counted[]>`
      INSERT INTO sign_in_attempt AS a (key, attempts, until) VALUES (${key}, 1, now() + make_interval(secs => ${windowSeconds}))
      ON CONFLICT (key) DO UPDATE SET
        attempts = CASE WHEN a.until <= now() THEN 1 ELSE least(a.attempts + 1, 1000000) END,
        until = CASE WHEN a.until <= now() THEN excluded.until ELSE a.until END
      RETURNING attempts, greatest(1, ceil(extract(epoch FROM until - now())))::int AS seconds`;
    return row!;
  }
}

function throttled(code: ErrorCode, { seconds }: Counted): DomainError {
  return new DomainError(code, { retryAfterSeconds: String(seconds) });
}
