import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { eventually } from '@parley/testkit';
import { type StoreUnderTest, storeUnderTest, tenant } from '../history/store.fixture.js';
import { MessageUsageService } from './usage.service.js';

describe('messages of an app', () => {
  let store: StoreUnderTest;
  let usage: MessageUsageService;
  beforeAll(async () => {
    store = await storeUnderTest();
    usage = new MessageUsageService(store.pool);
  }, 90_000);
  afterAll(() => store?.stop(), 30_000);

  const today = new Date().toISOString().slice(0, 10);
  const texts = async () => {
    const { counts } = await usage.of({ tenant, from: '2000-01-01', to: '2100-01-01' });
    return counts.reduce((sum, { messages }) => sum + Number(messages), 0);
  };
  const countedAll = async () =>
    (await store.pool.query<{ all: boolean }>('SELECT (SELECT before_id FROM usage_counted) > (SELECT max(id) FROM message) AS all')).rows[0]!.all;

  it('are each counted once, whoever counts at the same moment, while others are being stored', async () => {
    const other = new MessageUsageService(store.pool);
    const conversations = await Promise.all([1n, 3n, 5n].map((one) => store.conversation(one, one + 1n)));
    for (let round = 0; round < 20; round++) {
      await Promise.all([...conversations.map((conversationId) => store.append(conversationId, 1n, 7)), usage.count(), other.count()]);
    }
    await eventually(async () => (await usage.count(), countedAll()), { what: 'everything counted' });
    expect(await texts()).toBe(20 * 3 * 7);
    const { counts } = await usage.of({ tenant, from: today, to: '2100-01-01' });
    expect(counts[0]).toMatchObject({ type: 0 });
    expect((await usage.of({ tenant: { ...tenant, appId: 8 }, from: '2000-01-01', to: '2100-01-01' })).counts).toEqual([]);
  }, 40_000);

  it('are not missed when their transaction ends long after it began', async () => {
    const before = await texts();
    const conversationId = await store.conversation(7n, 8n);
    const slow = await store.pool.connect();
    try {
      await slow.query('BEGIN');
      await slow.query(
        `SELECT id FROM append_messages('{7}'::integer[], ARRAY[$1]::bigint[], '{7}'::bigint[], '{web}'::text[], '{9001}'::bigint[], '{0}'::smallint[],
          '{17}'::smallint[], '{null}'::text[], ARRAY['\\x00'::bytea], interval '7 days')`,
        [conversationId],
      );
      // Later messages are stored and would have been counted by now.
      await store.append(await store.conversation(9n, 10n), 9n, 1);
      const { rows } = await store.pool.query<{ at: string }>('SELECT id_at(clock_timestamp()) AS at');
      await eventually(async () => (await store.pool.query('SELECT 1 WHERE id_at(clock_timestamp() - interval \'1200 ms\') > $1', [rows[0]!.at])).rowCount === 1, { what: 'a second' });
      await usage.count();
      expect(await texts()).toBe(before);
      await slow.query('COMMIT');
    } finally {
      slow.release();
    }
    await eventually(async () => (await usage.count(), countedAll()), { what: 'everything counted' });
    expect(await texts()).toBe(before + 2);
    const { counts } = await usage.of({ tenant, from: '2000-01-01', to: '2100-01-01' });
    expect(counts.filter(({ type }) => type === 1).reduce((sum, { messages }) => sum + messages, 0n)).toBe(1n);
  }, 40_000);

  it('do not count where they are receipts or news', async () => {
    const before = await texts();
    await store.pool.query(
      `SELECT append_messages('{7,7}'::integer[], ARRAY[$1, $1]::bigint[], '{1,1}'::bigint[], '{web,web}'::text[], '{9002,9003}'::bigint[], '{0,0}'::smallint[],
        '{64,80}'::smallint[], '{null,null}'::text[], ARRAY['\\x00','\\x00']::bytea[], interval '7 days')`,
      [await store.conversation(1n, 2n)],
    );
    await eventually(async () => (await usage.count(), countedAll()), { what: 'everything counted' });
    expect(await texts()).toBe(before);
  }, 40_000);
});
