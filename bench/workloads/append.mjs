// CPU time of PostgreSQL for storing a message, by the size of the batch: the function that every commit of messages is, called
// over one connection without waiting for the disk. Stands alone: node bench/workloads/append.mjs [--repeat 3]
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { fileURLToPath } from 'node:url';
import { createPool, migrate } from '../../libs/db/dist/index.js';
import { freePort, startPostgres } from '../../libs/embedded/dist/index.js';
import { AppendStore } from '../../apps/message/dist/send/append.store.js';
import { processTree } from '../measure/processes.mjs';

const { values } = parseArgs({ options: { repeat: { type: 'string', default: '3' } } });
const BATCHES = [1, 8, 64];
const CALLS = { 1: 2_000, 8: 1_000, 64: 400 };
const CONVERSATIONS = 50;
const META = Buffer.alloc(180, 7);
const TICKS_PER_SECOND = 100;
let clientId = 0n;

const folder = mkdtempSync(join(tmpdir(), 'parley-bench-append-'));
const postgres = await startPostgres({ dataFolder: join(folder, 'pg'), port: await freePort(), log: () => undefined });
const url = `${postgres.url.replace(/\/[^/]*$/, '')}/parley`;
const pool = createPool({ url, schema: 'message', max: 1 });
try {
  await migrate({ url, schema: 'message', folder: fileURLToPath(new URL('../../apps/message/prisma/migrations', import.meta.url)) });
  await pool.query("SELECT ensure_message_partitions(now() - interval '1 day', 5)");
  await pool.query("INSERT INTO conversation (app_id, conversation_id, user_a, user_b, name_a, name_b) SELECT 1, n, 2 * n, 2 * n + 1, 'a', 'b' FROM generate_series(1, $1::integer) n", [CONVERSATIONS]);
  await pool.query('SET synchronous_commit = off');
  const { rows } = await pool.query('SELECT pg_backend_pid() AS pid');
  const store = new AppendStore(pool, 7);
  for (const size of BATCHES) {
    const append = async (calls) => {
      for (let i = 0; i < calls; i++) await store.append(Array.from({ length: size }, message));
    };
    await append(CALLS[size] / 4);
    const micros = [];
    for (let round = 0; round < Number(values.repeat); round++) {
      const before = processTree(rows[0].pid)[0].own;
      await append(CALLS[size]);
      micros.push(((processTree(rows[0].pid)[0].own - before) / TICKS_PER_SECOND / CALLS[size] / size) * 1e6);
    }
    micros.sort((a, b) => a - b);
    console.log(`batches of ${size}: ${micros[micros.length >> 1].toFixed(0)} (${micros[0].toFixed(0)}-${micros.at(-1).toFixed(0)}) µs of CPU a message`);
  }
} finally {
  await pool.end();
  await postgres.stop();
  rmSync(folder, { recursive: true, force: true });
}

function message() {
  const conversationId = BigInt(1 + Math.floor(Math.random() * CONVERSATIONS));
  return { appId: 1, conversationId, senderId: 2n * conversationId, senderResource: 'web', clientId: ++clientId, audience: 0, bodyType: 16, toResource: null, meta: META, ackId: undefined, expiry: undefined };
}
