import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { freePort, type RunningPostgres, startPostgres } from '@parley/embedded';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createPool, migrate, MigrationError, prismaAdapter } from './index.js';

describe('migrating a schema', () => {
  let workFolder: string;
  let server: RunningPostgres;

  beforeAll(async () => {
    workFolder = mkdtempSync(join(tmpdir(), 'parley-db-spec-'));
    server = await startPostgres({ dataFolder: join(workFolder, 'data'), port: await freePort(), fsync: false, log: () => undefined });
  }, 60_000);

  afterAll(async () => {
    await server?.stop();
    rmSync(workFolder, { recursive: true, force: true });
  });

  it('creates database and schema, applies new steps only, and the pool sees the tables without naming the schema', async () => {
    const url = databaseUrl('fresh');
    const folder = migrations({ '1_start': 'CREATE TABLE thing (n int);' });
    await migrate({ url, schema: 'one', folder });
    writeStep(folder, '2_more', functionStep);
    await migrate({ url, schema: 'one', folder });
    await migrate({ url, schema: 'one', folder });

    const pool = createPool({ url, schema: 'one', max: 2 });
    try {
      await pool.query('INSERT INTO thing VALUES (1)');
      expect((await pool.query('SELECT doubled(n) AS n FROM thing')).rows).toEqual([{ n: 2 }]);
      expect((await pool.query('SELECT migration_name FROM one._prisma_migrations ORDER BY 1')).rows).toEqual([
        { migration_name: '1_start' },
        { migration_name: '2_more' },
      ]);
    } finally {
      await pool.end();
    }
  }, 60_000);

  it('lets replicas and services start at the same time on an empty server', async () => {
    const url = databaseUrl('crowded');
    const folder = migrations({ '1_start': 'CREATE TABLE thing (n int);' });
    await Promise.all(['a', 'a', 'b', 'c'].map((schema) => migrate({ url, schema, folder })));

    const pool = createPool({ url, schema: 'a', max: 1 });
    try {
      const count = "SELECT count(*)::int AS tables FROM information_schema.tables WHERE table_name = 'thing'";
      expect((await pool.query(count)).rows).toEqual([{ tables: 3 }]);
    } finally {
      await pool.end();
    }
  }, 60_000);

  it('reports the statement that failed, and keeps reporting until it is mended', async () => {
    const url = databaseUrl('broken');
    const folder = migrations({ '1_wrong': 'CREATE TABLE thing (n no_such_type);' });
    await expect(migrate({ url, schema: 'one', folder })).rejects.toThrow(/no_such_type/);
    await expect(migrate({ url, schema: 'one', folder })).rejects.toThrow(MigrationError);
  }, 60_000);

  it('gives Prisma an adapter on the schema', async () => {
    const url = databaseUrl('adapter');
    await migrate({ url, schema: 'one', folder: migrations({ '1_start': 'CREATE TABLE thing (n int);' }) });
    const adapter = await prismaAdapter({ url, schema: 'one' }).connect();
    try {
      expect(adapter.getConnectionInfo().schemaName).toBe('one');
      const query = { sql: 'SELECT n FROM thing', args: [], argTypes: [] };
      expect((await adapter.queryRaw(query)).columnNames).toEqual(['n']);
    } finally {
      await adapter.dispose();
    }
  }, 60_000);

  function databaseUrl(name: string): string {
    const url = new URL(server.url);
    url.pathname = `/${name}`;
    return url.href;
  }

  function migrations(steps: Record<string, string>): string {
    const folder = mkdtempSync(join(workFolder, 'migrations-'));
    for (const [name, sql] of Object.entries(steps)) writeStep(folder, name, sql);
    return folder;
  }
});

const functionStep = 'CREATE FUNCTION doubled(n int) RETURNS int LANGUAGE plpgsql AS $$ BEGIN RETURN n + n; END $$;';

function writeStep(folder: string, name: string, sql: string): void {
  mkdirSync(join(folder, name));
  writeFileSync(join(folder, name, 'migration.sql'), sql);
}
