import { beforeEach, describe, expect, it } from '@jest/globals';
import type { Bus } from '@parley/bus';
import type { message } from '@parley/contracts';
import { CursorBatcher } from './cursor-batcher.js';

/** What the store was asked, and what it waits with. */
let asked: { ids: bigint[]; answer: (error?: Error) => void }[];
let batcher: CursorBatcher;
let stored: bigint[];

beforeEach(() => {
  asked = [];
  stored = [];
  batcher = new CursorBatcher({
    request: (_: unknown, { moves }: message.MoveCursorsRequest) =>
      new Promise((resolve, reject) => asked.push({ ids: moves.map(({ id }) => id), answer: (error) => (error ? reject(error) : resolve({})) })),
  } as unknown as Bus);
});

const acknowledge = (conversationId: bigint, id: bigint) =>
  batcher.move({ appId: 1, userId: 1n, resource: 'phone', conversationId, id, seq: id }, () => stored.push(id));
const endOfTurn = () => new Promise((resolve) => setImmediate(resolve));

describe('acknowledgements on their way to the store', () => {
  it('of one window are stored together, when the client owes no more', async () => {
    for (const conversation of [1n, 2n, 3n]) {
      acknowledge(conversation, conversation * 10n);
      batcher.hurry(conversation === 3n);
    }
    expect(asked).toEqual([]);
    await endOfTurn();
    expect(asked.map(({ ids }) => ids)).toEqual([[10n, 20n, 30n]]);
    asked[0]!.answer();
    await endOfTurn();
    expect(stored).toEqual([10n, 20n, 30n]);
    expect(asked).toHaveLength(1);
  });

  it('that come while others are stored go right after them', async () => {
    acknowledge(1n, 10n);
    batcher.hurry(true);
    await endOfTurn();
    acknowledge(1n, 11n);
    acknowledge(2n, 20n);
    batcher.hurry(true);
    await endOfTurn();
    expect(asked).toHaveLength(1);
    asked[0]!.answer();
    await endOfTurn();
    expect(asked.map(({ ids }) => ids)).toEqual([[10n], [11n, 20n]]);
    asked[1]!.answer();
    await endOfTurn();
    expect(stored).toEqual([10n, 11n, 20n]);
  });

  it('do not wait long for a client that owes more, and not at all for one that leaves', async () => {
    acknowledge(1n, 10n);
    batcher.hurry(false);
    await endOfTurn();
    expect(asked).toEqual([]);
    const left = batcher.settle({ appId: 1, userId: 1n, resource: 'phone' });
    expect(asked.map(({ ids }) => ids)).toEqual([[10n]]);
    asked[0]!.answer();
    await left;
    acknowledge(1n, 12n);
    batcher.hurry(false);
    while (asked.length < 2) await endOfTurn();
    expect(asked[1]!.ids).toEqual([12n]);
  });

  it('that could not be stored are tried again, the furthest of each queue', async () => {
    acknowledge(1n, 10n);
    batcher.hurry(true);
    await endOfTurn();
    acknowledge(1n, 15n);
    acknowledge(1n, 12n);
    asked[0]!.answer(new Error('away'));
    await endOfTurn();
    expect(stored).toEqual([]);
    batcher.hurry(true);
    await endOfTurn();
    expect(asked.map(({ ids }) => ids)).toEqual([[10n], [15n]]);
    asked[1]!.answer();
    await endOfTurn();
    expect(stored).toEqual([15n]);
  });
});
