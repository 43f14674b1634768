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

const folder = mkdtempSync(join(tmpdir(), 'parley-user-purge-'));
let postgres: RunningPostgres;
let nats: RunningNats;
let service: RunningService;
let bus: Bus;
let pool: pg.Pool;

beforeAll(async () => {
  postgres = await startPostgres({ dataFolder: join(folder, 'pg'), port: await freePort(), fsync: false, log: () => undefined });
  nats = await startNats({ dataFolder: join(folder, 'nats'), port: await freePort(), log: () => undefined });
  service = await start(loadServiceConfig({ DATABASE_URL: postgres.url, NATS_URL: nats.url, PARLEY_USER_RPC: '127.0.0.1:0' }));
  bus = await Bus.connect({ url: nats.url, name: 'spec' });
  pool = new pg.Pool({ connectionString: postgres.url, options: '-c search_path=users' });
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

describe('the users of an app that is purged', () => {
  it('are gone with all that they had, and nobody else is', async () => {
    for (const app of [1, 2]) {
      await pool.query("INSERT INTO app_user (app_id, username) SELECT $1, 'user-' || i FROM generate_series(1, 7000) i", [app]);
      await pool.query("INSERT INTO device (app_id, user_id, resource, platform, device_uuid, device_name, session_id, logged_in_at) SELECT app_id, user_id, 'r', 'web', '', '', 's', now() FROM app_user WHERE app_id = $1", [app]);
    }
    const count = async (app: number) =>
      (await pool.query<{ n: number }>('SELECT (SELECT count(*) FROM app_user WHERE app_id = $1)::int + (SELECT count(*) FROM device WHERE app_id = $1)::int AS n', [app])).rows[0]!.n;
    expect(await count(1)).toBe(14_000);
    await bus.publishEvent(eventSubjects.appPurged, 1, { appId: 1, org: 'acme', app: 'chat' });
    await eventually(async () => (await count(1)) === 0, { what: 'the purge' });
    expect(await count(2)).toBe(14_000);
  });
});
