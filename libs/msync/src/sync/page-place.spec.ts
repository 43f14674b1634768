import { describe, expect, it } from '@jest/globals';
import { client, encodePage, schema } from '../index.js';

const queue = { appKey: 'org#app', name: 'ann', domain: 'easemob.com', clientResource: '' };
const page = { metas: [], queue, nextKey: 5n, isLast: false, timestampMs: 1_700_000_000_000n };
const most = 2n ** 64n - 1n;

describe('where a page stands', () => {
  it.each([
    { previous: 0n, position: 1n, epoch: 20_000 },
    { previous: most, position: most, epoch: 2 ** 32 - 1 },
  ])('is read as it was written: %j', (place) => {
    expect(client.decodeDownlink(encodePage({ ...page, place })).sync).toMatchObject({ place, nextKey: 5n, isLast: false });
  });

  it('does not change what a client sees that does not know of it', () => {
    const { fromBinary, CommSyncDLSchema, MSyncSchema } = schema;
    const read = (frame: Uint8Array) => {
      const { $unknown, ...known } = fromBinary(CommSyncDLSchema, fromBinary(MSyncSchema, frame).payload);
      return { known, unknown: $unknown?.length ?? 0 };
    };
    const with_ = read(encodePage({ ...page, place: { previous: 3n, position: 4n, epoch: 1 } }));
    const without = read(encodePage(page));
    expect(with_.known).toEqual(without.known);
    expect([with_.unknown, without.unknown]).toEqual([3, 0]);
  });
});
