import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { Rounds } from './rounds.js';

const EVERY_MS = 100;

describe('rounds of work', () => {
  let begun = 0;
  let failures: unknown[] = [];
  let end: (error?: Error) => void;
  let rounds: Rounds;

  beforeEach(() => {
    jest.useFakeTimers();
    [begun, failures] = [0, []];
    const round = () => {
      begun++;
      return new Promise<void>((resolve, reject) => (end = (error) => (error ? reject(error) : resolve())));
    };
    rounds = new Rounds(EVERY_MS, round, (error) => failures.push(error));
    rounds.start();
  });
  afterEach(() => {
    jest.useRealTimers();
  });

  it('come one after the other, never two at a time', async () => {
    await jest.advanceTimersByTimeAsync(EVERY_MS * 3);
    expect(begun).toBe(1);
    end();
    await jest.advanceTimersByTimeAsync(EVERY_MS);
    expect(begun).toBe(2);
  });

  it('go on after one that failed, which is told of', async () => {
    await jest.advanceTimersByTimeAsync(EVERY_MS);
    const error = new Error('away');
    end(error);
    await jest.advanceTimersByTimeAsync(EVERY_MS);
    expect(failures).toEqual([error]);
    expect(begun).toBe(2);
  });

  it('are over when they were stopped, after the one under way', async () => {
    await jest.advanceTimersByTimeAsync(EVERY_MS);
    let over = false;
    const stopping = rounds.stop().then(() => (over = true));
    await jest.advanceTimersByTimeAsync(EVERY_MS * 2);
    expect([over, rounds.stopped]).toEqual([false, true]);
    end();
    await stopping;
    await jest.advanceTimersByTimeAsync(EVERY_MS * 2);
    expect(begun).toBe(1);
  });
});
