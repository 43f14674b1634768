// Time of one history page of 50 messages, their receipts and reactions included, by the size of the conversation and where in
// it the page lies. Rows are made by SQL, spread over half a year of weekly partitions, a third of them receipts.
// Stands alone: node bench/workloads/history.mjs [--most 10000000]
import { parseArgs } from 'node:util';
import { ConversationAccess } from '../../apps/message/dist/conversation/conversation-access.js';
import { HistoryService } from '../../apps/message/dist/history/history.service.js';
import { HistoryStore } from '../../apps/message/dist/history/history.store.js';
import { APP, meta, storeUnderTest, tenant } from '../../apps/message/dist/history/store.fixture.js';
import { ReactionStore } from '../../apps/message/dist/reaction/reaction.store.js';
import { KeptHistory } from '../../apps/message/dist/retention/kept-history.js';
import { cpuSeconds } from '../measure/processes.mjs';

const { values } = parseArgs({ options: { most: { type: 'string', default: '10000000' } } });
const SIZES = [10_000, 100_000, 1_000_000, 10_000_000].filter((size) => size <= Number(values.most));
const PAGES = 300;
const LIMIT = 50;
const WEEKS = 26;
const SPAN_MS = WEEKS * 7 * 86_400_000;
const DAY_MS = 86_400_000;
const IMAGE = 1;

const store = await storeUnderTest();
// Users are named by their ids.
const directory = { resolve: async (names) => new Map(names.map((one) => [`${one.appId} ${one.username}`, BigInt(one.username.slice(1))])) };
const access = new ConversationAccess(store.pool, directory);
const kept = new KeptHistory({ of: async () => ({ historyEnabled: true, historyDays: 365 }) });
const history = new HistoryService(access, new HistoryStore(store.pool), kept, new ReactionStore(store.pool));
const beganMs = Date.now() - SPAN_MS;
const at = (part) => beganMs + part * SPAN_MS;
const idAt = (ms) => BigInt(Math.floor(ms) - 1_577_836_800_000) << 22n;
// Another place for each page, so that it is not the cache of one page that is measured.
const near = (part) => at(part * (0.999 + Math.random() / 1_000));
const PLACES = {
  newest: () => ({}),
  'backward from the middle': () => ({ cursor: idAt(near(0.5)) }),
  'forward from the middle': () => ({ cursor: idAt(near(0.5)), forward: true }),
  'oldest, forward': () => ({ cursor: idAt(near(0.001)), forward: true }),
  'of three days': () => ((from) => ({ startMs: BigInt(Math.floor(from)), endMs: BigInt(Math.floor(from) + 3 * DAY_MS) }))(near(0.4)),
  'a step for a type that is not there': () => ({ cursor: idAt(near(0.5)), contentTypes: [IMAGE] }),
};
try {
  await store.pool.query("SELECT ensure_message_partitions(now() - $1::integer * interval '1 week', $1::integer)", [WEEKS]);
  console.log('p50 / p95 ms, and CPU ms of PostgreSQL');
  console.log(`| rows | made in | ${Object.keys(PLACES).join(' | ')} |`);
  console.log(`| ---: |${' ---: |'.repeat(Object.keys(PLACES).length + 1)}`);
  for (const [i, size] of SIZES.entries()) await measure(100 + i, size);
} finally {
  await store.stop();
}

async function measure(peer, size) {
  const began = performance.now();
  const conversationId = await store.conversation(1n, BigInt(peer));
  const first = idAt(beganMs);
  const step = (BigInt(SPAN_MS) << 22n) / BigInt(size);
  for (let done = 0; done < size; done += 1_000_000) {
    await store.pool.query(
      `INSERT INTO message (app_id, conversation_id, id, seq, sender_id, sender_resource, client_id, audience, body_type, meta, ack_id)
       SELECT $1, $2, $3::bigint + n * $4::bigint, n + 1, 1, 'web', n, 0, CASE WHEN n % 3 = 2 THEN 80 ELSE 16 END, $7,
              CASE WHEN n % 3 = 2 THEN $3::bigint + (n - 1) * $4::bigint END
         FROM generate_series($5::bigint, $6::bigint) n`,
      [APP, conversationId, first, step, done, Math.min(done + 1_000_000, size) - 1, meta],
    );
  }
  await store.pool.query('VACUUM ANALYZE message');
  const madeSeconds = Math.round((performance.now() - began) / 1_000);
  const request = { tenant, username: `u${peer}`, conversation: { peer: 'u1', group: false }, cursor: 0n, forward: false, limit: LIMIT, startMs: 0n, endMs: 0n, contentTypes: [], sender: '' };
  const cells = [];
  for (const place of Object.values(PLACES)) cells.push(await timed(() => history.fetch({ ...request, ...place() })));
  console.log(`| ${size.toLocaleString('en')} | ${madeSeconds} s | ${cells.join(' | ')} |`);
}

async function timed(run) {
  // Plans are made, and code is compiled, before.
  for (let i = 0; i < 50; i++) await run();
  const { rows: backends } = await store.pool.query("SELECT pid FROM pg_stat_activity WHERE application_name = 'parley-message'");
  const cpu = () => backends.map(({ pid }) => cpuSeconds(pid, () => '').total);
  const cpuBefore = cpu();
  const times = [];
  for (let i = 0; i < PAGES; i++) {
    const before = performance.now();
    await run();
    times.push(performance.now() - before);
  }
  // A connection that was idle for long has ended meanwhile, and did nothing.
  const cpuMs = cpu().reduce((sum, after, i) => sum + (Math.max(0, after - cpuBefore[i]) * 1_000) / PAGES, 0);
  times.sort((a, b) => a - b);
  return `${times[PAGES / 2].toFixed(1)} / ${times[PAGES * 0.95].toFixed(1)}, ${cpuMs.toFixed(2)}`;
}
