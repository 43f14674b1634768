import { type Bus, RequestBatcher, requests } from '@parley/bus';
import type { exchange } from '@parley/contracts';
import type { RevocationFeed } from './revocation.feed.js';

const AT_ONCE = { batch: 50, concurrency: 8 };

/** Asks auth about tokens that somebody else made; those of one moment together. Rejects with BusError. */
export function exchanging(bus: Pick<Bus, 'request'>): (question: exchange.ForeignToken) => Promise<exchange.ForeignIdentity> {
  const questions = new RequestBatcher<exchange.ForeignToken, exchange.ForeignIdentity>(
    async (tokens) => (await bus.request(requests.exchangeTokens, { tokens }, { timeoutMs: 8_000 })).identities,
    AT_ONCE,
  );
  return (question) => questions.ask(question);
}

/** Has forgotten what such tokens said when what they are checked with changes, or may have changed unheard. */
export function forgetForeignOnChange(feed: Pick<RevocationFeed, 'listen'>, foreign: { forgetApp(appId: number): void }): void {
  feed.listen({
    revoked: ({ appId, userId }) => {
      if (userId === 0n) foreign.forgetApp(appId);
    },
    gap: () => undefined,
  });
}
