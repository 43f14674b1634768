import { jidShape } from '../jid/jid.codec.js';
import { Kind, shape } from '../wire/wire.shape.js';

const { Uint32, Uint64, Double, Float, Bytes } = Kind;

/** The fields of an attribute as they must lie on the wire. */
export const keyValueShape = shape({ 1: Bytes, 2: Uint32, 3: Uint64, 4: Float, 5: Double, 6: Bytes });

const sizeShape = shape({ 1: Double, 2: Double });

/** The fields of one content. */
export const contentShape = shape({
  1: Uint32,
  2: Bytes,
  3: Double,
  4: Double,
  5: Bytes,
  6: Bytes,
  7: Bytes,
  8: Bytes,
  9: Uint32,
  10: Bytes,
  11: keyValueShape,
  12: Uint32,
  13: sizeShape,
  14: Bytes,
  15: Bytes,
  16: Bytes,
  17: Uint32,
  18: sizeShape,
  19: Bytes,
  20: keyValueShape,
  21: Bytes,
  22: Uint32,
  23: Bytes,
  24: Bytes,
  25: Uint32,
});

/** The fields of a message body as they must lie on the wire. */
export const messageBodyShape = shape({
  1: Uint32,
  2: jidShape,
  3: jidShape,
  4: contentShape,
  5: keyValueShape,
  6: Uint64,
  7: shape({ 1: Uint32 }),
  8: Bytes,
  9: Bytes,
  11: Uint64,
  12: Uint32,
  13: shape({ 1: Bytes, 2: Uint64, 3: Uint32, 4: Uint32, 5: Uint32 }),
});
