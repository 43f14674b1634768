import { WireReader } from '../wire/wire.reader.js';
import { scratch } from '../wire/wire.writer.js';

const payloadTag = (6 << 3) | 2;
const stateTag = (9 << 3) | 2;
const noLimit = 0x7fffffff;

/**
 * An encoded meta whose MessageBody says more of its state: the keys are merged into the JSON of MessageBody.meta, all other
 * fields stand unchanged and in order. Nothing to say gives the same bytes.
 * @param meta with or without id and timestamp
 * @throws MalformedFrame
 */
export function withBodyState(meta: Uint8Array, state: Readonly<Record<string, unknown>>): Uint8Array {
  if (Object.keys(state).length === 0) return meta;
  const reader = new WireReader(meta);
  while (reader.more()) {
    const start = reader.pos;
    const tag = reader.tag();
    if (tag !== payloadTag) {
      reader.skip(tag);
      continue;
    }
    const payload = bodyWithState(reader.bytes(), state);
    scratch.start().raw(meta.subarray(0, start)).bytes(6, payload).raw(meta.subarray(reader.pos));
    return scratch.take();
  }
  return meta;
}

/** What a MessageBody says of its state; {} when it says nothing, or nothing that is a JSON object. @throws MalformedFrame */
export function readBodyState(payload: Uint8Array): Record<string, unknown> {
  const reader = new WireReader(payload);
  let json = '';
  while (reader.more()) {
    const tag = reader.tag();
    if (tag === stateTag) json = reader.string(noLimit);
    else reader.skip(tag);
  }
  if (json === '') return {};
  try {
    const value: unknown = JSON.parse(json);
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : {};
  } catch {
    return {};
  }
}

function bodyWithState(payload: Buffer, state: Readonly<Record<string, unknown>>): Buffer {
  const merged = JSON.stringify({ ...readBodyState(payload), ...state });
  const kept: Uint8Array[] = [];
  const reader = new WireReader(payload);
  while (reader.more()) {
    const start = reader.pos;
    const tag = reader.tag();
    reader.skip(tag);
    if (tag !== stateTag) kept.push(payload.subarray(start, reader.pos));
  }
  scratch.start();
  for (const field of kept) scratch.raw(field);
  return scratch.string(9, merged).take();
}
