import { describe, expect, it } from '@jest/globals';
import { check, type DeviceView, type HistoryView, type StoredRow } from './checker.js';
import { Journal } from './journal.js';

/** Ann wrote 1 and 2 (in turn) and edited 1; Bob wrote 3, which he recalled. */
function given() {
  const journal = new Journal(['ann', 'bob']);
  journal.sent.push({ id: 1n, from: 'ann', resource: 'phone', clientId: 11n, place: 0, text: 'one' });
  journal.sent.push({ id: 2n, from: 'ann', resource: 'phone', clientId: 12n, place: 1, text: 'two' });
  journal.sent.push({ id: 3n, from: 'bob', resource: 'phone', clientId: 13n, place: 0, text: 'three' });
  journal.edited.push({ id: 4n, clientId: 14n, target: 1n, text: 'uno' });
  journal.recalled.push({ id: 5n, clientId: 15n, target: 3n });
  const rows: StoredRow[] = [1n, 2n, 3n, 4n, 5n].map((id, i) => ({ seq: id, id, state: id === 3n ? 1 : 0, type: 1, senderKey: `k${i}`, isMessage: id <= 3n }));
  const laptop: DeviceView = {
    name: "bob's laptop",
    user: 'bob',
    own: new Set(),
    seen: [
      { id: 1n, kind: 'message', text: 'one' },
      { id: 2n, kind: 'message', text: 'two' },
      { id: 3n, kind: 'message', text: 'three' },
      { id: 4n, kind: 'edit', target: 1n, text: 'uno' },
      { id: 5n, kind: 'recall', target: 3n },
    ],
  };
  const history: HistoryView = { user: 'ann', messages: new Map([[1n, 'uno'], [2n, 'two']]) };
  return { journal, rows, laptop, history };
}
const counts = ({ lost, doubled, reordered, resurrected }: ReturnType<typeof check>) => [lost, doubled, reordered, resurrected];

describe('the checker of the torture test', () => {
  it('finds nothing where nothing is wrong', () => {
    const { journal, rows, laptop, history } = given();
    const verdict = check(journal, rows, [laptop], [history]);
    expect(verdict.remarks).toEqual([]);
    expect(verdict).toMatchObject({ acknowledged: 5, delivered: 3 });
  });

  it('accepts that a device never saw what was recalled while it was away', () => {
    const { journal, rows, laptop } = given();
    expect(counts(check(journal, rows, [{ ...laptop, seen: laptop.seen.filter((one) => one.id !== 3n) }], []))).toEqual([0, 0, 0, 0]);
  });

  it('accepts that a device never saw what its user removed on another one', () => {
    const { journal, rows, laptop } = given();
    journal.removed.set('bob', new Set([2n]));
    expect(counts(check(journal, rows, [{ ...laptop, seen: laptop.seen.filter((one) => one.id !== 2n) }], []))).toEqual([0, 0, 0, 0]);
  });

  it('finds what was acknowledged and is not stored, and the hole that it leaves', () => {
    const { journal, rows } = given();
    expect(counts(check(journal, rows.filter((row) => row.id !== 2n), [], []))[0]).toBeGreaterThan(0);
  });

  it('finds what was stored twice', () => {
    const { journal, rows } = given();
    expect(counts(check(journal, [...rows, { seq: 6n, id: 6n, state: 0, type: 1, senderKey: 'k0', isMessage: true }], [], []))).toEqual([0, 1, 0, 0]);
  });

  it('finds a sender whose messages changed places', () => {
    const { journal, rows } = given();
    const [one, two, ...rest] = rows;
    const swapped = [{ ...two!, seq: 1n }, { ...one!, seq: 2n }, ...rest];
    expect(check(journal, swapped, [], []).reordered).toBeGreaterThan(0);
  });

  it.each([
    ['missed a message', [0, 2, 3, 4], [1, 0, 0, 0]],
    ['saw a message twice', [0, 1, 2, 3, 4, 1], [0, 1, 1, 0]],
    ['saw messages in the wrong order', [1, 0, 2, 3, 4], [0, 0, 1, 0]],
    ['missed a recall', [0, 1, 2, 3], [1, 0, 0, 1]],
  ] as const)('finds a device that %s', (_, order, expected) => {
    const { journal, rows, laptop } = given();
    const seen = order.map((index) => laptop.seen[index]!);
    expect(counts(check(journal, rows, [{ ...laptop, seen }], []))).toEqual(expected);
  });

  it('finds a device that missed an edit', () => {
    const { journal, rows, laptop } = given();
    const seen = laptop.seen.map((one) => (one.kind === 'edit' ? { ...one, text: 'one' } : one));
    expect(check(journal, rows, [{ ...laptop, seen }], []).remarks).toEqual(['lost: bob\'s laptop shows "one" for 1, not "uno"']);
  });

  it('finds what came back in a history, and what is missing there', () => {
    const { journal, rows } = given();
    journal.removed.set('ann', new Set([2n]));
    expect(counts(check(journal, rows, [], [{ user: 'ann', messages: new Map([[2n, 'two'], [3n, 'three']]) }]))).toEqual([1, 0, 0, 2]);
  });
});
