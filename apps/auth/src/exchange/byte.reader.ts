import { DomainError } from '@parley/errors';

/** Little-endian integers, and bytes behind their 16-bit length. Reading beyond the end is token_corrupt. */
export class ByteReader {
  #at = 0;

  constructor(private readonly source: Buffer) {}

  uint16(): number {
    return this.#take(2).readUInt16LE();
  }

  uint32(): number {
    return this.#take(4).readUInt32LE();
  }

  bytes(): Buffer {
    return this.#take(this.uint16());
  }

  text(): string {
    return this.bytes().toString('utf8');
  }

  /** What has not been read yet. */
  rest(): Buffer {
    return this.source.subarray(this.#at);
  }

  #take(length: number): Buffer {
    if (this.#at + length > this.source.length) throw new DomainError('token_corrupt');
    return this.source.subarray(this.#at, (this.#at += length));
  }
}

export function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return bytes;
}
