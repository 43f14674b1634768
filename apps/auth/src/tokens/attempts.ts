import { Injectable } from '@nestjs/common';
import { DomainError, type ErrorCode } from '@parley/errors';
import { isLegalUsername, networkOf } from '@parley/kernel';
import { type Allowance, ThrottleStore } from '../sign-in/throttle.store.js';

const WINDOW_SECONDS = 15 * 60;
/** What shows that the caller did not know what he should. */
const WRONG: readonly ErrorCode[] = ['invalid_password', 'token_user_not_found', 'client_id_mismatch', 'client_secret_mismatch'];

/** Who tries to prove what to an app. */
export interface Attempt {
  readonly appId: number;
  /** Whose password it is; undefined for the app's own secret, which nobody guesses. */
  readonly username?: string;
  /** Of the caller; empty when it is not known. */
  readonly address: string;
}

/**
 * Slows down those who guess, and keeps them from having wrong secrets hashed all day: that is what the app's users would
 * wait behind.
 */
@Injectable()
export class Attempts {
  constructor(private readonly throttle: ThrottleStore) {}

  /** Checks, unless too much was wrong before. @throws DomainError rate_limited, and whatever `check` throws */
  async make<T>(attempt: Attempt, check: () => Promise<T>): Promise<T> {
    const network = networkOf(attempt.address);
    // Only failures touch it: all logins that come through a tenant's server share this row.
    const failures = [{ key: `app ${attempt.appId} from ${network}`, most: 300, windowSeconds: WINDOW_SECONDS }];
    const guesses = guessesOf(attempt, network);
    await this.throttle.check(failures, 'rate_limited');
    await this.throttle.take(guesses, 'rate_limited');
    try {
      const right = await check();
      await this.throttle.giveBack(guesses);
      return right;
    } catch (error) {
      if (error instanceof DomainError && WRONG.includes(error.code)) await this.throttle.count(failures);
      else await this.throttle.giveBack(guesses);
      throw error;
    }
  }
}

/** As with administrators: the account from this network, and from anywhere. A name that nobody can have is no account. */
function guessesOf({ appId, username }: Attempt, network: string): Allowance[] {
  if (username === undefined || !isLegalUsername(username)) return [];
  const account = `user ${appId}/${username}`;
  return [
    { key: `${account} from ${network}`, most: 10, windowSeconds: WINDOW_SECONDS },
    { key: account, most: 100, windowSeconds: WINDOW_SECONDS },
  ];
}
