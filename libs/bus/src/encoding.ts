import { BinaryWriter } from '@bufbuild/protobuf/wire';

/** A message type of the generated contracts. */
export interface Codec<T> {
  encode(value: T, writer?: BinaryWriter): BinaryWriter;
  decode(bytes: Uint8Array): T;
}

/** A buffer that has grown beyond this is not kept. */
const MOST_KEPT_BYTES = 256 * 1024;

/** One for all, so that its buffer grows once instead of with every message. */
let writer = new BinaryWriter();

/** The encoded value, in memory of its own. */
export function encoded<T>(codec: Codec<T>, value: T): Uint8Array {
  try {
    const bytes = codec.encode(value, writer).finish();
    if (bytes.length > MOST_KEPT_BYTES) writer = new BinaryWriter();
    return bytes;
  } catch (error) {
    // It may hold the beginning of what could not be encoded.
    writer = new BinaryWriter();
    throw error;
  }
}
