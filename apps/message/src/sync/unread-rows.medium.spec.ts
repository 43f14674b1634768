import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { APP, type StoreUnderTest, storeUnderTest } from '../history/store.fixture.js';
import { PACKED_ROWS, unpackRows } from './packed-rows.js';

const LIMIT = 60;
/** Of whom each test has its own. */
let reader = 0;
let nextConversation = 0;

interface Row {
  conversation_id: string;
  id: string;
  more: boolean;
}

describe('the pages of what a device has not read', () => {
  let store: StoreUnderTest;
  beforeAll(async () => {
    store = await storeUnderTest();
  }, 60_000);
  afterAll(() => store?.stop(), 30_000);

  /** Conversations of the reader; message n (1, 2, …) of the c-th is written at that moment (ms from now). */
  async function givenConversations(count: number, messages: (c: number) => number, at: (c: number, n: number) => number): Promise<void> {
    reader += 1_000;
    const first = nextConversation + 1;
    nextConversation += count;
    const all = Array.from({ length: count }, (_, c) => Array.from({ length: messages(c) }, (_, i) => ({ c, n: i + 1, t: at(c, i + 1) }))).flat();
    await store.pool.query(
      `INSERT INTO message (app_id, conversation_id, id, seq, sender_id, sender_resource, client_id, audience, body_type, meta)
       SELECT $1, $2::bigint + c, id_at(now() + t * interval '1 millisecond') + c, n, $3::bigint + 1 + c, 'web', n, 0, 16, '\\x00'
         FROM unnest($4::integer[], $5::integer[], $6::float8[]) AS u(c, n, t) ORDER BY t, c`,
      [APP, first, reader, all.map(({ c }) => c), all.map(({ n }) => n), all.map(({ t }) => t)],
    );
    await store.pool.query(
      `INSERT INTO conversation (app_id, conversation_id, user_a, user_b, name_a, name_b, last_id, last_seq)
       SELECT $1, conversation_id, $3::bigint, min(sender_id), 'reader', 'u' || min(sender_id), max(id), max(seq)
         FROM message WHERE app_id = $1 AND conversation_id >= $2 GROUP BY conversation_id`,
      [APP, first, reader],
    );
  }
  async function read(limit: number, after = new Map<string, string>()): Promise<Row[]> {
    const { rows } = await store.pool.query<Row>(
      "SELECT conversation_id, id, more FROM unread_rows($1::integer, $2::bigint, 'phone', $3::bigint[], $4::bigint[], NULL, $5::integer)",
      [APP, reader, [...after.keys()], [...after.values()], limit],
    );
    return rows;
  }
  /** Page after page, each from where the one before ended. */
  async function readAll(): Promise<Row[][]> {
    const pages: Row[][] = [];
    const after = new Map<string, string>();
    for (;;) {
      const page = await read(LIMIT, after);
      pages.push(page);
      for (const row of page) after.set(row.conversation_id, row.id);
      if (page.length < LIMIT && !page.at(-1)?.more) return pages;
    }
  }

  it.each<[string, number, (c: number) => number, (c: number, n: number) => number]>([
    ['one long queue', 1, () => 500, (_, n) => n],
    ['queues that were written to in turn', 10, () => 80, (c, n) => n * 10 + c],
    ['queues that were written to one after the other', 10, () => 80, (c, n) => c * 1_000 + n],
    ['one long queue among short ones', 30, (c) => (c === 7 ? 400 : 3), (c, n) => (c === 7 ? n : n * 150 + c)],
    ['more queues than a page has rows', 200, (c) => 1 + (c % 7), (c, n) => ((c * 37) % 200) * 10 + n * 100],
  ])('hold, of %s, every message once and in the order of ids, and all but the last are at least half full', async (_, count, messages, at) => {
    await givenConversations(count, messages, at);
    const pages = await readAll();
    const { rows } = await store.pool.query<{ id: string }>(
      'SELECT m.id FROM message m JOIN conversation c USING (app_id, conversation_id) WHERE c.app_id = $1 AND c.user_a = $2 ORDER BY m.id',
      [APP, reader],
    );
    expect(pages.flat().map(({ id }) => id)).toEqual(rows.map(({ id }) => id));
    for (const page of pages.slice(0, -1)) expect(page.length).toBeGreaterThanOrEqual(LIMIT / 2);
  });

  it('look at little more of many long queues than they hold', async () => {
    await givenConversations(20, () => 1_000, (c, n) => n * 20 + c);
    await read(200);
    const { rows } = await store.pool.query<{ 'QUERY PLAN': [{ Plan: Record<string, number> }] }>(
      `EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) SELECT * FROM unread_rows(${APP}, ${reader}, 'phone', '{}', '{}', NULL, 200)`,
    );
    const { 'Actual Rows': given = 0, 'Shared Hit Blocks': blocks = 0 } = rows[0]!['QUERY PLAN'][0].Plan;
    expect(given).toBeGreaterThanOrEqual(100);
    // To sort 200 rows of each queue takes 1,600.
    expect(blocks).toBeLessThan(600);
  });

  it('come as one value that holds what the columns hold', async () => {
    const { rows } = await store.pool.query<{ packed: Buffer; conversation_id: string[]; peer: string[]; id: string[]; seq: string[]; meta: (Buffer | null)[] }>(`
      SELECT ${PACKED_ROWS} AS packed, array_agg(conversation_id) AS conversation_id, array_agg(peer) AS peer, array_agg(id) AS id, array_agg(seq) AS seq,
             array_agg(meta) AS meta
        FROM (VALUES (1::bigint, 'ann', 5::bigint, 1::bigint, '\\x0102ff'::bytea), (9223372036854775807, '李雷', 6, 9223372036854775807, NULL), (1, 'ann', 7, 2, ''))
          AS t(conversation_id, peer, id, seq, meta)`);
    const { packed, ...columns } = rows[0]!;
    expect(unpackRows(packed)).toEqual(
      columns.id.map((id, i) => ({
        conversationId: BigInt(columns.conversation_id[i]!),
        peer: columns.peer[i],
        id: BigInt(id),
        seq: BigInt(columns.seq[i]!),
        meta: columns.meta[i] ?? undefined,
      })),
    );
  });
});
