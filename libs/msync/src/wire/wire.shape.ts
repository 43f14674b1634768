import { MalformedFrame } from './malformed-frame.error.js';
import { WireType, type WireReader } from './wire.reader.js';

/** What a field of a relayed message may look like. */
export const Kind = { Uint32: 1, Uint64: 2, Double: 3, Float: 4, Bytes: 5, Message: 6 } as const;

const wireTypeOf = [
  -1,
  WireType.Varint,
  WireType.Varint,
  WireType.Fixed64,
  WireType.Fixed32,
  WireType.Length,
  WireType.Length,
];
const highestField = 32;

/** The known fields of a message, by number. */
export interface Shape {
  readonly kinds: Uint8Array;
  readonly nested: readonly (Shape | undefined)[];
}

/** Declares a shape: field number to kind, or to the shape of a nested message. */
export function shape(fields: Record<number, number | Shape>): Shape {
  const kinds = new Uint8Array(highestField);
  const nested: (Shape | undefined)[] = Array.from({ length: highestField }, () => undefined);
  for (const [number, field] of Object.entries(fields)) {
    kinds[Number(number)] = typeof field === 'number' ? field : Kind.Message;
    if (typeof field !== 'number') nested[Number(number)] = field;
  }
  return { kinds, nested };
}

/**
 * Walks the rest of the innermost message and makes sure that every decoder will see the same fields in it: known
 * fields have their own wire type, nested messages end where they say, unknown fields can be skipped.
 * @throws MalformedFrame
 */
export function checkFields(reader: WireReader, expected: Shape): void {
  while (reader.more()) checkField(reader, reader.tag(), expected);
}

/** Checks the one field whose tag has just been read. @throws MalformedFrame */
export function checkField(reader: WireReader, tag: number, expected: Shape): void {
  const number = tag >>> 3;
  const kind = number < highestField ? expected.kinds[number]! : 0;
  if (kind === 0) return reader.skip(tag);
  if ((tag & 7) !== wireTypeOf[kind]) throw new MalformedFrame('field of a foreign wire type');
  if (kind === Kind.Uint32) {
    reader.uint32();
  } else if (kind === Kind.Message) {
    const outer = reader.enter();
    checkFields(reader, expected.nested[number]!);
    reader.leave(outer);
  } else {
    reader.skip(tag);
  }
}
