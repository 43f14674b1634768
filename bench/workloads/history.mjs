// Time of one history page, by the size of the conversation and where in it the page lies. Rows are made by SQL, spread over
// half a year of weekly partitions, a third of them receipts. Stands alone: node bench/workloads/history.mjs [--most 10000000]
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { fileURLToPath } from 'node:url';
import { createPool, migrate } from '../../libs/db/dist/index.js';
import { freePort, startPostgres } from '../../libs/embedded/dist/index.js';
import { HistoryStore } from '../../apps/message/dist/history/history.store.js';

const { values } = parseArgs({ options: { most: { type: 'string', default: '10000000' } } });
const SIZES = [10_000, 100_000, 1_000_000, 10_000_000].filter((size) => size <= Number(values.most));
const PAGES = 200;
const LIMIT = 60;
const WEEKS = 26;
const WEEK_MS = 7 * 86_400_000;
const APP = 7;

const folder = mkdtempSync(join(tmpdir(), 'parley-bench-history-'));
const postgres = await startPostgres({ dataFolder: join(folder, 'pg'), port: await freePort(), log: () => undefined });
const url = `${postgres.url.replace(/\/[^/]*$/, '')}/parley`;
const pool = createPool({ url, schema: 'message', max: 2 });
try {
  await migrate({ url, schema: 'message', folder: fileURLToPath(new URL('../../apps/message/prisma/migrations', import.meta.url)) });
  await pool.query('SELECT ensure_message_partitions(now() - $1::integer * interval \'1 week\', $1::integer + 2)', [WEEKS]);
  console.log('| rows | made in | newest page p50 / p95 ms | middle | oldest, forward | receipts of a page |');
  console.log('| ---: | ---: | ---: | ---: | ---: | ---: |');
  for (const [i, size] of SIZES.entries()) await measure(i + 1, size);
} finally {
  await pool.end();
  await postgres.stop();
  rmSync(folder, { recursive: true, force: true });
}

async function measure(conversationId, size) {
  const began = performance.now();
  const first = BigInt(Date.now() - WEEKS * WEEK_MS - 1_577_836_800_000) << 22n;
  const step = (BigInt(WEEKS * WEEK_MS) << 22n) / BigInt(size);
  await pool.query("INSERT INTO conversation (app_id, conversation_id, user_a, user_b, name_a, name_b) VALUES ($1, $2, 1, $3, 'a', 'b')", [APP, conversationId, 100 + conversationId]);
  for (let done = 0; done < size; done += 1_000_000) {
    await pool.query(
      `INSERT INTO message (app_id, conversation_id, id, seq, sender_id, sender_resource, client_id, audience, body_type, meta, ack_id)
       SELECT $1, $2, $3::bigint + n * $4::bigint, n + 1, 1, 'web', n, 0, CASE WHEN n % 3 = 2 THEN 80 ELSE 16 END,
              decode(repeat('ab', 200), 'hex'), CASE WHEN n % 3 = 2 THEN $3::bigint + (n - 1) * $4::bigint END
         FROM generate_series($5::bigint, $6::bigint) n`,
      [APP, conversationId, first, step, done, Math.min(done + 1_000_000, size) - 1],
    );
  }
  await pool.query('VACUUM ANALYZE message');
  const madeSeconds = Math.round((performance.now() - began) / 1_000);
  const store = new HistoryStore(pool);
  const own = { appId: APP, conversationId: BigInt(conversationId), user: { id: 1n, name: 'a' }, peer: { id: 2n, name: 'b' }, clearedId: 0n, hides: false };
  const all = { contentTypes: [], senderId: undefined };
  const span = step * BigInt(size);
  const page = (forward, at) => store.rows(own, { forward, limit: LIMIT, after: forward ? at : 0n, before: forward ? 2n ** 62n : at }, all, LIMIT);
  // Different pages near each place, so that it is not one page's cache that is measured.
  const near = (fraction) => () => first + BigInt(Math.floor(Number(span) * fraction * (0.999 + Math.random() / 1_000)));
  const cells = [
    await timed(() => page(false, 2n ** 62n)),
    await timed((at) => page(false, at), near(0.5)),
    await timed((at) => page(true, at), near(0.001)),
    await timed(async (ids) => store.receipts(own, ids), () => Array.from({ length: 20 }, (_, n) => first + span / 2n + BigInt(n * 3 + 1) * step)),
  ];
  console.log(`| ${size.toLocaleString('en')} | ${madeSeconds} s | ${cells.join(' | ')} |`);
}

async function timed(run, argument = () => undefined) {
  for (let i = 0; i < 20; i++) await run(argument());
  const times = [];
  for (let i = 0; i < PAGES; i++) {
    const at = argument();
    const began = performance.now();
    await run(at);
    times.push(performance.now() - began);
  }
  times.sort((a, b) => a - b);
  return `${times[PAGES / 2].toFixed(2)} / ${times[PAGES * 0.95].toFixed(2)}`;
}
