import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { freePort, type RunningPostgres, startPostgres } from '@parley/embedded';
import { mkdtempSync, rmSync } from 'node:fs';
import type { Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createPool, type Pool, type PoolClient } from './index.js';

describe('a pool whose connections carry nothing for too long', () => {
  let folder: string;
  let server: RunningPostgres;
  let pool: Pool;

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'parley-pool-spec-'));
    server = await startPostgres({ dataFolder: join(folder, 'data'), port: await freePort(), fsync: false, log: () => undefined });
    pool = createPool({ url: server.url, schema: 'public', max: 2, silentTooLongMs: 400 });
    await pool.query('CREATE TABLE thing (n integer); INSERT INTO thing VALUES (1)');
  }, 60_000);

  afterAll(async () => {
    await pool?.end();
    await server?.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  it('fails the query that waits, and serves the next one on another connection', async () => {
    const before = await pidOf(pool);
    await expect(pool.query('SELECT pg_sleep(60)')).rejects.toThrow('PostgreSQL was silent for 0.4 s');
    expect(await pidOf(pool)).not.toBe(before);
  });

  it('does not use the connection again that a transaction was on', async () => {
    const client = await pool.connect();
    await client.query('BEGIN');
    await expect(client.query('SELECT pg_sleep(60)')).rejects.toThrow('was silent');
    await expect(client.query('ROLLBACK')).rejects.toThrow();
    client.release();
    expect((await pool.query('SELECT n FROM thing')).rows).toEqual([{ n: 1 }]);
  });

  it('frees what a transaction holds whose service is gone without a word', async () => {
    const [gone, other] = [await pool.connect(), await pool.connect()];
    await gone.query('BEGIN');
    await gone.query('UPDATE thing SET n = 2');
    // Neither speaks nor closes any more, which is all that PostgreSQL sees of a service that is gone.
    neverGivesUp(gone);
    neverGivesUp(other);
    expect((await other.query('UPDATE thing SET n = n + 10 RETURNING n')).rows).toEqual([{ n: 11 }]);
    await expect(gone.query('COMMIT')).rejects.toThrow();
    gone.release();
    other.release();
  });
});

/** This end of the connection waits for ever. */
function neverGivesUp(client: PoolClient): void {
  (client as unknown as { connection: { stream: Socket } }).connection.stream.setTimeout(0);
}

async function pidOf(pool: Pool): Promise<number> {
  return (await pool.query<{ pid: number }>('SELECT pg_backend_pid() AS pid')).rows[0]!.pid;
}
