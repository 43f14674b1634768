import { describe, expect, it } from '@jest/globals';
import { check } from './checker.js';
import { found, given, without } from './conversation.fixture.js';
import type { DeviceView, Seen } from './device.check.js';

describe('the checker, of devices', () => {
  const judged = (change: (seen: Seen[]) => Seen[], more: Partial<DeviceView> = {}) => {
    const { journal, rows, laptop } = given();
    return check(journal, rows, [{ ...laptop, seen: change([...laptop.seen]), ...more }], []);
  };

  it.each([
    ['missed a message', [1n, 3n, 4n, 5n, 6n, 7n], { lost: 1 }],
    ['missed a receipt', [1n, 2n, 3n, 4n, 5n, 6n], { lost: 1 }],
    ['saw a message again after others', [1n, 2n, 3n, 4n, 5n, 6n, 7n, 1n], { doubled: 1, reordered: 1, lost: 1 }],
    ['saw a message twice in a row', [1n, 2n, 3n, 4n, 4n, 5n, 6n, 7n], { doubled: 1 }],
    ['saw messages in the wrong order', [2n, 1n, 3n, 4n, 5n, 6n, 7n], { reordered: 1 }],
    ['missed a recall', [1n, 2n, 3n, 4n, 5n, 7n], { lost: 1, resurrected: 1 }],
    ['missed an edit', [1n, 2n, 3n, 4n, 6n, 7n], { lost: 2 }],
    ['was given a recalled message again', [1n, 2n, 3n, 4n, 5n, 6n, 3n, 7n], { doubled: 1, reordered: 1, resurrected: 1 }],
  ] as const)('finds one that %s', (_, ids, expected) => {
    expect(found(judged((seen) => ids.map((id) => seen.find((one) => one.id === id)!)))).toEqual(expected);
  });

  it('finds a message with another text than was sent', () => {
    expect(found(judged((seen) => seen.map((one) => (one.id === 2n ? { ...one, text: 'zwei' } : one))))).toEqual({ lost: 2 });
  });

  it('finds an edit with another text than was sent', () => {
    expect(found(judged((seen) => seen.map((one) => (one.id === 5n ? { ...one, text: 'one' } : one))))).toEqual({ lost: 2 });
  });

  it('finds a receipt that tells of another message', () => {
    expect(found(judged((seen) => seen.map((one) => (one.id === 7n ? { ...one, target: 2n } : one))))).toEqual({ lost: 1 });
  });

  it('finds a message that nobody sent', () => {
    expect(judged((seen) => [...seen, { id: 9n, kind: 'message', text: 'nine' }]).doubled).toBe(1);
  });

  it('accepts a message that arrives with the text it was edited to meanwhile', () => {
    expect(found(judged((seen) => seen.map((one) => (one.id === 1n ? { ...one, text: 'uno' } : one))))).toEqual({});
  });

  it('accepts that one never saw what was recalled while it was away', () => {
    expect(found(judged((seen) => seen.filter(without(3n))))).toEqual({});
  });

  it('accepts that one never saw what its user removed on another one', () => {
    const { journal, rows, laptop } = given();
    journal.remove('bob', 2n);
    expect(found(check(journal, rows, [{ ...laptop, seen: laptop.seen.filter(without(2n)) }], []))).toEqual({});
  });

  it('accepts that one gets no copy of what it sent itself', () => {
    expect(found(judged((seen) => seen.filter(without(3n, 4n, 6n, 7n)), { own: new Set([3n, 4n, 6n, 7n]) }))).toEqual({});
  });

  it('finds one that was given, when it came back, what was recalled or removed meanwhile', () => {
    const { journal, rows, laptop } = given();
    journal.remove('bob', 2n);
    expect(check(journal, rows, [{ ...laptop, late: new Set([2n, 3n, 4n]) }], []).remarks).toEqual([
      "resurrected: bob's laptop was given 2 when it came back",
      "resurrected: bob's laptop was given 3 when it came back",
    ]);
  });

  it('expects of a new one only that what it was given is right', () => {
    const { journal, rows, newcomer } = given();
    expect(found(check(journal, rows, [{ ...newcomer, seen: [{ id: 2n, kind: 'message', text: 'zwei' }] }], []))).toEqual({ lost: 2 });
  });
});
