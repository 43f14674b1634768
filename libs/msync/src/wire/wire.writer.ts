const initialBytes = 16 * 1024;
const keptBytes = 1024 * 1024;
const words = new DataView(new ArrayBuffer(8));

/** Writes a varint of at most 32 bits and returns the position behind it. */
export function putUint32(target: Uint8Array, pos: number, value: number): number {
  let rest = value >>> 0;
  while (rest > 0x7f) {
    target[pos++] = (rest & 0x7f) | 0x80;
    rest >>>= 7;
  }
  target[pos++] = rest;
  return pos;
}

/** Writes a varint of 64 bits (at most ten bytes) and returns the position behind it. */
export function putUint64(target: Uint8Array, pos: number, value: bigint): number {
  words.setBigUint64(0, value, true);
  let low = words.getUint32(0, true);
  let high = words.getUint32(4, true);
  while (high > 0) {
    target[pos++] = (low & 0x7f) | 0x80;
    low = ((low >>> 7) | (high << 25)) >>> 0;
    high >>>= 7;
  }
  return putUint32(target, pos, low);
}

/** Bytes that a length takes as a varint. */
export function sizeOfLength(length: number): number {
  return length < 0x80 ? 1 : length < 0x4000 ? 2 : length < 0x200000 ? 3 : length < 0x10000000 ? 4 : 5;
}

/**
 * Composes one message in a buffer that is used again and again, and copies it out once. Not re-entrant: compose a
 * message from start() to take() without giving control to anybody else.
 */
export class WireWriter {
  private buffer = Buffer.allocUnsafeSlow(initialBytes);
  private pos = 0;

  /** Begins a new message, forgetting an unfinished one. */
  start(): this {
    this.pos = 0;
    return this;
  }

  /** A copy of what has been written. */
  take(): Buffer {
    const result = Buffer.allocUnsafe(this.pos);
    this.buffer.copy(result, 0, 0, this.pos);
    if (this.buffer.length > keptBytes) this.buffer = Buffer.allocUnsafeSlow(initialBytes);
    return result;
  }

  /** A uint32, enum or bool field. */
  uint32(field: number, value: number): this {
    this.room(10);
    this.pos = putUint32(this.buffer, putUint32(this.buffer, this.pos, field << 3), value);
    return this;
  }

  /** A uint64 field; an int64 goes as its two's complement. */
  uint64(field: number, value: bigint): this {
    this.room(15);
    this.pos = putUint64(this.buffer, putUint32(this.buffer, this.pos, field << 3), value);
    return this;
  }

  /** A double field. */
  double(field: number, value: number): this {
    this.room(13);
    this.pos = this.buffer.writeDoubleLE(value, putUint32(this.buffer, this.pos, (field << 3) | 1));
    return this;
  }

  /** A string field. */
  string(field: number, text: string): this {
    const most = text.length * 3;
    this.room(most + 10);
    let pos = putUint32(this.buffer, this.pos, (field << 3) | 2);
    if (most < 0x80) {
      // The length takes one byte whatever the characters are, so it can be filled in afterwards.
      const size = this.putText(text, pos + 1);
      this.buffer[pos] = size;
      this.pos = pos + 1 + size;
    } else {
      pos = putUint32(this.buffer, pos, Buffer.byteLength(text, 'utf8'));
      this.pos = pos + this.buffer.write(text, pos, 'utf8');
    }
    return this;
  }

  /** A string field that is left out when empty. */
  text(field: number, text: string | undefined): this {
    return text ? this.string(field, text) : this;
  }

  /** A bytes field, or a nested message that is already encoded. */
  bytes(field: number, value: Uint8Array): this {
    this.room(value.length + 10);
    const pos = putUint32(this.buffer, putUint32(this.buffer, this.pos, (field << 3) | 2), value.length);
    this.buffer.set(value, pos);
    this.pos = pos + value.length;
    return this;
  }

  /** Fields that are already encoded. */
  raw(value: Uint8Array): this {
    this.room(value.length);
    this.buffer.set(value, this.pos);
    this.pos += value.length;
    return this;
  }

  /** Begins a nested message; hand the result to `close`. */
  open(field: number): number {
    this.room(6);
    this.pos = putUint32(this.buffer, this.pos, (field << 3) | 2) + 1;
    return this.pos;
  }

  /** Ends a nested message. */
  close(start: number): this {
    const length = this.pos - start;
    const extra = sizeOfLength(length) - 1;
    if (extra > 0) {
      this.room(extra);
      this.buffer.copyWithin(start + extra, start, this.pos);
      this.pos += extra;
    }
    putUint32(this.buffer, start - 1, length);
    return this;
  }

  private putText(text: string, pos: number): number {
    for (let i = 0; i < text.length; i++) {
      const code = text.charCodeAt(i);
      if (code > 0x7f) return this.buffer.write(text, pos, 'utf8');
      this.buffer[pos + i] = code;
    }
    return text.length;
  }

  private room(bytes: number): void {
    if (this.pos + bytes <= this.buffer.length) return;
    const larger = Buffer.allocUnsafeSlow(Math.max(this.buffer.length * 2, this.pos + bytes));
    this.buffer.copy(larger, 0, 0, this.pos);
    this.buffer = larger;
  }
}

/** The process's writer: encoding is synchronous, so one is enough. */
export const scratch = new WireWriter();
