import { BodyType } from '../constants.js';
import { WireReader } from '../wire/wire.reader.js';
import { scratch } from '../wire/wire.writer.js';
import { decodeKeyValue } from './key-value.codec.js';

const Field = { type: 1, contents: 4, ext: 5, ackMessageId: 6, meta: 9, editMessageId: 11, editScope: 12 } as const;

/** Which parts of a message an edit replaces. */
export const EditScope = { BODY: 1, BODY_AND_EXT: 2 } as const;

/** What an edit may change of a body, as it stands on the wire. */
export interface BodyParts {
  /** Encoded Contents. */
  readonly contents: readonly Uint8Array[];
  /** Encoded KeyValues. */
  readonly ext: readonly Uint8Array[];
  /** JSON text, empty when absent. */
  readonly meta: string;
  /** See EditScope; of an edit alone. */
  readonly editScope: number | undefined;
  /** See SubType; of the first content, undefined when it names none. */
  readonly subType: number | undefined;
}

/** Takes a body apart, without looking into its parts. @throws MalformedFrame */
export function readBodyParts(payload: Uint8Array): BodyParts {
  const reader = new WireReader(payload);
  const contents: Uint8Array[] = [];
  const ext: Uint8Array[] = [];
  let meta = '';
  let editScope: number | undefined;
  while (reader.more()) {
    const tag = reader.tag();
    if (tag === ((Field.contents << 3) | 2)) contents.push(reader.bytes());
    else if (tag === ((Field.ext << 3) | 2)) ext.push(reader.bytes());
    else if (tag === ((Field.meta << 3) | 2)) meta = reader.string(0x7fffffff);
    else if (tag === Field.editScope << 3) editScope = reader.uint32();
    else reader.skip(tag);
  }
  return { contents, ext, meta, editScope, subType: contents.length === 0 ? undefined : readSubType(contents[0]!) };
}

function readSubType(content: Uint8Array): number | undefined {
  const reader = new WireReader(content);
  let subType: number | undefined;
  while (reader.more()) {
    const tag = reader.tag();
    if (tag === 22 << 3) subType = reader.uint32();
    else reader.skip(tag);
  }
  return subType;
}

/** The same body with other contents, attributes and meta; all else stands as it did. @throws MalformedFrame */
export function reviseBody(payload: Uint8Array, parts: Pick<BodyParts, 'contents' | 'ext' | 'meta'>): Buffer {
  const reader = new WireReader(payload);
  scratch.start();
  while (reader.more()) {
    const start = reader.pos;
    const tag = reader.tag();
    reader.skip(tag);
    const field = tag >>> 3;
    if (field !== Field.contents && field !== Field.ext && field !== Field.meta) scratch.raw(reader.buffer.subarray(start, reader.pos));
  }
  return writeParts(parts);
}

/** The body of an edit as the devices of both sides get it. */
export function editBody(edit: Pick<BodyParts, 'contents' | 'ext' | 'meta'> & { from: string; to: string; messageId: bigint; scope: number }): Buffer {
  begin(BodyType.EDIT, edit.from, edit.to);
  scratch.uint64(Field.editMessageId, edit.messageId).uint32(Field.editScope, edit.scope);
  return writeParts(edit);
}

/** The body of a recall. One client looks into its first content unasked, so there is an empty one. */
export function recallBody(recall: { from: string; to: string; messageId: bigint }): Buffer {
  begin(BodyType.RECALL, recall.from, recall.to);
  return scratch.bytes(Field.contents, Buffer.alloc(0)).uint64(Field.ackMessageId, recall.messageId).take();
}

/** Attributes with others put in: those of the same key give way. @throws MalformedFrame */
export function mergeAttributes(old: readonly Uint8Array[], changes: readonly Uint8Array[]): Uint8Array[] {
  const changed = new Set(changes.map((bytes) => decodeKeyValue(bytes).key));
  return [...old.filter((bytes) => !changed.has(decodeKeyValue(bytes).key)), ...changes];
}

function begin(type: number, from: string, to: string): void {
  scratch.start().uint32(Field.type, type);
  for (const [field, name] of [[2, from] as const, [3, to] as const]) {
    const start = scratch.open(field);
    scratch.string(2, name).close(start);
  }
}

function writeParts({ contents, ext, meta }: Pick<BodyParts, 'contents' | 'ext' | 'meta'>): Buffer {
  for (const content of contents) scratch.bytes(Field.contents, content);
  for (const attribute of ext) scratch.bytes(Field.ext, attribute);
  return scratch.text(Field.meta, meta).take();
}
