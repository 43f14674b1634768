import { describe, expect, it } from '@jest/globals';
import { truthOf } from './checker.js';
import { given } from './conversation.fixture.js';
import { Journal } from './journal.js';
import { checkList, checkWaiting, type Entry } from './list.check.js';
import { emptyVerdict } from './verdict.js';

describe('the checker, of lists and counts', () => {
  const lists = { ann: { peer: 'bob', unread: 1, lastId: 4n }, bob: { peer: 'ann', unread: 1, lastId: 4n } };
  const judged = (user: 'ann' | 'bob', list: readonly Entry[], change: (journal: Journal) => void = () => undefined) => {
    const { journal, rows } = given();
    change(journal);
    const verdict = emptyVerdict();
    checkList(user, [truthOf(journal, rows)], list, verdict);
    return verdict.remarks;
  };

  it('finds nothing where nothing is wrong', () => {
    expect(judged('ann', [lists.ann])).toEqual([]);
    expect(judged('bob', [lists.bob])).toEqual([]);
  });

  it('finds a wrong number of unread messages', () => {
    expect(judged('bob', [{ ...lists.bob, unread: 2 }])).toEqual(['miscounted: bob has 2 unread of ann, not 1']);
  });

  it('does not count what was read with the conversation, was recalled, or removed', () => {
    const whole = { id: 7n, clientId: 17n, from: 'bob', resource: 'phone', turn: 3, target: 2n, whole: true };
    expect(judged('bob', [{ ...lists.bob, unread: 0 }], (journal) => journal.receipts.splice(0, 1, whole))).toEqual([]);
    expect(judged('ann', [{ ...lists.ann, unread: 0, lastId: 2n }], (journal) => journal.remove('ann', 4n))).toEqual([]);
  });

  it('finds a list that misses a conversation, or has an older message as the last', () => {
    expect(judged('ann', [])).toEqual(['miscounted: the list of ann is "", not "bob"']);
    expect(judged('ann', [{ ...lists.ann, lastId: 3n }])).toEqual(['miscounted: the list of ann shows 3 as the last of bob, not 4']);
  });

  it('finds a list in the wrong order', () => {
    const { journal, rows } = given();
    const other = new Journal(['ann', 'cleo']);
    other.sent.push({ id: 8n, clientId: 18n, from: 'cleo', resource: 'phone', turn: 1, text: 'eight' });
    const truths = [truthOf(journal, rows), truthOf(other, [{ seq: 1n, id: 8n, state: 0, type: 1, senderKey: 'k', isMessage: true }])];
    const cleo = { peer: 'cleo', unread: 1, lastId: 8n };
    const [right, wrong] = [emptyVerdict(), emptyVerdict()];
    checkList('ann', truths, [cleo, lists.ann], right);
    checkList('ann', truths, [lists.ann, cleo], wrong);
    expect(right.remarks).toEqual([]);
    expect(wrong.remarks).toEqual(['miscounted: the list of ann is "bob, cleo", not "cleo, bob"']);
  });

  it('finds a device that was told to wait for more or less than came, counting to 200', () => {
    const waiting = (announced: number, delivered: number) => {
      const verdict = emptyVerdict();
      checkWaiting({ name: 'a tablet', announced: new Map([['bob', announced]]), delivered: new Map([['bob', delivered]]) }, verdict);
      return verdict.miscounted;
    };
    expect([waiting(3, 3), waiting(200, 240), waiting(4, 3), waiting(0, 1)]).toEqual([0, 0, 1, 1]);
  });
});
