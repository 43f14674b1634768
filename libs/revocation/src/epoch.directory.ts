import { type Bus, RequestBatcher, requests } from '@parley/bus';
import { LRUCache } from 'lru-cache';
import type { RevocationFeed } from './revocation.feed.js';

/** How long an epoch is believed without asking again, in ms. */
const BELIEVED_MS = 60_000;
const REMEMBERED = 200_000;

export interface Holder {
  appId: number;
  /** 0 = the app itself. */
  userId: bigint;
}

/**
 * Present epochs of token holders, remembered, so that checking a token costs no request for a holder that was seen within a minute.
 * Revocations correct what is remembered as they arrive.
 */
export class EpochDirectory {
  readonly #epochs = new LRUCache<string, number>({ max: REMEMBERED, ttl: BELIEVED_MS });
  readonly #users: RequestBatcher<Holder, number>;
  readonly #apps: RequestBatcher<Holder, number>;

  constructor(bus: Pick<Bus, 'request'>, feed: Pick<RevocationFeed, 'listen'>) {
    this.#users = new RequestBatcher(async (holders) => (await bus.request(requests.userEpochs, { holders })).epochs);
    this.#apps = new RequestBatcher(async (holders) => (await bus.request(requests.appEpochs, { holders })).epochs);
    feed.listen({
      // Also for those not seen yet: an answer that is under way may have been read before it.
      revoked: ({ appId, userId, epoch }) => this.#learn(keyOf({ appId, userId }), epoch),
      gap: () => this.#epochs.clear(),
    });
  }

  /** Whether a token of that epoch still counts. @throws BusError when it is not known and cannot be asked */
  async isCurrent(holder: Holder, tokenEpoch: number): Promise<boolean> {
    const key = keyOf(holder);
    const known = this.#epochs.get(key);
    // A token that is ahead of what is known is asked about: it may have been issued since.
    if (known !== undefined && known >= tokenEpoch) return known === tokenEpoch;
    this.#learn(key, await (holder.userId === 0n ? this.#apps : this.#users).ask(holder));
    return this.#epochs.get(key) === tokenEpoch;
  }

  /** Epochs never fall. */
  #learn(key: string, epoch: number): void {
    const known = this.#epochs.peek(key);
    if (known === undefined || epoch >= known) this.#epochs.set(key, epoch);
  }
}

function keyOf({ appId, userId }: Holder): string {
  return `${appId}:${userId}`;
}
