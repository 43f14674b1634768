import { describe, expect, it } from '@jest/globals';
import type { Bus } from '@parley/bus';
import type { Pool } from 'pg';
import { Timelines } from '../timeline/timeline.js';
import type { TraceMarks } from '../trace/trace-marks.js';
import { Deliveries, type Delivery } from './live-delivery.js';
import { storedAndTold } from './stored-and-told.js';

const marks = { note: () => undefined, noteRows: () => undefined } as unknown as TraceMarks;
const position = { id: 7n, seq: 1n, repeated: false };
const message = { appId: 1, conversationId: 1n, sender: { id: 2n, name: 'ann' }, recipient: { id: 3n, name: 'bob' }, meta: Buffer.from([0]) } as unknown as Delivery;

function given(isOnline: boolean) {
  const did: string[] = [];
  const bus = {
    isOnline,
    publishLive: () => void did.push('shown'),
    publishEvent: async () => void did.push('told'),
  } as unknown as Bus;
  const deliveries = new Deliveries(bus);
  const pool = { connect: async () => void did.push('changed') } as unknown as Pool;
  const commit = storedAndTold({ append: async () => (did.push('stored'), [position]) }, deliveries, marks);
  const timelines = new Timelines(pool, deliveries, bus, 7);
  return { did, commit: () => commit([message]), change: () => timelines.change(1, [1n], async () => undefined) };
}

it('a batch is stored, then told of', async () => {
  const { did, commit } = given(true);
  const { positions, published } = await commit();
  await published;
  expect([positions, did]).toEqual([[position], ['stored', 'shown', 'shown', 'told']]);
});

describe('while NATS is known to be away', () => {
  it.each(['commit', 'change'] as const)('a %s stores nothing: who acts would hear that it failed, and others would see it', async (what) => {
    const { did, ...acts } = given(false);
    await expect(acts[what]()).rejects.toMatchObject({ code: 'unavailable' });
    expect(did).toEqual([]);
  });
});
