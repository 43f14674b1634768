import type { Journal } from './journal.js';

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

/** A meta as a device received it, repetitions dropped as the official SDKs do. */
export interface Seen {
  readonly id: bigint;
  readonly kind: 'message' | 'recall' | 'edit' | 'other';
  /** Of a recall or edit: the message that it changes. */
  readonly target?: bigint;
  readonly text?: string;
}

/** What one device of a user knows of the conversation. */
export interface DeviceView {
  readonly name: string;
  readonly user: string;
  readonly seen: readonly Seen[];
  /** Rows that this device itself sent: it gets no copy. */
  readonly own: ReadonlySet<bigint>;
}

/** What a user's history over REST says: ids and texts. */
export interface HistoryView {
  readonly user: string;
  readonly messages: ReadonlyMap<bigint, string>;
}

export interface Verdict {
  acknowledged: number;
  delivered: number;
  lost: number;
  doubled: number;
  reordered: number;
  resurrected: number;
  /** Changes that were acknowledged and cannot be seen, in words. */
  readonly remarks: string[];
}

export function emptyVerdict(): Verdict {
  return { acknowledged: 0, delivered: 0, lost: 0, doubled: 0, reordered: 0, resurrected: 0, remarks: [] };
}

/** Compares what was promised with the store, with every device and with the history of each side. Pure. */
export function check(journal: Journal, rows: readonly StoredRow[], devices: readonly DeviceView[], histories: readonly HistoryView[]): Verdict {
  const verdict = emptyVerdict();
  verdict.acknowledged = journal.acknowledged;
  checkStore(journal, rows, verdict);
  const texts = finalTexts(journal);
  for (const device of devices) checkDevice(journal, rows, device, texts, verdict);
  for (const history of histories) checkHistory(journal, rows, history, texts, verdict);
  return verdict;
}

/** The text of each acknowledged message after its last acknowledged edit (ids of edits grow in their order). */
function finalTexts(journal: Journal): Map<bigint, string> {
  const texts = new Map(journal.sent.map(({ id, text }) => [id, text]));
  for (const edit of journal.edited.toSorted((a, b) => (a.id < b.id ? -1 : 1))) texts.set(edit.target, edit.text);
  return texts;
}

function checkStore(journal: Journal, rows: readonly StoredRow[], verdict: Verdict): void {
  const byId = new Map(rows.map((row) => [row.id, row]));
  const recalled = new Set(journal.recalled.map((one) => one.target));
  // A receipt for what was recalled meanwhile is answered and has nobody to tell.
  const receipts = journal.receipts.filter((one) => !recalled.has(one.target));
  for (const { id } of [...journal.sent, ...journal.recalled, ...journal.edited, ...receipts]) {
    if (!byId.has(id)) note(verdict, 'lost', `${id} was acknowledged and is not stored`);
  }
  const keys = new Set<string>();
  rows.forEach((row, index) => {
    if (keys.has(row.senderKey)) note(verdict, 'doubled', `${row.senderKey} is stored twice`);
    keys.add(row.senderKey);
    if (row.seq !== BigInt(index + 1)) note(verdict, 'lost', `position ${index + 1} of the timeline has the number ${row.seq}`);
    if (index > 0 && row.id <= rows[index - 1]!.id) note(verdict, 'reordered', `${row.id} does not grow`);
  });
  for (const id of recalled) if (byId.get(id)?.state === 0) note(verdict, 'resurrected', `${id} was recalled and is stored`);
  for (const { id } of journal.sent) {
    if (!recalled.has(id) && (byId.get(id)?.state ?? 0) !== 0) note(verdict, 'lost', `${id} was taken away and nobody recalled it`);
  }
  const place = new Map(rows.map((row, index) => [row.id, index]));
  const inTurn = journal.sent.filter((one) => one.place !== undefined);
  for (const sender of new Set(inTurn.map((one) => `${one.from}/${one.resource}`))) {
    const order = inTurn.filter((one) => `${one.from}/${one.resource}` === sender).toSorted((a, b) => a.place! - b.place!);
    order.slice(1).forEach((one, i) => {
      if (place.get(one.id)! < place.get(order[i]!.id)!) note(verdict, 'reordered', `${one.id} stands before what ${sender} sent earlier`);
    });
  }
}

function checkDevice(journal: Journal, rows: readonly StoredRow[], device: DeviceView, texts: ReadonlyMap<bigint, string>, verdict: Verdict): void {
  const place = new Map(rows.map((row, index) => [row.id, index]));
  const seen = new Set<bigint>();
  let last = -1;
  for (const { id } of device.seen) {
    if (seen.has(id)) note(verdict, 'doubled', `${device.name} saw ${id} twice`);
    seen.add(id);
    const at = place.get(id);
    if (at === undefined) note(verdict, 'doubled', `${device.name} saw ${id}, which is not stored`);
    else if (at < last) note(verdict, 'reordered', `${device.name} saw ${id} late`);
    else last = at;
  }
  const removed = journal.removed.get(device.user);
  for (const row of rows) {
    // What was taken away, or removed by the user on another device, before this one could fetch it is rightly missing.
    if (row.state === 0 && !removed?.has(row.id) && !seen.has(row.id) && !device.own.has(row.id)) note(verdict, 'lost', `${device.name} never saw ${row.id} (type ${row.type}, place ${row.seq} of ${rows.length})`);
  }
  verdict.delivered += device.seen.filter((one) => one.kind === 'message').length;

  const view = new Map<bigint, string>();
  for (const one of device.seen) {
    if (one.kind === 'message') view.set(one.id, one.text ?? '');
    if (one.kind === 'edit' && view.has(one.target!)) view.set(one.target!, one.text ?? '');
    if (one.kind === 'recall') view.delete(one.target!);
  }
  for (const { target } of journal.recalled) {
    if (view.has(target)) note(verdict, 'resurrected', `${device.name} still shows ${target}`);
  }
  for (const [id, text] of view) {
    // Its own edits reach a device as answers, not as metas.
    if (device.own.has(id) || !texts.has(id)) continue;
    if (texts.get(id) !== text) note(verdict, 'lost', `${device.name} shows "${text}" for ${id}, not "${texts.get(id)}"`);
  }
}

function checkHistory(journal: Journal, rows: readonly StoredRow[], history: HistoryView, texts: ReadonlyMap<bigint, string>, verdict: Verdict): void {
  const recalled = new Set(journal.recalled.map((one) => one.target));
  const removed = journal.removed.get(history.user) ?? new Set();
  const expected = rows.filter((row) => row.isMessage && row.state === 0 && !removed.has(row.id)).map((row) => row.id);
  for (const id of expected) {
    if (!history.messages.has(id)) note(verdict, 'lost', `the history of ${history.user} has no ${id}`);
    else if (texts.has(id) && texts.get(id) !== history.messages.get(id)) note(verdict, 'lost', `the history of ${history.user} has an old text of ${id}`);
  }
  const allowed = new Set(expected);
  for (const id of history.messages.keys()) {
    if (recalled.has(id) || removed.has(id)) note(verdict, 'resurrected', `the history of ${history.user} shows ${id}`);
    else if (!allowed.has(id)) note(verdict, 'doubled', `the history of ${history.user} shows ${id}, which is not stored`);
  }
}

const MOST_REMARKS = 50;

function note(verdict: Verdict, kind: 'lost' | 'doubled' | 'reordered' | 'resurrected', remark: string): void {
  verdict[kind]++;
  if (verdict.remarks.length < MOST_REMARKS) verdict.remarks.push(`${kind}: ${remark}`);
}
