import type { Truth } from './checker.js';
import { note, type Verdict } from './verdict.js';

/** An entry of a user's list of conversations. */
export interface Entry {
  readonly peer: string;
  readonly unread: number;
  /** The newest message that he sees; undefined when there is none. */
  readonly lastId: bigint | undefined;
}

/** What a device that was away was told to wait for it, and what then came, by peer. */
export interface WaitingView {
  readonly name: string;
  readonly announced: ReadonlyMap<string, number>;
  readonly delivered: ReadonlyMap<string, number>;
}

/** Counts of what waits for a device end here. */
const MOST_ANNOUNCED = 200;

/** @param truths the conversations of this user */
export function checkList(user: string, truths: readonly Truth[], list: readonly Entry[], verdict: Verdict): void {
  const expected = truths
    .map((truth) => ({ peer: truth.journal.pair.find((name) => name !== user)!, act: truth.journal.sent.reduce((last, { id }) => (id > last ? id : last), 0n), truth }))
    .filter(({ act }) => act > 0n)
    .toSorted((a, b) => (a.act < b.act ? 1 : -1));
  const order = (entries: readonly { peer: string }[]) => entries.map(({ peer }) => peer).join(', ');
  if (order(list) !== order(expected)) note(verdict, 'miscounted', `the list of ${user} is "${order(list)}", not "${order(expected)}"`);
  for (const { peer, truth } of expected) {
    const entry = list.find((one) => one.peer === peer);
    if (!entry) continue;
    const { unread, lastId } = entryOf(truth, user, peer);
    if (entry.unread !== unread) note(verdict, 'miscounted', `${user} has ${entry.unread} unread of ${peer}, not ${unread}`);
    if (entry.lastId !== lastId) note(verdict, 'miscounted', `the list of ${user} shows ${entry.lastId} as the last of ${peer}, not ${lastId}`);
  }
}

function entryOf({ journal, recalled, place }: Truth, user: string, peer: string): Omit<Entry, 'peer'> {
  const removed = journal.removed.get(user);
  const shown = journal.sent.filter(({ id }) => !recalled.has(id) && !removed?.has(id)).toSorted((a, b) => (a.id < b.id ? -1 : 1));
  const readUpTo = journal.receipts
    .filter((one) => one.from === user && place.has(one.id))
    .map((one) => (one.whole ? one.id : one.target))
    .reduce((furthest, id) => (id > furthest ? id : furthest), 0n);
  return { unread: shown.filter(({ from, id }) => from === peer && id > readUpTo).length, lastId: shown.at(-1)?.id };
}

export function checkWaiting({ name, announced, delivered }: WaitingView, verdict: Verdict): void {
  for (const peer of new Set([...announced.keys(), ...delivered.keys()])) {
    const [told, came] = [announced.get(peer) ?? 0, delivered.get(peer) ?? 0];
    if (told !== Math.min(came, MOST_ANNOUNCED)) note(verdict, 'miscounted', `${name} was told of ${told} of ${peer}, and ${came} came`);
  }
}
