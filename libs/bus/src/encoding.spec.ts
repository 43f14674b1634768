import { describe, expect, it } from '@jest/globals';
import { live } from '@parley/contracts';
import { type Codec, encoded } from './encoding.js';

const kick = (reason: string) => live.LiveEnvelope.fromPartial({ kick: { operation: 4, reason } });
const alone = (reason: string) => live.LiveEnvelope.encode(kick(reason)).finish();

describe('what is encoded for the bus', () => {
  it.each([1, 100, 300_000])('is as if it were encoded alone, after one of %i characters too', (length) => {
    encoded(live.LiveEnvelope, kick('x'.repeat(length)));
    expect(encoded(live.LiveEnvelope, kick('short'))).toEqual(alone('short'));
    expect(encoded(live.LiveEnvelope, kick('y'.repeat(length)))).toEqual(alone('y'.repeat(length)));
  });

  it('stays as it is when something else is encoded', () => {
    const first = encoded(live.LiveEnvelope, kick('first'));
    encoded(live.LiveEnvelope, kick('other'));
    expect(first).toEqual(alone('first'));
  });

  it('holds nothing of what could not be encoded', () => {
    const breaks: Codec<string> = {
      decode: String,
      encode: (value, writer) => {
        writer!.string(value);
        throw new Error('no further');
      },
    };
    expect(() => encoded(breaks, 'half')).toThrow('no further');
    expect(encoded(live.LiveEnvelope, kick('next'))).toEqual(alone('next'));
  });
});
