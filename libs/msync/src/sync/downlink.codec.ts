import { Command } from '../constants.js';
import { beginFrame, endFrame, envelopeOverhead, putEnvelopeHead } from '../envelope/envelope.codec.js';
import { statusOk, writeStatus, type StatusFields } from '../envelope/status.codec.js';
import { encodeJid, writeJid, type Jid } from '../jid/jid.codec.js';
import { putUint32, putUint64, scratch, sizeOfLength } from '../wire/wire.writer.js';

/** The queues of a device that hold something. */
export interface UnreadAnswer {
  queues: readonly { jid: Jid; n: number }[];
  /** Server time, milliseconds since 1970. */
  timestampMs: bigint;
}

/** The answer to one send. */
export interface SendAnswer {
  /** The client's id of the message. */
  metaId: bigint;
  /** The id of the message everywhere else; absent on errors. */
  serverId?: bigint;
  /** Server time, milliseconds since 1970. */
  timestampMs: bigint;
  /** OK when absent. */
  status?: StatusFields;
  /** Encoded metas, complete with id and timestamp: what the sender must learn of the outcome. */
  metas?: readonly Uint8Array[];
}

/** A page of one queue, asked for or pushed. */
export interface Page {
  /** Encoded metas, complete with id and timestamp, in order. */
  metas: readonly Uint8Array[];
  /** The queue, or its encoding. */
  queue: Jid | Uint8Array;
  /** Key of the last meta; the client sends it back when `isLast` is false. */
  nextKey?: bigint;
  isLast: boolean;
  /** Server time, milliseconds since 1970. */
  timestampMs: bigint;
  /** Where the page stands in its timeline: docs/protocol-extensions.md. */
  place?: PagePlace;
}

/** The page covers every row after `previous` up to `position`. */
export interface PagePlace {
  previous: bigint;
  position: bigint;
  /** Changes when older rows may be missing: the day since 1970 from which on everything is kept; 0 = not known. */
  epoch: number;
}

const field = { metas: (4 << 3) | 2, nextKey: 5 << 3, queue: (6 << 3) | 2, isLast: 7 << 3, timestamp: 8 << 3 } as const;
/** Numbers of our own, far from the vendor's: clients skip fields that they do not know. */
const placeField = { previous: 1_001 << 3, position: 1_002 << 3, epoch: 1_003 << 3 } as const;
/** nextKey, isLast, timestamp and the place at their longest. */
const tail = Buffer.allocUnsafeSlow(64);

/** The whole frame that answers an UNREAD. */
export function encodeUnreadAnswer(answer: UnreadAnswer): Buffer {
  const frame = beginFrame(Command.UNREAD);
  scratch.raw(statusOk);
  for (const queue of answer.queues) {
    const entry = scratch.open(2);
    writeJid(scratch, 1, queue.jid).uint32(2, queue.n).close(entry);
  }
  scratch.uint64(3, answer.timestampMs);
  return endFrame(frame);
}

/** The whole frame that tells a device of something new in a queue. */
export function encodeNotice(queue: Jid): Buffer {
  const frame = beginFrame(Command.NOTICE);
  writeJid(scratch, 1, queue);
  return endFrame(frame);
}

/** The whole frame that answers a send. */
export function encodeSendAnswer(answer: SendAnswer): Buffer {
  const frame = beginFrame(Command.SYNC);
  if (answer.status) writeStatus(scratch, 1, answer.status);
  else scratch.raw(statusOk);
  scratch.uint64(2, answer.metaId);
  if (answer.serverId !== undefined) scratch.uint64(3, answer.serverId);
  for (const meta of answer.metas ?? []) scratch.bytes(4, meta);
  scratch.uint64(8, answer.timestampMs);
  return endFrame(frame);
}

/** The whole frame of a page, status OK. Metas are copied once, into the frame. */
export function encodePage(page: Page): Buffer {
  const queue = page.queue instanceof Uint8Array ? page.queue : encodeJid(page.queue);
  const tailLength = putTail(page);
  let length = statusOk.length + tailLength + 1 + sizeOfLength(queue.length) + queue.length;
  for (const meta of page.metas) length += 1 + sizeOfLength(meta.length) + meta.length;

  const frame = Buffer.allocUnsafe(envelopeOverhead(length) + length);
  let pos = putEnvelopeHead(frame, Command.SYNC, length);
  frame.set(statusOk, pos);
  pos += statusOk.length;
  for (const meta of page.metas) pos = putBytes(frame, pos, field.metas, meta);
  pos = putBytes(frame, pos, field.queue, queue);
  tail.copy(frame, pos, 0, tailLength);
  return frame;
}

function putTail(page: Page): number {
  let pos = 0;
  if (page.nextKey !== undefined) {
    tail[pos] = field.nextKey;
    pos = putUint64(tail, pos + 1, page.nextKey);
  }
  tail[pos] = field.isLast;
  tail[pos + 1] = page.isLast ? 1 : 0;
  tail[pos + 2] = field.timestamp;
  pos = putUint64(tail, pos + 3, page.timestampMs);
  if (!page.place) return pos;
  pos = putUint64(tail, putUint32(tail, pos, placeField.previous), page.place.previous);
  pos = putUint64(tail, putUint32(tail, pos, placeField.position), page.place.position);
  return putUint32(tail, putUint32(tail, pos, placeField.epoch), page.place.epoch);
}

function putBytes(target: Uint8Array, pos: number, tag: number, value: Uint8Array): number {
  target[pos] = tag;
  const start = putUint32(target, pos + 1, value.length);
  target.set(value, start);
  return start + value.length;
}
