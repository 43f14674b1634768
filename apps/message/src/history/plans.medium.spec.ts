import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { listQuery } from '../conversation-list/list.store.js';
import { pageQuery } from './history.store.js';
import { APP, type StoreUnderTest, storeUnderTest } from './store.fixture.js';

const CONVERSATIONS = 500;
const ROWS_EACH = 400;

describe('plans over 200,000 rows', () => {
  let store: StoreUnderTest;
  beforeAll(async () => {
    store = await storeUnderTest();
    await store.pool.query(
      "INSERT INTO conversation (app_id, conversation_id, user_a, user_b, name_a, name_b, last_content_id, last_device_content_id) SELECT $1, c, 1, 1000 + c, 'u1', 'u' || c, 1, 1 FROM generate_series(1, $2) c",
      [APP, CONVERSATIONS],
    );
    await store.pool.query(
      `INSERT INTO message (app_id, conversation_id, id, seq, sender_id, sender_resource, client_id, audience, body_type, meta)
       SELECT $1, c, id_at(now()) + n * $2 + c, n, 1000 + c, 'web', n, 0, 16, '\\x00' FROM generate_series(1, $2) c, generate_series(1, $3) n`,
      [APP, CONVERSATIONS, ROWS_EACH],
    );
    await store.pool.query('ANALYZE');
  }, 120_000);
  afterAll(() => store?.stop(), 30_000);

  /** The plan as the server makes it for a prepared statement that it does not know the values of. */
  async function generic(text: string, values: string): Promise<string> {
    const client = await store.pool.connect();
    try {
      await client.query('SET plan_cache_mode = force_generic_plan');
      await client.query(`PREPARE under_test AS ${text}`);
      const { rows } = await client.query<{ 'QUERY PLAN': string }>(`EXPLAIN EXECUTE under_test(${values})`);
      return rows.map((row) => row['QUERY PLAN']).join('\n');
    } finally {
      await client.query('DEALLOCATE ALL; RESET plan_cache_mode');
      client.release();
    }
  }

  it.each([
    ['history backward', pageQuery(false), `${APP}, 5, 0, 9000000000000000000, 1, NULL, NULL, false, 50`],
    ['history forward', pageQuery(true), `${APP}, 5, 0, 9000000000000000000, 1, NULL, NULL, false, 50`],
    ['conversation list', listQuery, `${APP}, 1, NULL, 0, false, 0, false, true, 0, 500, 20, 0`],
    ['append look-up', 'SELECT id FROM message WHERE app_id = $1 AND conversation_id = $2 AND client_id = $3 AND id > $4', `${APP}, 5, 5, 0`],
    ['receipts of a page', 'SELECT ack_id FROM message WHERE app_id = $1 AND conversation_id = $2 AND ack_id = ANY ($3::bigint[]) AND id > $4', `${APP}, 5, '{1,2}', 0`],
    [
      'pull',
      'SELECT id FROM message WHERE app_id = $1 AND conversation_id = $2 AND id > $3 AND seq > 0 ORDER BY id LIMIT $4',
      `${APP}, 5, 0, 200`,
    ],
  ])('%s reads messages by index alone', async (_, text, values) => {
    const plan = await generic(text, values);
    // Partitions of weeks to come are empty: there a look at nothing is the cheapest.
    const { rows } = await store.pool.query<{ name: string }>("SELECT relname AS name FROM pg_class WHERE relname ~ '^message_[0-9]{4}w' AND relkind = 'r' AND reltuples > 0");
    expect(rows.length).toBeGreaterThan(0);
    expect(plan).toMatch(/Index/);
    for (const { name } of rows) expect(plan).not.toContain(`Seq Scan on ${name}`);
  });
});
