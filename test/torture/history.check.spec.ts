import { describe, expect, it } from '@jest/globals';
import { check } from './checker.js';
import { found, given, without } from './conversation.fixture.js';
import type { HistoryView } from './history.check.js';

describe('the checker, of histories', () => {
  const judged = (change: (messages: HistoryView['messages'][number][]) => HistoryView['messages'], removed?: bigint) => {
    const { journal, rows, history } = given();
    if (removed !== undefined) journal.remove('ann', removed);
    return found(check(journal, rows, [], [{ ...history, messages: change([...history.messages]) }]));
  };

  it('finds one that misses a message', () => {
    expect(judged((messages) => messages.filter(without(2n)))).toEqual({ lost: 1 });
  });

  it('finds one with the text from before an edit', () => {
    expect(judged((messages) => messages.map((one) => (one.id === 1n ? { ...one, text: 'one' } : one)))).toEqual({ lost: 1 });
  });

  it('finds one in the wrong order, and one with a message twice', () => {
    expect(judged((messages) => [messages[1]!, messages[0]!, messages[2]!])).toEqual({ reordered: 1 });
    expect(judged((messages) => [...messages, messages.at(-1)!])).toEqual({ doubled: 1 });
  });

  it('finds one that shows what was recalled, removed, or never stored', () => {
    expect(judged((messages) => [messages[0]!, { id: 3n, text: 'three' }, ...messages.slice(1)])).toEqual({ resurrected: 1 });
    expect(judged((messages) => messages, 2n)).toEqual({ resurrected: 1 });
    expect(judged((messages) => [{ id: 9n, text: 'nine' }, ...messages])).toEqual({ doubled: 1 });
  });
});
