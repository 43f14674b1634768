import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { decodeCursor, encodeCursor, pageSize } from './cursor.js';

describe('a cursor', () => {
  it('leads back to its user, in characters that a URL takes as they are', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: 0n, max: 2n ** 63n - 1n }), (userId) => {
        const cursor = encodeCursor(userId);
        expect(decodeCursor(cursor)).toBe(userId);
        expect(cursor).toMatch(/^[A-Za-z0-9_.~-]+$/);
      }),
    );
  });

  it('that was not made here begins at the first user, or at some user that the database can compare', () => {
    expect(['', 'x', '___________', "' OR 1=1 --"].map(decodeCursor)).toEqual([0n, 0n, 0n, 0n]);
    fc.assert(
      fc.property(fc.string(), (cursor) => {
        expect(decodeCursor(cursor)).toBeGreaterThanOrEqual(0n);
        expect(decodeCursor(cursor)).toBeLessThan(2n ** 63n);
      }),
    );
  });
});

describe('a page', () => {
  it('has ten users unless asked otherwise, and a hundred at most', () => {
    expect([0, 1, 100, 101, -5].map(pageSize)).toEqual([10, 1, 100, 100, 1]);
  });
});
