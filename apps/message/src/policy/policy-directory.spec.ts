import { afterEach, describe, expect, it } from '@jest/globals';
import { type Bus, BusError } from '@parley/bus';
import { PolicyDirectory, type PolicyAnswer, type PolicyQuestion } from './policy-directory.js';

const asked: PolicyQuestion[][] = [];
let blocked: ReadonlySet<string>;
let gate: Promise<void> | undefined;
let away: BusError | undefined;
let tell: (changed: { questions: PolicyQuestion[] }) => void;
let reconnect: () => void;
let directory: PolicyDirectory;

/** The user service behind the bus: blocked is whom `blocked` names. */
function given(memory = { entries: 100, freshMs: 1e9, usableMs: 1e9, askMs: 1 }): void {
  asked.length = 0;
  blocked = new Set();
  gate = away = undefined;
  const bus = {
    request: async (_: unknown, { questions }: { questions: PolicyQuestion[] }) => {
      asked.push(questions);
      const names = blocked;
      if (away) throw away;
      await gate;
      return { answers: questions.map((one) => ({ blocked: names.has(`${one.senderId}>${one.recipientId}`) }) as PolicyAnswer) };
    },
    onBroadcast: (_: unknown, callback: typeof tell) => ((tell = callback), { unsubscribe: () => {} }),
    onReconnect: (callback: () => void) => ((reconnect = callback), { unsubscribe: () => {} }),
  };
  directory = new PolicyDirectory(bus as unknown as Bus, memory);
}
const question = (senderId: number, recipientId: number): PolicyQuestion => ({ appId: 7, senderId: BigInt(senderId), recipientId: BigInt(recipientId) });
const isBlocked = async (...pairs: [number, number][]) => (await directory.of(pairs.map(([a, b]) => question(a, b)))).map((one) => one.blocked);

afterEach(() => directory.close());

describe('what is remembered of policy', () => {
  it('costs one request for all that is not known, and none for what is', async () => {
    given();
    blocked = new Set(['1>2']);
    expect(await isBlocked([1, 2], [2, 1], [1, 2])).toEqual([true, false, true]);
    expect(await isBlocked([2, 1], [1, 2])).toEqual([false, true]);
    expect(await isBlocked([1, 2], [1, 3])).toEqual([true, false]);
    expect(asked).toEqual([[question(1, 2), question(2, 1)], [question(1, 3)]]);
  });

  it('is forgotten at the news of a change', async () => {
    given();
    expect(await isBlocked([1, 2])).toEqual([false]);
    blocked = new Set(['1>2']);
    tell({ questions: [question(1, 2)] });
    expect(await isBlocked([1, 2])).toEqual([true]);
  });

  it('is not an answer that was given before news which overtook it', async () => {
    given();
    let open = () => {};
    gate = new Promise((resolve) => (open = resolve));
    const early = isBlocked([1, 2], [3, 4]);
    blocked = new Set(['1>2']);
    tell({ questions: [question(1, 2)] });
    open();
    await early;
    expect(await isBlocked([1, 2], [3, 4])).toEqual([true, false]);
    expect(asked.at(-1)).toEqual([question(1, 2)]);
  });

  it('is used at once while it is asked for again, when it is no longer fresh', async () => {
    given({ entries: 100, freshMs: -1, usableMs: 1e9, askMs: 1 });
    expect(await isBlocked([1, 2])).toEqual([false]);
    blocked = new Set(['1>2']);
    gate = new Promise(() => {});
    expect(await isBlocked([1, 2])).toEqual([false]);
    expect(await isBlocked([1, 2])).toEqual([false]);
    expect(asked).toHaveLength(2);
  });

  it('is asked for first when it is old, and serves however old when nobody answers', async () => {
    given({ entries: 100, freshMs: -1, usableMs: -1, askMs: 1 });
    blocked = new Set(['1>2']);
    expect(await isBlocked([1, 2])).toEqual([true]);
    blocked = new Set();
    expect(await isBlocked([1, 2])).toEqual([false]);
    blocked = new Set(['1>2']);
    away = new BusError('unavailable', 'rpc.user.policy');
    expect(await isBlocked([1, 2])).toEqual([false]);
    await expect(isBlocked([1, 2], [3, 4])).rejects.toThrow(BusError);
  });

  it('is doubted after the connection was lost, with the news of that time', async () => {
    given();
    expect(await isBlocked([1, 2])).toEqual([false]);
    blocked = new Set(['1>2']);
    reconnect();
    expect(await isBlocked([1, 2])).toEqual([true]);
  });
});
