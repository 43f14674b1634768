import { WireReader } from '../wire/wire.reader.js';
import { checkField } from '../wire/wire.shape.js';
import { scratch } from '../wire/wire.writer.js';
import { messageBodyShape } from './message-body.shape.js';

const fromTag = (2 << 3) | 2;
const toTag = (3 << 3) | 2;
const nameTag = (2 << 3) | 2;

/**
 * A message body whose `from` and `to` are exactly the given names, whatever the sender wrote. Applications show these
 * two, so they decide who seems to have spoken. Nothing but the name may stand in them: a foreign app key or device is
 * removed as well.
 *
 * Returns the same bytes when they already say so, which is what the official clients send. Otherwise a copy in which
 * all other fields stand unchanged and in order (a default that was written explicitly stays explicit).
 * @throws MalformedFrame
 */
export function forceSender(payload: Uint8Array, from: { name: string }, to: { name: string }): Uint8Array {
  const reader = new WireReader(payload);
  let correctFrom = 0;
  let correctTo = 0;
  let wrong = 0;
  while (reader.more()) {
    const start = reader.pos;
    const tag = reader.tag();
    checkField(reader, tag, messageBodyShape);
    if (tag === fromTag) {
      if (holdsOnly(reader.buffer, start, reader.pos, from.name)) correctFrom++;
      else wrong++;
    } else if (tag === toTag) {
      if (holdsOnly(reader.buffer, start, reader.pos, to.name)) correctTo++;
      else wrong++;
    }
  }
  if (wrong === 0 && correctFrom === 1 && correctTo === 1) return payload;
  return rewrite(payload, from.name, to.name);
}

/** Whether the field is an address of the canonical encoding with this name and nothing else. */
function holdsOnly(buffer: Buffer, start: number, end: number, name: string): boolean {
  const size = end - start - 4;
  // Beyond this the two lengths take more than a byte each: the slow path does it.
  if (size < 0 || size > 125 || name.length > size) return false;
  if (buffer[start + 2] !== nameTag || buffer[start + 3] !== size) return false;
  const first = start + 4;
  for (let i = 0; i < name.length; i++) {
    const code = name.charCodeAt(i);
    if (code > 0x7f) return buffer.compare(Buffer.from(name, 'utf8'), 0, undefined, first, end) === 0;
    if (buffer[first + i] !== code) return false;
  }
  return name.length === size;
}

/** Puts the two addresses where the first of theirs stood, or else behind the type that opens a body. */
function rewrite(payload: Uint8Array, from: string, to: string): Uint8Array {
  const reader = new WireReader(payload);
  const kept: Uint8Array[] = [];
  let place = -1;
  while (reader.more()) {
    const start = reader.pos;
    const tag = reader.tag();
    reader.skip(tag);
    if (tag === fromTag || tag === toTag) {
      if (place < 0) place = kept.length;
    } else {
      kept.push(reader.buffer.subarray(start, reader.pos));
    }
  }
  if (place < 0) place = kept.length > 0 && kept[0]![0] === 1 << 3 ? 1 : 0;

  scratch.start();
  for (const field of kept.slice(0, place)) scratch.raw(field);
  writeName(2, from);
  writeName(3, to);
  for (const field of kept.slice(place)) scratch.raw(field);
  return scratch.take();
}

function writeName(field: number, name: string): void {
  const start = scratch.open(field);
  scratch.string(2, name).close(start);
}
