import { describe, expect, it } from '@jest/globals';
import { coverageFor, expiredKeys, FOR_EVER_MS, keysThatSignNoMore, type KeyTimes, rotationIsDue, signingKey, stateOf, waitingKey } from './key.rules.js';

const DAY = 86_400_000;
const NOW = 1_000 * DAY;
const key = (kid: string, signFromMs: number, more: Partial<KeyTimes> = {}): KeyTimes => ({ kid, createdAtMs: signFromMs, signFromMs, coversUntilMs: NOW + DAY, revoked: false, ...more });

describe('of several keys', () => {
  const [old, current, next] = [key('old', NOW - 90 * DAY), key('current', NOW - DAY), key('next', NOW + 1)];
  const keys = [next, old, current];

  it('the latest whose time has come signs; the next one waits', () => {
    expect(signingKey(keys, NOW)).toBe(current);
    expect(waitingKey(keys, NOW)).toBe(next);
    expect(signingKey(keys, NOW + 1)).toBe(next);
    expect(keys.map((one) => stateOf(one, keys, NOW))).toEqual(['waiting', 'verifying', 'signing']);
  });

  it('a revoked one never signs', () => {
    const revoked = { ...current, revoked: true };
    expect(signingKey([old, revoked], NOW)).toBe(old);
    expect(stateOf(revoked, [old, revoked], NOW)).toBe('revoked');
  });

  it('all replicas choose the same when two came at one moment', () => {
    const [a, b] = [key('a', NOW), key('b', NOW)];
    expect([signingKey([a, b], NOW), signingKey([b, a], NOW)]).toEqual([a, a]);
  });
});

describe('the schedule', () => {
  it('asks for the next key in time to publish it, and for one only', () => {
    const signing = key('one', NOW - 90 * DAY + 3_600_000);
    expect(rotationIsDue([signing], 90 * DAY, 3_600_000, NOW)).toBe(true);
    expect(rotationIsDue([signing], 90 * DAY, 3_600_000, NOW - 1)).toBe(false);
    expect(rotationIsDue([signing, key('next', NOW + 1)], 90 * DAY, 3_600_000, NOW)).toBe(false);
    expect(rotationIsDue([signing], 0, 3_600_000, NOW)).toBe(false);
  });
});

describe('a key that has been followed by another', () => {
  it('is kept while a token of it could be alive, and for ever if one never ends', () => {
    const signing = key('signing', NOW - DAY, { coversUntilMs: 0 });
    const covering = key('covering', NOW - 99 * DAY, { coversUntilMs: NOW });
    const done = key('done', NOW - 99 * DAY, { coversUntilMs: NOW - DAY });
    const endless = key('endless', NOW - 99 * DAY, { coversUntilMs: FOR_EVER_MS });
    expect(expiredKeys([signing, covering, done, endless], NOW)).toEqual([done]);
  });

  it('keeps its private half until it certainly signs no more', () => {
    const old = key('old', NOW - 9 * DAY);
    expect(keysThatSignNoMore([old, key('new', NOW - 1)], NOW)).toEqual([]);
    expect(keysThatSignNoMore([old, key('new', NOW - DAY), key('next', NOW + 1)], NOW)).toEqual([old]);
  });
});

describe('coverage', () => {
  it('reaches beyond the token, in steps of a day', () => {
    for (const end of [NOW, NOW + 1, NOW + DAY - 1]) {
      expect(coverageFor(end)).toBe(NOW + 2 * DAY);
    }
    expect(coverageFor(Infinity)).toBe(FOR_EVER_MS);
  });
});
