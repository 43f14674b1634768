import type { StoredRow } from './checker.js';
import type { DeviceView, Seen } from './device.check.js';
import type { HistoryView } from './history.check.js';
import { type Act, Journal } from './journal.js';
import { FAILINGS, type Verdict } from './verdict.js';

/**
 * Ann wrote 1 and 2, each in its turn, and edited 1 (row 5). Bob wrote 3 and 4 in one burst, recalled 3 (row 6), and read
 * Ann's 1 (row 7). The reverse is silence: Ann has read nothing.
 */
export function given() {
  const journal = new Journal(['ann', 'bob']);
  const act = (from: string, id: bigint, turn: number): Act => ({ id, clientId: 10n + id, from, resource: 'phone', turn });
  journal.sent.push({ ...act('ann', 1n, 1), text: 'one' }, { ...act('ann', 2n, 2), text: 'two' });
  journal.sent.push({ ...act('bob', 3n, 1), text: 'three' }, { ...act('bob', 4n, 1), text: 'four' });
  journal.edited.push({ ...act('ann', 5n, 3), target: 1n, text: 'uno' });
  journal.recalled.push({ ...act('bob', 6n, 2), target: 3n });
  journal.receipts.push({ ...act('bob', 7n, 3), target: 1n, whole: false });
  const rows: StoredRow[] = [1n, 2n, 3n, 4n, 5n, 6n, 7n].map((id) => ({ seq: id, id, state: id === 3n ? 1 : 0, type: 1, senderKey: `k${id}`, isMessage: id <= 4n }));
  const seen: Seen[] = [
    { id: 1n, kind: 'message', text: 'one' },
    { id: 2n, kind: 'message', text: 'two' },
    { id: 3n, kind: 'message', text: 'three' },
    { id: 4n, kind: 'message', text: 'four' },
    { id: 5n, kind: 'edit', target: 1n, text: 'uno' },
    { id: 6n, kind: 'recall', target: 3n },
    { id: 7n, kind: 'read', target: 1n },
  ];
  const laptop: DeviceView = { name: "bob's laptop", user: 'bob', own: new Set(), seen };
  const newcomer: DeviceView = { name: "bob's new device", user: 'bob', own: new Set(), seen: [], isNew: true };
  const history: HistoryView = { user: 'ann', messages: [{ id: 4n, text: 'four' }, { id: 2n, text: 'two' }, { id: 1n, text: 'uno' }] };
  return { journal, rows, laptop, newcomer, history };
}

/** What the verdict counts, without the zeros. */
export const found = (verdict: Verdict) => Object.fromEntries(FAILINGS.filter((failing) => verdict[failing] > 0).map((failing) => [failing, verdict[failing]]));

export const without = (...ids: bigint[]) => (one: { readonly id: bigint }) => !ids.includes(one.id);
