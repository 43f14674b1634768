import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { listQuery } from '../conversation-list/list.store.js';
import { APP, type StoreUnderTest, storeUnderTest } from './store.fixture.js';

const CONVERSATIONS = 500;
const ROWS_EACH = 400;
/** Two conversations over half a year: one of a few hundred messages, and one that is long. */
const SHORT = { id: 2_001, rows: 300 };
const LONG = { id: 2_002, rows: 60_000 };
const WEEKS = 26;

describe('plans over 260,000 rows', () => {
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
    await store.pool.query("SELECT ensure_message_partitions(now() - $1::integer * interval '1 week', $1::integer)", [WEEKS]);
    for (const { id, rows } of [SHORT, LONG]) {
      await store.pool.query(
        `INSERT INTO message (app_id, conversation_id, id, seq, sender_id, sender_resource, client_id, audience, body_type, meta)
         SELECT $1, $2::bigint, id_at(now() - (1 - n::float8 / $3) * $4::integer * interval '1 week') + $2, n, 1, 'web', n, 0, CASE WHEN n % 3 = 0 THEN 80 ELSE 16 END, decode(repeat('ab', 200), 'hex')
           FROM generate_series(1, $3::integer) n`,
        [APP, id, rows, WEEKS],
      );
      await store.pool.query(
        `INSERT INTO conversation (app_id, conversation_id, user_a, user_b, name_a, name_b, last_id, last_seq)
         SELECT $1, $2::bigint, 1, $2, 'u1', 'u' || $2::text, max(id), max(seq) FROM message WHERE app_id = $1 AND conversation_id = $2`,
        [APP, id],
      );
      await store.pool.query("INSERT INTO device VALUES ($1, $2, 'phone')", [APP, id]);
      await store.pool.query(
        "INSERT INTO device_cursor (app_id, user_id, conversation_id, resource, id, seq) SELECT $1, $2::bigint, $2, 'phone', max(id), max(seq) FROM message WHERE app_id = $1 AND conversation_id = $2 AND seq <= $3::integer - 100",
        [APP, id, rows],
      );
    }
    // As autovacuum does: not those of weeks to come, which have not changed.
    const { rows: used } = await store.pool.query<{ name: string }>('SELECT DISTINCT tableoid::regclass::text AS name FROM message');
    await store.pool.query(`ANALYZE conversation, device, device_cursor, ${used.map(({ name }) => name).join(', ')}`);
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
    ['conversation list', listQuery, `${APP}, 1, NULL, 0, false, 0, false, true, 0, 500, 20, 0`],
    ['append look-up', 'SELECT id FROM message WHERE app_id = $1 AND conversation_id = $2 AND client_id = $3 AND id > $4', `${APP}, 5, 5, 0`],
  ])('%s reads messages by index alone', async (_, text, values) => {
    const plan = await generic(text, values);
    expect(plan).toMatch(/Index Scan (Backward )?using message_\d{4}w\d{2}/);
    expect(plan).not.toMatch(/(Seq|Bitmap Heap) Scan on message_/);
  });

  /** Calls a function that this connection has called before, and answers how its statements were carried out. */
  async function again(call: string): Promise<{ plans: string[]; blocks: number }> {
    const client = await store.pool.connect();
    try {
      await client.query(call);
      const { rows } = await client.query<{ 'QUERY PLAN': [{ Plan: Record<string, number> }] }>(`EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) ${call}`);
      const { 'Shared Hit Blocks': hit = 0, 'Shared Read Blocks': read = 0 } = rows[0]!['QUERY PLAN'][0].Plan;
      const plans: string[] = [];
      client.on('notice', ({ message = '' }) => plans.push(message));
      await client.query("LOAD 'auto_explain'; SET auto_explain.log_min_duration = 0; SET auto_explain.log_nested_statements = on; SET client_min_messages = log");
      await client.query(call);
      return { plans, blocks: hit + read };
    } finally {
      client.release(true);
    }
  }

  const at = (part: number) => `id_at(now() - ${1 - part} * ${WEEKS} * interval '1 week')`;
  const END = 9_000_000_000_000_000_000n;
  const rows = (id: number, forward: boolean, after: string, before: string, types = 'NULL', hides = false) =>
    `SELECT * FROM history_rows(${APP}, ${id}, 1, ${forward}, ${after}, ${before}, ${types}, NULL, ${hides}, 60)`;
  describe.each([
    ['the newest page', (id: number) => rows(id, false, '0', `${END}`)],
    ['the oldest page', (id: number) => rows(id, true, '0', `${END}`)],
    ['a page backward from the middle', (id: number) => rows(id, false, '0', at(0.5))],
    ['a page forward from the middle', (id: number) => rows(id, true, at(0.5), `${END}`)],
    ['a page of some days', (id: number) => rows(id, false, at(0.4), at(0.6))],
    ['a step through what is of another type', (id: number) => rows(id, false, '0', at(0.5), "'{1}'")],
    ['a page for somebody who hid messages', (id: number) => rows(id, false, '0', at(0.5), 'NULL', true)],
    ['the receipts of a page', (id: number) => `SELECT * FROM history_receipts(${APP}, ${id}, ARRAY[${at(0.5)}, ${at(0.51)}], ${at(0.5)})`],
    ['what a device has not read, by queue', (id: number) => `SELECT * FROM unread_of(${APP}, ${id}, 'phone', 500)`],
    ['what a device has not read, itself', (id: number) => `SELECT * FROM unread_rows(${APP}, ${id}, 'phone', '{}', '{}', NULL, 60)`],
  ])('%s', (_, call) => {
    it('is read by an index of the conversation, by a plan that was made before', async () => {
      const { plans } = await again(call(LONG.id));
      const reading = plans.flatMap((plan) => plan.split('\n')).filter((line) => / on message_[0-9]{4}w/.test(line));
      expect(reading.length).toBeGreaterThan(0);
      for (const line of reading) expect(line).toMatch(/Index Scan (Backward )?using message_[0-9]{4}w[0-9]{2}_(pkey|app_id_conversation_id_ack_id_idx) on/);
      // Values would stand here if the plan had been made for this call.
      expect(plans.join('\n')).toMatch(/Index Cond: \(\(app_id = \$\d+\) AND \(conversation_id = /);
    });

    it('touches as little of a long conversation as of a short one', async () => {
      const [short, long] = [await again(call(SHORT.id)), await again(call(LONG.id))];
      // An index one level deeper, rows on a block more, a week that ends within the page.
      expect(long.blocks).toBeLessThanOrEqual(short.blocks + 20);
    });
  });
});
