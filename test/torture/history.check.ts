import type { Truth } from './checker.js';
import { note, type Verdict } from './verdict.js';

/** What a user's history over REST says, newest first. */
export interface HistoryView {
  readonly user: string;
  readonly messages: readonly { readonly id: bigint; readonly text: string }[];
}

export function checkHistory({ journal, rows, texts, recalled }: Truth, { user, messages }: HistoryView, verdict: Verdict): void {
  const removed = journal.removed.get(user) ?? new Set();
  const expected = new Set(rows.filter((row) => row.isMessage && row.state === 0 && !removed.has(row.id)).map((row) => row.id));
  const found = new Map<bigint, string>();
  let before: bigint | undefined;
  for (const { id, text } of messages) {
    if (found.has(id)) note(verdict, 'doubled', `the history of ${user} has ${id} twice`);
    else if (before !== undefined && id > before) note(verdict, 'reordered', `the history of ${user} has ${id} behind ${before}`);
    found.set(id, text);
    before = id;
  }
  for (const id of expected) {
    if (!found.has(id)) note(verdict, 'lost', `the history of ${user} has no ${id}`);
    else if (texts.has(id) && texts.get(id) !== found.get(id)) note(verdict, 'lost', `the history of ${user} has an old text of ${id}`);
  }
  for (const id of found.keys()) {
    if (recalled.has(id) || removed.has(id)) note(verdict, 'resurrected', `the history of ${user} shows ${id}`);
    else if (!expected.has(id)) note(verdict, 'doubled', `the history of ${user} shows ${id}, which is not stored`);
  }
}
