import { describe, expect, it } from '@jest/globals';
import { DEPARTED_REMEMBERED_MS, foreignTokensCountFrom, mayMakeUser } from './departure.rules.js';

const DAY_MS = 86_400_000;
const now = Date.parse('2026-11-26T12:00:00Z');
const at = (ms: number) => new Date(ms);

describe('tokens that others made for a name', () => {
  it('count when they were made for a new user a while before his server registered him', () => {
    expect(foreignTokensCountFrom({ createdAt: at(now), tokensValidFrom: null })).toBeLessThan(now - DAY_MS);
    expect(mayMakeUser(now - DAY_MS, undefined, now)).toBe(true);
  });

  it('do not count when they are older than the deletion of whoever had the name', () => {
    const freed = at(now - 5_000);
    expect(foreignTokensCountFrom({ createdAt: at(now), tokensValidFrom: freed })).toBe(now - 5_000);
    expect([mayMakeUser(now - 5_001, freed, now), mayMakeUser(now - 5_000, freed, now)]).toEqual([false, true]);
  });

  it('do not count when they are so old that a deletion since may have been forgotten', () => {
    const oldest = now - DEPARTED_REMEMBERED_MS;
    expect(foreignTokensCountFrom({ createdAt: at(now), tokensValidFrom: null })).toBeGreaterThan(oldest);
    expect(mayMakeUser(oldest, undefined, now)).toBe(false);
  });
});
