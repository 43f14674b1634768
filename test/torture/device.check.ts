import type { Truth } from './checker.js';
import { note, type Verdict } from './verdict.js';

/** A meta as a device received it, repetitions dropped as the official SDKs do. */
export interface Seen {
  readonly id: bigint;
  readonly kind: 'message' | 'recall' | 'edit' | 'read' | 'readAll' | 'other';
  /** Of what is about an earlier message: which one. */
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
  /** It signed in for the first time: what was there before it has from the history. */
  readonly isNew?: boolean;
  /** What reached it when all acts were over, so that what was taken away was so for certain. */
  readonly late?: ReadonlySet<bigint>;
}

export function checkDevice(truth: Truth, device: DeviceView, verdict: Verdict): void {
  checkArrivals(truth, device, verdict);
  checkContent(truth, device, verdict);
  verdict.delivered += device.seen.filter((one) => one.kind === 'message').length;
  checkView(truth, device, verdict);
}

/** Everything, once, in the order of the timeline. */
function checkArrivals({ journal, rows, place, recalled }: Truth, device: DeviceView, verdict: Verdict): void {
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
  for (const id of device.late ?? []) {
    if (recalled.has(id) || removed?.has(id)) note(verdict, 'resurrected', `${device.name} was given ${id} when it came back`);
  }
  if (device.isNew) return;
  for (const row of rows) {
    // What was taken away, or removed by the user on another device, before this one could fetch it is rightly missing.
    if (row.state !== 0 || removed?.has(row.id) || seen.has(row.id) || device.own.has(row.id)) continue;
    note(verdict, 'lost', `${device.name} never saw ${row.id} (type ${row.type}, place ${row.seq} of ${rows.length})`);
  }
}

/** What arrived is what was sent. */
function checkContent({ journal }: Truth, device: DeviceView, verdict: Verdict): void {
  // A device that was away may be given a message as it was edited meanwhile.
  const texts = new Set([...journal.sent.map(({ id, text }) => `${id} ${text}`), ...journal.edited.map(({ target, text }) => `${target} ${text}`)]);
  const edits = new Map(journal.edited.map((one) => [one.id, one]));
  const targets = new Map([...journal.recalled, ...journal.edited, ...journal.receipts.filter((one) => !one.whole)].map((one) => [one.id, one.target]));
  for (const { id, kind, target, text } of device.seen) {
    const wrong =
      kind === 'message'
        ? !texts.has(`${id} ${text}`)
        : (targets.has(id) && targets.get(id) !== target) || (kind === 'edit' && edits.get(id)?.text !== text);
    if (wrong) note(verdict, 'lost', `${device.name} got ${id} (${kind}) with another content than was sent`);
  }
}

/** What its user sees in the end. */
function checkView({ journal, texts }: Truth, device: DeviceView, verdict: Verdict): void {
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
