import { describe, expect, it } from '@jest/globals';
import { check, type StoredRow } from './checker.js';
import { found, given, without } from './conversation.fixture.js';

describe('the checker of the torture test', () => {
  it('finds nothing where nothing is wrong', () => {
    const { journal, rows, laptop, newcomer, history } = given();
    const verdict = check(journal, rows, [laptop, newcomer], [history]);
    expect(verdict.remarks).toEqual([]);
    expect(verdict).toMatchObject({ acknowledged: 7, delivered: 4 });
  });

  it('stops listing failings at fifty, and goes on counting', () => {
    const { journal } = given();
    const rows: StoredRow[] = Array.from({ length: 60 }, (_, i) => ({ seq: BigInt(i + 1), id: BigInt(i + 100), state: 0, type: 1, senderKey: `x${i}`, isMessage: true }));
    const verdict = check(journal, rows, [], []);
    expect(verdict.remarks).toHaveLength(50);
    expect(verdict.doubled).toBe(60);
  });
});

describe('the checker, of the store', () => {
  it.each([1n, 5n, 6n, 7n])('finds that the acknowledged %s is not stored', (id) => {
    const { journal, rows } = given();
    expect(check(journal, rows.filter(without(id)), [], []).remarks).toContain(`lost: ${id} was acknowledged and is not stored`);
  });

  it('accepts that a receipt for a message that was recalled left nothing', () => {
    const { journal, rows } = given();
    journal.receipts.push({ id: 8n, clientId: 18n, from: 'ann', resource: 'phone', turn: 4, target: 3n, whole: false });
    expect(found(check(journal, rows, [], []))).toEqual({});
  });

  it('finds a hole in the timeline', () => {
    const { journal, rows } = given();
    expect(found(check(journal, rows.map((row) => (row.id === 7n ? { ...row, seq: 8n } : row)), [], []))).toEqual({ lost: 1 });
  });

  it('finds one try that was stored twice', () => {
    const { journal, rows } = given();
    expect(found(check(journal, [...rows, { ...rows[0]!, seq: 8n, id: 8n }], [], []))).toEqual({ doubled: 1 });
  });

  it('finds what is stored and nobody was told of', () => {
    const { journal, rows } = given();
    expect(found(check(journal, [...rows, { ...rows[0]!, seq: 8n, id: 8n, senderKey: 'k8' }], [], []))).toEqual({ doubled: 1 });
  });

  it('finds acts of one sender that changed places', () => {
    const { journal, rows } = given();
    const [one, two, ...rest] = rows;
    const swapped = [{ ...one!, id: 1n }, { ...two!, id: 2n }, ...rest];
    journal.sent.splice(0, 2, { ...journal.sent[1]!, turn: 1 }, { ...journal.sent[0]!, turn: 2 });
    expect(found(check(journal, swapped, [], []))).toEqual({ reordered: 1 });
  });

  it('finds a change that stands before the turn that it followed', () => {
    const { journal, rows } = given();
    journal.recalled.splice(0, 1, { ...journal.recalled[0]!, turn: 0 });
    expect(found(check(journal, rows, [], []))).toEqual({ reordered: 2 });
  });

  it('accepts that what was said in one burst stands in any order', () => {
    const { journal, rows } = given();
    journal.sent.splice(2, 2, journal.sent[3]!, journal.sent[2]!);
    expect(found(check(journal, rows, [], []))).toEqual({});
  });

  it('finds ids that do not grow with the timeline', () => {
    const { journal, rows } = given();
    const swapped = rows.map((row) => (row.id === 3n ? { ...row, id: 4n, state: 0 } : row.id === 4n ? { ...row, id: 3n, state: 1 } : row));
    expect(found(check(journal, swapped, [], []))).toEqual({ reordered: 1 });
  });

  it('finds what was recalled and is stored, and what is gone without a recall', () => {
    const { journal, rows } = given();
    expect(found(check(journal, rows.map((row) => ({ ...row, state: row.id === 4n ? 1 : 0 })), [], []))).toEqual({ resurrected: 1, lost: 1 });
  });

  it('finds a change that was refused without reason', () => {
    const { journal, rows } = given();
    journal.refused.push({ what: 'edit', target: 3n, words: 'recalled' }, { what: 'recall', target: 2n, words: 'no' });
    expect(check(journal, rows, [], []).remarks).toEqual(['lost: the recall of 2 was refused without reason: no']);
  });

  it('accepts that a message which was edited ten times is not edited again', () => {
    const { journal, rows } = given();
    const edits = Array.from({ length: 9 }, (_, i) => ({ ...journal.edited[0]!, id: BigInt(8 + i), clientId: BigInt(30 + i), turn: 4 + i }));
    journal.edited.push(...edits);
    journal.refused.push({ what: 'edit', target: 1n, words: 'limit' });
    const more = edits.map(({ id }): StoredRow => ({ seq: id, id, state: 0, type: 8, senderKey: `k${id}`, isMessage: false }));
    expect(found(check(journal, [...rows, ...more], [], []))).toEqual({});
  });
});
