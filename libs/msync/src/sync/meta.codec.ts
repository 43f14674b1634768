import { readJid, writeJid, type Jid } from '../jid/jid.codec.js';
import { WireReader } from '../wire/wire.reader.js';
import { putUint64, scratch } from '../wire/wire.writer.js';

/** A meta as it is stored: everything but what the store itself assigns. */
export interface MetaBody {
  /** With the device that sends. */
  from: Jid;
  to: Jid;
  /** See NameSpace. */
  ns: number;
  payload: Uint8Array;
  /** Encoded KeyValues, passed on as they are. */
  ext: readonly Uint8Array[];
  /** See RouteType; left out when absent. */
  routetype?: number;
}

const idTag = 1 << 3;
const timestampTag = 4 << 3;
const fromTag = (2 << 3) | 2;
const payloadTag = (6 << 3) | 2;
const extTag = (8 << 3) | 2;
/** Two tags of one byte, two varints of at most ten. */
const headBytes = 22;
const head = Buffer.allocUnsafeSlow(headBytes);

/** Encodes a meta without id and timestamp; `completeMeta` adds them. */
export function encodeMetaBody(meta: MetaBody): Buffer {
  writeJid(scratch.start(), 2, meta.from);
  writeJid(scratch, 3, meta.to);
  scratch.uint32(5, meta.ns).bytes(6, meta.payload);
  if (meta.routetype !== undefined) scratch.uint32(7, meta.routetype);
  for (const entry of meta.ext) scratch.bytes(8, entry);
  return scratch.take();
}

/**
 * The whole meta: id and timestamp in front of the stored part (the order of fields means nothing in protobuf).
 * @param timestampMs server time, milliseconds since 1970
 */
export function completeMeta(id: bigint, timestampMs: bigint, body: Uint8Array): Buffer {
  head[0] = idTag;
  let pos = putUint64(head, 1, id);
  head[pos] = timestampTag;
  pos = putUint64(head, pos + 1, timestampMs);
  const meta = Buffer.allocUnsafe(pos + body.length);
  head.copy(meta, 0, 0, pos);
  meta.set(body, pos);
  return meta;
}

/** The payload and the encoded attributes of a meta, whole or as stored: views of it. @throws MalformedFrame */
export function readMetaParts(meta: Uint8Array): { payload: Uint8Array; ext: Uint8Array[] } {
  const reader = new WireReader(meta);
  let payload: Uint8Array = Buffer.alloc(0);
  const ext: Uint8Array[] = [];
  while (reader.more()) {
    const tag = reader.tag();
    if (tag === payloadTag) payload = reader.bytes();
    else if (tag === extTag) ext.push(reader.bytes());
    else reader.skip(tag);
  }
  return { payload, ext };
}

/** The same meta with another payload. @throws MalformedFrame */
export function withPayload(meta: Uint8Array, payload: Uint8Array): Buffer {
  const reader = new WireReader(meta);
  scratch.start();
  while (reader.more()) {
    const start = reader.pos;
    const tag = reader.tag();
    reader.skip(tag);
    if (tag !== payloadTag) scratch.raw(reader.buffer.subarray(start, reader.pos));
  }
  return scratch.bytes(payloadTag >>> 3, payload).take();
}

/** The app key of a meta's sender; empty when it has none. @throws MalformedFrame */
export function readAppKey(meta: Uint8Array): string {
  const reader = new WireReader(meta);
  while (reader.more()) {
    const tag = reader.tag();
    if (tag === fromTag) return readJid(reader, undefined).appKey;
    reader.skip(tag);
  }
  return '';
}
