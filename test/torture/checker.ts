import { checkDevice, type DeviceView } from './device.check.js';
import { checkHistory, type HistoryView } from './history.check.js';
import type { Act, Journal } from './journal.js';
import { emptyVerdict, note, type Verdict } from './verdict.js';

/** By default; docs/features/edit.md. */
const MOST_EDITS = 10;

/** A row of the timeline, as PostgreSQL has it. */
export interface StoredRow {
  readonly seq: bigint;
  readonly id: bigint;
  /** 0 there; anything else: taken away. */
  readonly state: number;
  /** MessageBody.type. */
  readonly type: number;
  readonly senderKey: string;
  readonly isMessage: boolean;
}

/** One conversation as it should be everywhere. */
export interface Truth {
  readonly journal: Journal;
  readonly rows: readonly StoredRow[];
  /** Place of each row in the timeline, by id. */
  readonly place: ReadonlyMap<bigint, number>;
  readonly recalled: ReadonlySet<bigint>;
  /** The text of each acknowledged message after its last acknowledged edit. */
  readonly texts: ReadonlyMap<bigint, string>;
}

export function truthOf(journal: Journal, rows: readonly StoredRow[]): Truth {
  const texts = new Map(journal.sent.map(({ id, text }) => [id, text]));
  // Only the author edits, one turn after the other, so the journal has the edits of a message in their order.
  for (const edit of journal.edited) texts.set(edit.target, edit.text);
  return { journal, rows, texts, place: new Map(rows.map((row, index) => [row.id, index])), recalled: new Set(journal.recalled.map((one) => one.target)) };
}

/** Compares what was promised with the store, with every device and with the history of each side. Pure. */
export function check(journal: Journal, rows: readonly StoredRow[], devices: readonly DeviceView[], histories: readonly HistoryView[]): Verdict {
  const verdict = emptyVerdict();
  verdict.acknowledged = journal.acknowledged;
  const truth = truthOf(journal, rows);
  checkStore(truth, verdict);
  checkRefusals(truth, verdict);
  for (const device of devices) checkDevice(truth, device, verdict);
  for (const history of histories) checkHistory(truth, history, verdict);
  return verdict;
}

function checkStore({ journal, rows, place, recalled }: Truth, verdict: Verdict): void {
  // A receipt for what was recalled meanwhile is answered and has nobody to tell.
  const receipts = journal.receipts.filter((one) => one.whole || !recalled.has(one.target));
  for (const { id } of [...journal.sent, ...journal.recalled, ...journal.edited, ...receipts]) {
    if (!place.has(id)) note(verdict, 'lost', `${id} was acknowledged and is not stored`);
  }
  const known = new Set(journal.acts.map(({ id }) => id));
  const keys = new Set<string>();
  rows.forEach((row, index) => {
    if (keys.has(row.senderKey)) note(verdict, 'doubled', `${row.senderKey} is stored twice`);
    else if (!known.has(row.id)) note(verdict, 'doubled', `${row.id} (type ${row.type}) is stored, and nobody was told so`);
    keys.add(row.senderKey);
    if (row.seq !== BigInt(index + 1)) note(verdict, 'lost', `position ${index + 1} of the timeline has the number ${row.seq}`);
    if (index > 0 && row.id <= rows[index - 1]!.id) note(verdict, 'reordered', `${row.id} does not grow`);
  });
  const states = new Map(rows.map((row) => [row.id, row.state]));
  for (const id of recalled) if (states.get(id) === 0) note(verdict, 'resurrected', `${id} was recalled and is stored`);
  for (const { id } of journal.sent) {
    if (!recalled.has(id) && (states.get(id) ?? 0) !== 0) note(verdict, 'lost', `${id} was taken away and nobody recalled it`);
  }
  checkTurns(journal.acts.filter(({ id }) => place.has(id)), place, verdict);
}

/** Only what its author has recalled himself, or edited as often as one may, can no longer be changed. */
function checkRefusals({ journal, recalled }: Truth, verdict: Verdict): void {
  for (const { what, target, words } of journal.refused) {
    const edits = journal.edited.filter((one) => one.target === target).length;
    if (!recalled.has(target) && !(what === 'edit' && edits >= MOST_EDITS)) note(verdict, 'lost', `the ${what} of ${target} was refused without reason: ${words}`);
  }
}

/** Whoever waits for each answer finds what he did in the timeline in that order. */
function checkTurns(acts: readonly Act[], place: ReadonlyMap<bigint, number>, verdict: Verdict): void {
  const senderOf = (act: Act) => `${act.from}/${act.resource}`;
  for (const sender of new Set(acts.map(senderOf))) {
    const own = acts.filter((act) => senderOf(act) === sender);
    let furthest = -1;
    let furthestBefore = -1;
    let turn = -1;
    for (const act of own.toSorted((a, b) => a.turn - b.turn)) {
      if (act.turn !== turn) [turn, furthestBefore] = [act.turn, furthest];
      const at = place.get(act.id)!;
      if (at < furthestBefore) note(verdict, 'reordered', `${act.id} stands before what ${sender} did earlier`);
      furthest = Math.max(furthest, at);
    }
  }
}
