import { type Bus, requests } from '@parley/bus';
import type { revocation } from '@parley/contracts';
import type { RevocationFeed } from '@parley/revocation';
import { createLogger } from '@parley/telemetry';
import type { LiveRouter } from '../live/live-router.js';
import type { SessionRegistry } from '../session/session-registry.js';

const log = createLogger('gateway');
const ASKED_AT_ONCE = 500;
/** After a gap nobody can say why a token ended; and when its key is revoked, it is not the user's doing. */
const UNKNOWN_CAUSE = { operation: 4, reason: 'token revoked' };

/** Ends sessions whose token ends before its time; those that were opened with a later token go on. */
export class RevokedSessions {
  constructor(
    private readonly bus: Pick<Bus, 'request'>,
    private readonly registry: Pick<SessionRegistry, 'of' | 'users'>,
    private readonly router: Pick<LiveRouter, 'end'>,
    feed: Pick<RevocationFeed, 'listen'>,
  ) {
    feed.listen({ revoked: (one) => this.#end(one), gap: () => void this.#checkAll() });
  }

  #end(one: Pick<revocation.Revocation, 'appId' | 'userId' | 'epoch' | 'operation' | 'reason'>): void {
    for (const session of this.registry.of(one)) {
      if (session.identity!.tokenEpoch < one.epoch) this.router.end(session, one);
    }
  }

  /** Ends sessions whose token was signed by a key that is trusted no more. */
  endUntrusted(trusts: (keyId: string) => boolean): void {
    for (const user of this.registry.users()) {
      for (const session of this.registry.of(user)) {
        const { keyId } = session.identity!;
        if (keyId !== undefined && !trusts(keyId)) this.router.end(session, UNKNOWN_CAUSE);
      }
    }
  }

  async #checkAll(): Promise<void> {
    const users = this.registry.users();
    log.warn({ users: users.length }, 'revocations may have been missed: asking for all epochs');
    for (let at = 0; at < users.length; at += ASKED_AT_ONCE) {
      const holders = users.slice(at, at + ASKED_AT_ONCE);
      const epochs = await this.#epochs(holders);
      // Gone or deactivated: no token counts.
      holders.forEach((holder, i) => this.#end({ ...holder, ...UNKNOWN_CAUSE, epoch: epochs[i]! < 0 ? Infinity : epochs[i]! }));
    }
  }

  /** Asks until it is answered: the feed does not tell of the same gap again. */
  async #epochs(holders: revocation.TokenHolder[]): Promise<number[]> {
    for (;;) {
      try {
        return (await this.bus.request(requests.userEpochs, { holders })).epochs;
      } catch (error) {
        log.warn({ err: error }, 'epochs cannot be read for now');
        await new Promise((resolve) => setTimeout(resolve, 1_000).unref());
      }
    }
  }
}
