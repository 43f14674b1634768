import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { APP, type StoreUnderTest, storeUnderTest } from '../history/store.fixture.js';
import { ExpiredPartitions } from './expired-partitions.js';
import { idAt, keptSinceMs } from './retention.rules.js';

const DAY_MS = 86_400_000;

describe('retention', () => {
  let store: StoreUnderTest;
  beforeAll(async () => (store = await storeUnderTest()), 90_000);
  afterAll(() => store?.stop(), 30_000);

  const names = async () =>
    (await store.pool.query<{ name: string }>("SELECT c.relname AS name FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid WHERE i.inhparent = 'message'::regclass ORDER BY 1")).rows.map((row) => row.name);
  const after = (days: number, historyDays: number) =>
    new ExpiredPartitions(store.pool, { of: async () => ({ historyDays }) } as never, () => Date.now() + days * DAY_MS);

  it('drops what no app keeps, once its time has passed, while others write; and what refers to it', async () => {
    const conversationId = await store.conversation(1n, 2n);
    const [id] = await store.append(conversationId, 1n, 1);
    await store.pool.query('INSERT INTO hidden_message SELECT $1, 2, $2, $3::bigint - n FROM generate_series(0, 2500) n', [APP, conversationId, id]);
    await store.pool.query("INSERT INTO pinned_message VALUES ($1, $2, $3, 'u1', 0)", [APP, conversationId, id]);
    const before = await names();
    expect(await after(29, 30).drop()).toEqual([]);
    expect(await names()).toEqual(before);

    // The clock has moved on, and so have the partitions.
    await store.pool.query("SELECT ensure_message_partitions(now() + interval '60 days', 3)");
    let writing = true;
    let written = 0;
    const writer = (async () => {
      while (writing) written += (await store.append(await store.conversation(3n, 4n), 3n, 5)).length;
    })();
    const gone = await after(60, 30).drop();
    writing = false;
    await writer.catch(() => undefined);
    expect(written).toBeGreaterThan(0);
    expect(gone.length).toBeGreaterThan(0);
    expect(before).toEqual(expect.arrayContaining(gone));
    expect(await names()).toEqual(expect.not.arrayContaining(gone));
    expect((await store.pool.query('SELECT 1 FROM message WHERE conversation_id = $1', [conversationId])).rows).toEqual([]);
    for (const table of ['hidden_message', 'pinned_message']) expect((await store.pool.query(`SELECT 1 FROM ${table}`)).rows).toEqual([]);
  }, 60_000);

  it('waits for somebody who reads for long, without making others wait, and comes back', async () => {
    await store.pool.query("SELECT ensure_message_partitions(now() - interval '1 day', 2), ensure_message_partitions(now() - interval '300 days', 2)");
    const reader = await store.pool.connect();
    try {
      await reader.query('BEGIN');
      await reader.query('SELECT count(*) FROM message');
      expect(await after(0, 30).drop()).toEqual([]);
      expect(await store.append(await store.conversation(5n, 6n), 5n, 1)).toHaveLength(1);
    } finally {
      await reader.query('COMMIT');
      reader.release();
    }
    expect((await after(0, 30).drop()).length).toBeGreaterThan(0);
  }, 60_000);

  it('drops nothing while the settings of an app are not known', async () => {
    await store.pool.query("SELECT ensure_message_partitions(now() + interval '300 days', 2)");
    const unknown = new ExpiredPartitions(store.pool, { of: async () => Promise.reject(new Error('auth is away')) }, () => Date.now() + 1_000 * DAY_MS);
    const before = await names();
    await expect(unknown.drop()).rejects.toThrow('auth is away');
    expect(await names()).toEqual(before);
  });

  it('begins the time that is kept with a whole day', () => {
    const noon = Date.parse('2026-03-10T12:00:00Z');
    expect(new Date(keptSinceMs(7, noon)).toISOString()).toBe('2026-03-03T00:00:00.000Z');
    expect(idAt(0)).toBe(0n);
  });
});
