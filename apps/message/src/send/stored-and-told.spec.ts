import { expect, it } from '@jest/globals';
import type { TraceMarks } from '../trace/trace-marks.js';
import type { Delivery } from './live-delivery.js';
import { storedAndTold } from './stored-and-told.js';

const marks = { note: () => undefined, noteRows: () => undefined } as unknown as TraceMarks;
const position = { id: 7n, seq: 1n, repeated: false };

function given(isOnline: boolean) {
  const did: string[] = [];
  const commit = storedAndTold(
    { isOnline },
    { append: async () => (did.push('stored'), [position]) },
    { publish: async () => void did.push('told') },
    marks,
  );
  return { did, commit: () => commit([{ appId: 1, conversationId: 1n } as Delivery]) };
}

it('stores a batch, then tells of it', async () => {
  const { did, commit } = given(true);
  const { positions, published } = await commit();
  await published;
  expect([positions, did]).toEqual([[position], ['stored', 'told']]);
});

it('stores nothing that could not be told: its sender would hear that it failed, and others would see it', async () => {
  const { did, commit } = given(false);
  await expect(commit()).rejects.toMatchObject({ kind: 'unavailable' });
  expect(did).toEqual([]);
});
