import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Bus, eventSubjects } from '@parley/bus';
import { freePort, type RunningNats, type RunningPostgres, startNats, startPostgres } from '@parley/embedded';
import type { RunningService } from '@parley/rpc';
import { eventually } from '@parley/testkit';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { loadServiceConfig, start } from '../start.js';

const folder = mkdtempSync(join(tmpdir(), 'parley-message-purge-'));
let postgres: RunningPostgres;
let nats: RunningNats;
let service: RunningService;
let bus: Bus;
let pool: pg.Pool;

beforeAll(async () => {
  postgres = await startPostgres({ dataFolder: join(folder, 'pg'), port: await freePort(), fsync: false, log: () => undefined });
  nats = await startNats({ dataFolder: join(folder, 'nats'), port: await freePort(), log: () => undefined });
  service = await start(loadServiceConfig({ DATABASE_URL: postgres.url, NATS_URL: nats.url, PARLEY_MESSAGE_RPC: '127.0.0.1:0' }));
  bus = await Bus.connect({ url: nats.url, name: 'spec' });
  pool = new pg.Pool({ connectionString: postgres.url, options: '-c search_path=message' });
  pool.on('error', () => undefined);
}, 60_000);
afterAll(async () => {
  await pool?.end();
  await bus?.close();
  await service?.stop();
  await nats?.stop();
  await postgres?.stop();
  rmSync(folder, { recursive: true, force: true });
}, 30_000);

describe('the messages of an app that is purged', () => {
  it('are gone from every partition, with conversations and cursors, and nobody else\'s are', async () => {
    for (const app of [1, 2]) {
      await pool.query(`INSERT INTO conversation (app_id, conversation_id, user_a, user_b, name_a, name_b) VALUES ($1, 1, 1, 2, 'a', 'b')`, [app]);
      await pool.query(
        `INSERT INTO message (app_id, conversation_id, id, seq, sender_id, sender_resource, client_id, audience, body_type, meta)
         SELECT $1, 1, id_at(now() + (i % 3) * interval '7 days') + i, i, 1, '', i, 0, 0, '' FROM generate_series(1, 9000) i`,
        [app],
      );
      await pool.query(`INSERT INTO device (app_id, user_id, resource) VALUES ($1, 1, 'r')`, [app]);
    }
    const count = async (app: number) =>
      (await pool.query<{ n: number }>(
        'SELECT (SELECT count(*) FROM message WHERE app_id = $1)::int + (SELECT count(*) FROM conversation WHERE app_id = $1)::int + (SELECT count(*) FROM device WHERE app_id = $1)::int AS n',
        [app],
      )).rows[0]!.n;
    expect(await count(1)).toBe(9_002);
    await bus.publishEvent(eventSubjects.appPurged, 1, { appId: 1, org: 'acme', app: 'chat' });
    await eventually(async () => (await count(1)) === 0, { what: 'the purge' });
    expect(await count(2)).toBe(9_002);
  });
});
