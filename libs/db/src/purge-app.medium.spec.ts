import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { freePort, type RunningPostgres, startPostgres } from '@parley/embedded';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { purgeApp } from './purge-app.js';

describe('purging an app', () => {
  const folder = mkdtempSync(join(tmpdir(), 'parley-purge-'));
  let server: RunningPostgres;
  let pool: pg.Pool;
  beforeAll(async () => {
    server = await startPostgres({ dataFolder: join(folder, 'data'), port: await freePort(), fsync: false, log: () => undefined });
    const admin = new pg.Client({ connectionString: new URL('/postgres', server.url).href });
    await admin.connect();
    await admin.query('CREATE DATABASE purge');
    await admin.end();
    pool = new pg.Pool({ connectionString: new URL('/purge', server.url).href });
    // A connection that the server ends as it stops is no error of this test.
    pool.on('error', () => undefined);
    // a_parent comes first by name, and cannot go first.
    await pool.query(`
      CREATE TABLE a_parent (app_id integer, id integer, PRIMARY KEY (app_id, id));
      CREATE TABLE b_child (app_id integer, id integer, FOREIGN KEY (app_id, id) REFERENCES a_parent);
      CREATE TABLE parted (app_id integer, id integer) PARTITION BY RANGE (id);
      CREATE TABLE parted_1 PARTITION OF parted FOR VALUES FROM (0) TO (6000);
      CREATE TABLE parted_2 PARTITION OF parted FOR VALUES FROM (6000) TO (100000);
      CREATE TABLE without_app (id integer);
      INSERT INTO a_parent SELECT app, i FROM generate_series(1, 2) app, generate_series(1, 10) i;
      INSERT INTO b_child SELECT * FROM a_parent;
      INSERT INTO parted SELECT app, i FROM generate_series(1, 2) app, generate_series(1, 12000) i;
      INSERT INTO without_app VALUES (1)`);
  }, 60_000);
  afterAll(async () => {
    await pool?.end();
    await server?.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  const counts = async (appId: number) => {
    const { rows } = await pool.query<{ n: number }>(
      `SELECT count(*)::int AS n FROM a_parent WHERE app_id = $1 UNION ALL SELECT count(*)::int FROM b_child WHERE app_id = $1
       UNION ALL SELECT count(*)::int FROM parted WHERE app_id = $1`,
      [appId],
    );
    return rows.map((row) => row.n);
  };

  it('stops when its time is over, and goes on where it was', async () => {
    await expect(purgeApp(pool, 1, { withinMs: 0 })).rejects.toThrow('not purged yet');
    await purgeApp(pool, 1);
    expect(await counts(1)).toEqual([0, 0, 0]);
    await purgeApp(pool, 1);
  });

  it('leaves everybody else alone', async () => {
    expect(await counts(2)).toEqual([10, 10, 12_000]);
    expect((await pool.query('SELECT 1 FROM without_app')).rowCount).toBe(1);
  });
});
