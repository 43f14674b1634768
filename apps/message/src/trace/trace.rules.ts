import type { trace } from '@parley/contracts';
import { idToMilliseconds } from '@parley/kernel';
import { BodyType, inspectMessageBody, MalformedFrame, readMetaParts } from '@parley/msync';
import { isRecipientOnly } from '../send/outgoing.js';
import { EXPIRY_RESOURCE } from '../timeline/change-event.js';
import { MessageState } from '../timeline/timeline-change.js';
import { MarkKind } from './trace-marks.js';
import type { MarkRow, Reference, TracedMessage } from './trace.store.js';

/** All that is known of a message. */
export interface Known {
  readonly messageId: bigint;
  readonly message: TracedMessage;
  readonly references: readonly Reference[];
  readonly marks: readonly MarkRow[];
  readonly cursors: readonly { readonly userId: bigint; readonly resource: string }[];
}

const MARK_STEPS: Readonly<Record<number, string>> = {
  [MarkKind.published]: 'published',
  [MarkKind.pulled]: 'pulled',
  [MarkKind.acknowledged]: 'acknowledged',
  [MarkKind.pushed]: 'pushed',
};

const REFERENCE_STEPS: Readonly<Record<number, string>> = {
  [BodyType.DELIVER_ACK]: 'delivered',
  [BodyType.READ_ACK]: 'read',
  [BodyType.EDIT]: 'edited',
};

/** The steps in the order of time; those whose time nobody noted (0) come last. Pure. */
export function traceSteps({ messageId, message, references, ...devices }: Known): trace.TraceStep[] {
  const gotIt = (device: { userId: bigint; resource: string }) => !isPassedOver(message, device);
  const marks = devices.marks.filter(gotIt);
  const cursors = devices.cursors.filter(gotIt);
  const sides = [message.a, message.b];
  const nameOf = (userId: bigint) => sides.find((side) => side.id === userId)?.name ?? '';
  const step = (name: string, atMs: number, userId = 0n, device = '', atLatest = false): trace.TraceStep => ({
    step: name,
    atMs: BigInt(atMs),
    user: nameOf(userId),
    device,
    atLatest,
  });
  const steps = [
    // The id is given under the lock under which the row is written: the two are one moment.
    step('accepted', idToMilliseconds(messageId), message.senderId, message.senderResource),
    step('stored', idToMilliseconds(messageId)),
    ...marks.map((mark) => step(MARK_STEPS[mark.kind] ?? 'unknown', mark.atMs, mark.userId, mark.resource)),
    ...references.map((reference) => referenceStep(reference, step)),
    ...sides
      .filter((side, i) => side.id !== message.senderId && side.readAllId >= messageId && sides.findIndex((one) => one.id === side.id) === i)
      .filter((side) => !references.some((one) => one.bodyType >> 4 === BodyType.READ_ACK && one.senderId === side.id))
      .map((side) => step('read', idToMilliseconds(side.readAllId), side.id, '', true)),
    ...cursors
      .filter((cursor) => !marks.some((mark) => mark.kind === MarkKind.acknowledged && mark.userId === cursor.userId && mark.resource === cursor.resource))
      .map((cursor) => step('acknowledged', 0, cursor.userId, cursor.resource, true)),
    ...(message.state === MessageState.removed ? [step('removed', 0, 0n, '', true)] : []),
  ];
  return steps.sort((a, b) => Number(a.atMs === 0n) - Number(b.atMs === 0n) || Number(a.atMs - b.atMs));
}

/**
 * Pages and positions of devices pass over rows that they get no copy of: what they sent themselves, what is for the recipient only,
 * what is for another device of his.
 */
function isPassedOver({ senderId, senderResource, audience, toResource }: TracedMessage, device: { userId: bigint; resource: string }): boolean {
  if (device.userId !== 0n && device.userId !== senderId) return toResource !== null && device.resource !== toResource;
  return device.userId === senderId && (device.resource === senderResource || isRecipientOnly(audience));
}

function referenceStep(
  { id, bodyType, senderId, senderResource, meta }: Reference,
  step: (name: string, atMs: number, userId?: bigint, device?: string) => trace.TraceStep,
): trace.TraceStep {
  const atMs = idToMilliseconds(id);
  const type = bodyType >> 4;
  if (type !== BodyType.RECALL) return step(REFERENCE_STEPS[type] ?? 'unknown', atMs, senderId, senderResource);
  if (senderResource === EXPIRY_RESOURCE) return step('expired', atMs);
  return { ...step('recalled', atMs, senderId, senderResource), user: recallerOf(meta) };
}

/** A tenant may recall in another name than the sender's. */
function recallerOf(meta: Buffer): string {
  try {
    return inspectMessageBody(readMetaParts(meta).payload).fromName ?? '';
  } catch (error) {
    if (error instanceof MalformedFrame) return '';
    throw error;
  }
}
