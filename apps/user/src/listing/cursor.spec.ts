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

  it('that is absent begins at the first user', () => {
    expect(decodeCursor('')).toBe(0n);
  });

  it('that was not made here is refused', () => {
    for (const cursor of ['x', '___________', "' OR 1=1 --", 'AAAAAAAAAAAA']) {
      expect(() => decodeCursor(cursor)).toThrow(expect.objectContaining({ code: 'illegal_argument' }));
    }
  });
});

describe('a page', () => {
  it('has ten users unless asked otherwise, and a hundred at most', () => {
    expect([0, 1, 100, 101, -5].map(pageSize)).toEqual([10, 1, 100, 100, 1]);
  });
});
