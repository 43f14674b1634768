import { afterEach, describe, expect, it } from '@jest/globals';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client } from 'pg';
import { freePort, type RunningPostgres, startPostgres } from '../index.js';

describe('embedded PostgreSQL', () => {
  const cleanups: (() => unknown)[] = [];
  afterEach(async () => {
    for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
  });

  function newFolder(): string {
    const folder = mkdtempSync(join(tmpdir(), 'parley-postgres-spec-'));
    cleanups.push(() => rmSync(folder, { recursive: true, force: true }));
    return folder;
  }

  async function start(dataFolder: string, port: number, log: (line: string) => void = () => undefined): Promise<RunningPostgres> {
    const server = await startPostgres({ dataFolder, port, log });
    cleanups.push(() => server.stop());
    return server;
  }

  it('keeps what was committed when it is killed, and starts again on the same port', async () => {
    const dataFolder = join(newFolder(), 'data'); // as root: below a private folder, which the server's account cannot enter
    const port = await freePort();
    const first = await start(dataFolder, port);
    await sql(first.url, 'CREATE TABLE kept (n int)');
    await sql(first.url, 'INSERT INTO kept VALUES (42)');

    process.kill(first.pid, 'SIGKILL');
    expect(await first.exited).toEqual({ code: null, signal: 'SIGKILL' });

    const second = await start(dataFolder, port);
    expect(await sql(second.url, 'SELECT n FROM kept')).toEqual([{ n: 42 }]);
    expect(await sql(second.url, "SELECT current_setting('fsync') AS fsync, current_setting('synchronous_commit') AS commit")).toEqual([
      { fsync: 'on', commit: 'on' },
    ]);
  }, 60_000);

  it('ends the server that an earlier run left behind on the same data', async () => {
    const dataFolder = join(newFolder(), 'data');
    const leftOver = await start(dataFolder, await freePort());
    const lines: string[] = [];

    const server = await start(dataFolder, await freePort(), (line) => lines.push(line));

    expect((await leftOver.exited).code).toBe(0);
    expect(lines.join('\n')).toContain(`left behind (process ${leftOver.pid})`);
    expect(await sql(server.url, 'SELECT 1 AS one')).toEqual([{ one: 1 }]);
  }, 60_000);

  it('names the port and its use when another program has it', async () => {
    const other = createServer();
    const port = await freePort();
    await new Promise<void>((resolve) => other.listen(port, '127.0.0.1', resolve));
    cleanups.push(() => other.close());

    await expect(start(join(newFolder(), 'data'), port)).rejects.toThrow(
      `port ${port} on 127.0.0.1 is taken by another program; it is needed for PostgreSQL`,
    );
  });

  it('refuses a connection without the password', async () => {
    const server = await start(join(newFolder(), 'data'), await freePort());
    const url = new URL(server.url);
    url.password = 'guess';
    await expect(sql(url.href, 'SELECT 1')).rejects.toThrow('password authentication failed');
  }, 60_000);
});

async function sql(url: string, statement: string): Promise<unknown[]> {
  const client = new Client({ connectionString: url });
  client.on('error', () => undefined);
  await client.connect();
  try {
    return (await client.query(statement)).rows;
  } finally {
    await client.end();
  }
}
