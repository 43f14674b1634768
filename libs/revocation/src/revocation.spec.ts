import { describe, expect, it, jest } from '@jest/globals';
import { BusError, requests } from '@parley/bus';
import type { revocation } from '@parley/contracts';
import { EpochDirectory, refreshKeysOnChange, RevocationFeed } from './index.js';

const alice = { appId: 7, userId: 41n };
const revoked = (epoch: number): revocation.Revocation => ({ ...alice, epoch, operation: 3, reason: 'password changed' });

/** A user service and a broadcast that can fail. */
function platform() {
  const state = { epoch: 3, asked: 0, log: [] as revocation.Revocation[], complete: true, away: false, keys: 'one' };
  let hear: (value: revocation.Revocations) => void = () => undefined;
  const bus = {
    request: async (subject: { subject: string }, question: { holders?: unknown[] }) => {
      if (state.away) throw new BusError('unavailable', subject.subject);
      if (!question.holders) return { revocations: state.log, cursor: 1n, complete: state.complete, keysVersion: state.keys };
      state.asked++;
      return { epochs: question.holders.map(() => state.epoch) };
    },
    onBroadcast: (_: unknown, callback: typeof hear) => {
      hear = callback;
      return { unsubscribe: () => undefined };
    },
  } as never;
  const feed = new RevocationFeed(bus, [requests.userRevocations]);
  const epochs = new EpochDirectory(bus, feed);
  feed.start();
  return { state, feed, epochs, broadcast: (one: revocation.Revocation) => hear({ revocations: [one], keysChanged: false }), end: () => feed.stop() };
}

describe('an edge', () => {
  it('asks for the epoch of a user once, not for each of his calls', async () => {
    const { epochs, state, end } = platform();
    expect(await epochs.isCurrent(alice, 3)).toBe(true);
    expect(await epochs.isCurrent(alice, 3)).toBe(true);
    expect(await epochs.isCurrent(alice, 2)).toBe(false);
    expect(state.asked).toBe(1);
    end();
  });

  it('refuses a revoked token from the moment it is told, and takes the next one', async () => {
    const { epochs, broadcast, state, end } = platform();
    await epochs.isCurrent(alice, 3);
    broadcast(revoked(4));
    expect(await epochs.isCurrent(alice, 3)).toBe(false);
    expect(await epochs.isCurrent(alice, 4)).toBe(true);
    expect(state.asked).toBe(1);
    end();
  });

  it('that was not told reads of it within a second, by itself', async () => {
    jest.useFakeTimers({ doNotFake: ['Date', 'hrtime', 'nextTick', 'performance', 'queueMicrotask', 'setImmediate', 'clearImmediate', 'setTimeout', 'clearTimeout'] });
    try {
      const { epochs, state, end } = platform();
      expect(await epochs.isCurrent(alice, 3)).toBe(true);
      state.log = [revoked(4)];
      await jest.advanceTimersByTimeAsync(1_000);
      expect(await epochs.isCurrent(alice, 3)).toBe(false);
      end();
      state.log = [revoked(5)];
      await jest.advanceTimersByTimeAsync(10_000);
      expect(await epochs.isCurrent(alice, 4)).toBe(true);
    } finally {
      jest.useRealTimers();
    }
  });

  it('is not misled by an answer that was read before the revocation it has heard of', async () => {
    const { epochs, broadcast, end } = platform();
    const answer = epochs.isCurrent(alice, 3);
    broadcast(revoked(4));
    expect(await answer).toBe(false);
    expect(await epochs.isCurrent(alice, 3)).toBe(false);
    end();
  });

  it('asks about a token that is ahead of what it knows: the user was let in again meanwhile', async () => {
    const { epochs, state, end } = platform();
    state.epoch = -1;
    expect(await epochs.isCurrent(alice, 4)).toBe(false);
    state.epoch = 4;
    expect(await epochs.isCurrent(alice, 4)).toBe(true);
    end();
  });

  it('forgets all it knows when it was away for longer than the log goes back', async () => {
    const { epochs, feed, state, end } = platform();
    await epochs.isCurrent(alice, 3);
    Object.assign(state, { epoch: 4, complete: false });
    await feed.read();
    expect(await epochs.isCurrent(alice, 3)).toBe(false);
    end();
  });

  it('lets in whom it knows while nobody answers, and nobody else', async () => {
    const { epochs, feed, state, end } = platform();
    await epochs.isCurrent(alice, 3);
    state.away = true;
    await feed.read();
    expect(await epochs.isCurrent(alice, 3)).toBe(true);
    await expect(epochs.isCurrent({ appId: 7, userId: 42n }, 3)).rejects.toThrow(BusError);
    end();
  });
});

describe('the keys that verify', () => {
  it('are fetched anew when the log shows that they changed, and again until that succeeds', async () => {
    const { feed, state, end } = platform();
    let tries = 0;
    const refreshed = new Promise<void>((resolve) => {
      const verifier = { refresh: async () => (++tries === 1 ? Promise.reject(new Error('away')) : undefined) };
      refreshKeysOnChange(feed, verifier, resolve, 1);
    });
    await feed.read();
    expect(tries).toBe(0);
    state.keys = 'two';
    await feed.read();
    await refreshed;
    expect(tries).toBe(2);
    end();
  });

  it('are fetched anew when auth could not be asked for a while: nobody knows what happened meanwhile', async () => {
    const { feed, state, end } = platform();
    await feed.read();
    const refreshed = new Promise<void>((resolve) => refreshKeysOnChange(feed, { refresh: async () => resolve() }));
    state.away = true;
    await feed.read();
    state.away = false;
    await feed.read();
    await refreshed;
    end();
  });
});
