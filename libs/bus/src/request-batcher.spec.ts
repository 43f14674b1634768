import { describe, expect, it } from '@jest/globals';
import { RequestBatcher } from './request-batcher.js';

describe('gathering questions into requests', () => {
  it('asks what came in one round together, and answers each with its own', async () => {
    const requests: number[][] = [];
    const batcher = new RequestBatcher<number, number>(async (questions) => {
      requests.push(questions);
      return questions.map((n) => n * 2);
    });
    expect(await Promise.all([1, 2, 3].map((n) => batcher.ask(n)))).toEqual([2, 4, 6]);
    expect(requests).toEqual([[1, 2, 3]]);
  });

  it('keeps to its bounds, and nothing is left behind', async () => {
    let underWay = 0;
    let most = 0;
    const batcher = new RequestBatcher<number, number>(
      async (questions) => {
        expect(questions.length).toBeLessThanOrEqual(2);
        most = Math.max(most, ++underWay);
        // Long enough for another request to start: rounds of events, not time.
        for (let round = 0; round < 5; round++) await new Promise((resolve) => setImmediate(resolve));
        underWay--;
        return questions;
      },
      { batch: 2, concurrency: 2 },
    );
    const asked = Array.from({ length: 25 }, (_, i) => i);
    expect(await Promise.all(asked.map((n) => batcher.ask(n)))).toEqual(asked);
    expect(most).toBe(2);
  });

  it('fails only those whose request failed', async () => {
    const batcher = new RequestBatcher<string, string>(
      async ([question]) => {
        if (question === 'bad') throw new Error('away');
        return [question!];
      },
      { batch: 1, concurrency: 1 },
    );
    const [bad, good] = await Promise.allSettled([batcher.ask('bad'), batcher.ask('good')]);
    expect(bad!.status).toBe('rejected');
    expect(good).toEqual({ status: 'fulfilled', value: 'good' });
  });
});
