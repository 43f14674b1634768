import { describe, expect, it } from '@jest/globals';
import { type Committed, GroupCommit, Overloaded } from './group-commit.js';
import { Audience, type Outgoing } from './outgoing.js';

const message = (clientId: number, appId = 1): Outgoing => ({
  appId,
  conversationId: BigInt(appId),
  senderId: 1n,
  senderResource: 'web',
  clientId: BigInt(clientId),
  audience: Audience.everyone,
  bodyType: 16,
  toResource: null,
  meta: new Uint8Array(),
});

/** A store whose commits end when the test says so. */
class HeldStore {
  readonly batches: bigint[][] = [];
  readonly #ends: (() => void)[] = [];
  #seq = 0n;

  readonly append = async (batch: readonly Outgoing[]): Promise<Committed> => {
    this.batches.push(batch.map((m) => m.clientId));
    await new Promise<void>((resolve) => this.#ends.push(resolve));
    return {
      positions: batch.map(() => ({ id: ++this.#seq, seq: this.#seq, repeated: false })),
      published: Promise.resolve(),
    };
  };

  finishOne(): void {
    this.#ends.shift()?.();
  }
}

const settled = () => new Promise((resolve) => setImmediate(resolve));

describe('group commit', () => {
  it('commits what arrives during a commit together in the next one, in order', async () => {
    const store = new HeldStore();
    const commits = new GroupCommit(store.append, { concurrency: 1, batch: 10, queue: 100 });
    const first = commits.commit(message(1));
    await settled();
    const rest = [2, 3, 4].map((n) => commits.commit(message(n)));
    await settled();
    expect(store.batches).toEqual([[1n]]);
    store.finishOne();
    await first;
    await settled();
    expect(store.batches).toEqual([[1n], [2n, 3n, 4n]]);
    store.finishOne();
    expect((await Promise.all(rest)).map((p) => p?.seq)).toEqual([2n, 3n, 4n]);
  });

  it('never puts two tries of one message into one commit', async () => {
    const store = new HeldStore();
    const commits = new GroupCommit(store.append, { concurrency: 1, batch: 10, queue: 100 });
    const tries = [commits.commit(message(7)), commits.commit(message(7)), commits.commit(message(8))];
    await settled();
    store.finishOne();
    await settled();
    store.finishOne();
    await Promise.all(tries);
    expect(store.batches).toEqual([[7n], [7n, 8n]]);
  });

  it('refuses more than its queue holds instead of growing', async () => {
    const store = new HeldStore();
    const commits = new GroupCommit(store.append, { concurrency: 1, batch: 1, queue: 1 });
    const first = commits.commit(message(1));
    await settled();
    const second = commits.commit(message(2));
    await expect(commits.commit(message(3))).rejects.toBeInstanceOf(Overloaded);
    store.finishOne();
    await settled();
    store.finishOne();
    await Promise.all([first, second]);
  });

  it('builds a batch from all apps in turn, each in its order', async () => {
    const store = new HeldStore();
    const commits = new GroupCommit(store.append, { concurrency: 1, batch: 40, queue: 1_000 });
    const all = [commits.commit(message(0))];
    await settled();
    for (let n = 1; n <= 100; n++) all.push(commits.commit(message(n)));
    for (let n = 201; n <= 203; n++) all.push(commits.commit(message(n, 2)));
    for (let n = 301; n <= 320; n++) all.push(commits.commit(message(n, 3)));
    const range = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, i) => BigInt(from + i));
    for (let i = 0; i < 5; i++) {
      store.finishOne();
      await settled();
    }
    await Promise.all(all);
    expect(store.batches.slice(1)).toEqual([
      [...range(1, 16), ...range(201, 203), ...range(301, 316), ...range(17, 21)],
      [...range(317, 320), ...range(22, 57)],
      range(58, 97),
      range(98, 100),
    ]);
  });

  it('a repeated key holds back its own app only', async () => {
    const store = new HeldStore();
    const commits = new GroupCommit(store.append, { concurrency: 1, batch: 10, queue: 100 });
    const tries = [message(7), message(7), message(8), message(20, 2)].map((one) => commits.commit(one));
    await settled();
    store.finishOne();
    await settled();
    store.finishOne();
    await Promise.all(tries);
    expect(store.batches).toEqual([[7n, 20n], [7n, 8n]]);
  });

  it('one app cannot fill the queue: others still find room', async () => {
    const store = new HeldStore();
    const commits = new GroupCommit(store.append, { concurrency: 1, batch: 100, queue: 100 });
    const first = commits.commit(message(0));
    await settled();
    const flood = Array.from({ length: 200 }, (_, n) => commits.commit(message(n + 1)).then(() => 'stored', (error: unknown) => error));
    const others = Array.from({ length: 10 }, (_, n) => commits.commit(message(n + 1, 2)));
    store.finishOne();
    await settled();
    store.finishOne();
    await Promise.all([first, ...others]);
    const outcomes = await Promise.all(flood);
    expect(outcomes.filter((one) => one === 'stored')).toHaveLength(80);
    expect(outcomes.filter((one) => one instanceof Overloaded)).toHaveLength(120);
  });

  it('fails every message of a commit that failed, and goes on with the next', async () => {
    let tries = 0;
    const commits = new GroupCommit(
      async (batch) => {
        if (tries++ === 0) throw new Error('database is away');
        return { positions: batch.map(() => ({ id: 1n, seq: 1n, repeated: false })), published: Promise.resolve() };
      },
      { concurrency: 1, batch: 10, queue: 100 },
    );
    await expect(Promise.all([commits.commit(message(1)), commits.commit(message(2))])).rejects.toThrow('away');
    await expect(commits.commit(message(3))).resolves.toMatchObject({ seq: 1n });
  });

  it('fails a message that the store cannot take alone, and commits the others in order', async () => {
    const stored: bigint[] = [];
    const commits = new GroupCommit(
      async (batch) => {
        if (batch.some((m) => m.clientId === 3n)) throw Object.assign(new Error('invalid byte sequence'), { code: '22021' });
        stored.push(...batch.map((m) => m.clientId));
        return { positions: batch.map((m) => ({ id: m.clientId, seq: m.clientId, repeated: false })), published: Promise.resolve() };
      },
      { concurrency: 1, batch: 10, queue: 100 },
    );
    const results = await Promise.allSettled([1, 2, 3, 4, 5].map((n) => commits.commit(message(n))));
    expect(results.map((result) => result.status)).toEqual(['fulfilled', 'fulfilled', 'rejected', 'fulfilled', 'fulfilled']);
    expect(stored).toEqual([1n, 2n, 4n, 5n]);
  });
});
