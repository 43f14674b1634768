import { MalformedFrame } from '../wire/malformed-frame.error.js';
import { WireReader } from '../wire/wire.reader.js';
import { scratch, type WireWriter } from '../wire/wire.writer.js';

/** How the value of an attribute is to be understood. */
export const ValueType = {
  BOOL: 1,
  INT: 2,
  UINT: 3,
  LLINT: 4,
  FLOAT: 5,
  DOUBLE: 6,
  STRING: 7,
  JSON_STRING: 8,
} as const;

const noLimit = 0x7fffffff;
const intBound = 2 ** 63;

/** Encodes one attribute from a value as JSON.parse yields it. */
export function encodeKeyValue(key: string, value: unknown): Buffer {
  // JSON first: a value's own toJSON must not run while the writer is in use.
  const json = isJson(value) ? JSON.stringify(value) : '';
  writeFields(scratch.start(), key, value, json);
  return scratch.take();
}

/** Encodes an object's own properties, in order; undefined ones are left out, as in JSON. */
export function keyValues(values: Record<string, unknown>): Buffer[] {
  const result: Buffer[] = [];
  for (const [key, value] of Object.entries(values)) {
    if (value !== undefined) result.push(encodeKeyValue(key, value));
  }
  return result;
}

/**
 * Reads one attribute. Integers become JS numbers (beyond 2^53 to the nearest); JSON that does not parse stays text.
 * @throws MalformedFrame
 */
export function decodeKeyValue(bytes: Uint8Array): { key: string; value: unknown } {
  const reader = new WireReader(bytes);
  let key = '';
  let type = 0;
  let held: number | bigint | string | undefined;
  while (reader.more()) {
    const tag = reader.tag();
    switch (tag) {
      case (1 << 3) | 2:
        key = reader.string(noLimit);
        break;
      case 2 << 3:
        type = reader.uint32();
        break;
      case 3 << 3:
        held = reader.int64();
        break;
      case (4 << 3) | 5:
        held = reader.float();
        break;
      case (5 << 3) | 1:
        held = reader.double();
        break;
      case (6 << 3) | 2:
        held = reader.string(noLimit);
        break;
      default:
        reader.skip(tag);
    }
  }
  return { key, value: toValue(type, held) };
}

/** Reads a list of attributes; of two with the same key the later wins. @throws MalformedFrame */
export function decodeKeyValues(list: Iterable<Uint8Array>): Record<string, unknown> {
  const entries: [string, unknown][] = [];
  for (const bytes of list) {
    const { key, value } = decodeKeyValue(bytes);
    entries.push([key, value]);
  }
  return Object.fromEntries(entries);
}

function isJson(value: unknown): boolean {
  return typeof value === 'object';
}

function writeFields(writer: WireWriter, key: string, value: unknown, json: string): void {
  writer.string(1, key);
  switch (typeof value) {
    case 'string':
      writer.uint32(2, ValueType.STRING).string(6, value);
      break;
    case 'boolean':
      writer.uint32(2, ValueType.BOOL).uint32(3, value ? 1 : 0);
      break;
    case 'number':
      if (Number.isInteger(value) && value >= -intBound && value < intBound) {
        writer.uint32(2, ValueType.INT).uint64(3, BigInt(value));
      } else {
        writer.uint32(2, ValueType.DOUBLE).double(5, value);
      }
      break;
    case 'object':
      writer.uint32(2, ValueType.JSON_STRING).string(6, json);
      break;
    default:
      throw new TypeError(`an attribute cannot hold a ${typeof value}`);
  }
}

function toValue(type: number, held: number | bigint | string | undefined): unknown {
  switch (type) {
    case ValueType.BOOL:
      return typeof held === 'bigint' && held !== 0n;
    case ValueType.INT:
    case ValueType.LLINT:
      return typeof held === 'bigint' ? Number(held) : 0;
    case ValueType.UINT:
      return typeof held === 'bigint' ? Number(BigInt.asUintN(64, held)) : 0;
    case ValueType.FLOAT:
    case ValueType.DOUBLE:
      return typeof held === 'number' ? held : 0;
    case ValueType.STRING:
      return typeof held === 'string' ? held : '';
    case ValueType.JSON_STRING:
      return typeof held === 'string' ? parsed(held) : null;
    default:
      throw new MalformedFrame('attribute of an unknown type');
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
