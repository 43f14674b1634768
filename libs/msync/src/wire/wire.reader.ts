import { MalformedFrame } from './malformed-frame.error.js';

/** How a field lies on the wire (the low three bits of its tag). Groups are refused. */
export const WireType = { Varint: 0, Fixed64: 1, Length: 2, Fixed32: 5 } as const;

const words = new DataView(new ArrayBuffer(8));
const noLimit = 0x7fffffff;

/**
 * A cursor over one protobuf message. Every read is checked against the end of the innermost message.
 *
 * Stricter than protobuf where decoders of the receiving clients disagree about what follows, because there a sender
 * could hide a field from the server that the receiver sees: tags and lengths take at most five bytes, 32-bit values
 * at most five or exactly ten, and the caller must refuse a known field of a foreign wire type.
 * All methods throw MalformedFrame.
 */
export class WireReader {
  readonly buffer: Buffer;
  pos: number;
  end: number;

  constructor(bytes: Uint8Array) {
    this.buffer = bytes instanceof Buffer ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.pos = 0;
    this.end = bytes.length;
  }

  /** Whether fields are left in the innermost message. */
  more(): boolean {
    return this.pos < this.end;
  }

  /** The next field's tag: number * 8 + wire type. */
  tag(): number {
    const first = this.buffer[this.pos]!;
    let tag = first;
    if (first < 0x80) this.pos++;
    else tag = this.shortVarint();
    if (tag < 8) throw new MalformedFrame('field number 0');
    return tag;
  }

  /** An unsigned number of at most 32 bits in at most five bytes: tags and lengths. */
  private shortVarint(): number {
    let value = 0;
    let scale = 1;
    for (let i = 0; i < 5; i++) {
      if (this.pos >= this.end) throw new MalformedFrame('truncated number');
      const byte = this.buffer[this.pos++]!;
      value += (byte & 0x7f) * scale;
      if (byte < 0x80) {
        if (value > 0xffffffff) throw new MalformedFrame('number too large');
        return value;
      }
      scale *= 128;
    }
    throw new MalformedFrame('number too long');
  }

  /** A uint32 or enum value. A negative number arrives as ten bytes and yields its low 32 bits, unsigned. */
  uint32(): number {
    const start = this.pos;
    let value = 0;
    for (let i = 0; i < 10; i++) {
      if (this.pos >= this.end) throw new MalformedFrame('truncated number');
      const byte = this.buffer[this.pos++]!;
      if (i < 5) value |= (byte & 0x7f) << (7 * i);
      if (byte < 0x80) {
        const size = this.pos - start;
        if (size > 5 && size < 10) throw new MalformedFrame('number of an ambiguous size');
        return value >>> 0;
      }
    }
    throw new MalformedFrame('number too long');
  }

  /** A uint64. */
  uint64(): bigint {
    let low = 0;
    let middle = 0;
    let high = 0;
    for (let i = 0; i < 10; i++) {
      if (this.pos >= this.end) throw new MalformedFrame('truncated number');
      const byte = this.buffer[this.pos++]!;
      if (i < 4) low |= (byte & 0x7f) << (7 * i);
      else if (i < 8) middle |= (byte & 0x7f) << (7 * (i - 4));
      else high |= (byte & 0x7f) << (7 * (i - 8));
      if (byte < 0x80) {
        if (i < 4) return BigInt(low);
        words.setUint32(0, (low | (middle << 28)) >>> 0, true);
        words.setUint32(4, ((middle >>> 4) | (high << 24)) >>> 0, true);
        return words.getBigUint64(0, true);
      }
    }
    throw new MalformedFrame('number too long');
  }

  /** An int64. */
  int64(): bigint {
    return BigInt.asIntN(64, this.uint64());
  }

  /** Reads a length and returns the end of that many bytes; the cursor stands on the first. */
  private span(limit: number): number {
    if (this.pos >= this.end) throw new MalformedFrame('truncated length');
    const first = this.buffer[this.pos]!;
    let length = first;
    if (first < 0x80) this.pos++;
    else length = this.shortVarint();
    if (length > this.end - this.pos) throw new MalformedFrame('length beyond the end');
    if (length > limit) throw new MalformedFrame('field too long');
    return this.pos + length;
  }

  /** The bytes of a length-delimited field: a view, not a copy. */
  bytes(limit = noLimit): Buffer {
    const end = this.span(limit);
    const view = this.buffer.subarray(this.pos, end);
    this.pos = end;
    return view;
  }

  /** A string of at most `limit` UTF-8 bytes; invalid UTF-8 becomes U+FFFD. */
  string(limit: number): string {
    const end = this.span(limit);
    const text = this.buffer.toString('utf8', this.pos, end);
    this.pos = end;
    return text;
  }

  /** Steps into a nested message; hand the result to `leave`. */
  enter(limit = noLimit): number {
    const end = this.span(limit);
    const outer = this.end;
    this.end = end;
    return outer;
  }

  /** Steps out of a nested message that has been read to its end. */
  leave(outer: number): void {
    this.end = outer;
  }

  /** A double. */
  double(): number {
    this.need(8);
    this.pos += 8;
    return this.buffer.readDoubleLE(this.pos - 8);
  }

  /** A float. */
  float(): number {
    this.need(4);
    this.pos += 4;
    return this.buffer.readFloatLE(this.pos - 4);
  }

  /** Passes over the value of a field. */
  skip(tag: number): void {
    switch (tag & 7) {
      case WireType.Varint:
        return this.skipVarint();
      case WireType.Fixed64:
        this.need(8);
        this.pos += 8;
        return;
      case WireType.Length:
        this.pos = this.span(noLimit);
        return;
      case WireType.Fixed32:
        this.need(4);
        this.pos += 4;
        return;
      default:
        throw new MalformedFrame('group or unknown wire type');
    }
  }

  private skipVarint(): void {
    for (let i = 0; i < 10; i++) {
      if (this.pos >= this.end) throw new MalformedFrame('truncated number');
      if (this.buffer[this.pos++]! < 0x80) return;
    }
    throw new MalformedFrame('number too long');
  }

  private need(bytes: number): void {
    if (bytes > this.end - this.pos) throw new MalformedFrame('truncated value');
  }
}
