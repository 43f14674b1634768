import { afterEach, describe, expect, it } from '@jest/globals';
import { jetstream, jetstreamManager } from '@nats-io/jetstream';
import { connect, type NatsConnection } from '@nats-io/transport-node';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findNatsServer, freePort, type RunningNats, startNats } from '../index.js';

describe('embedded nats-server', () => {
  const cleanups: (() => unknown)[] = [];
  afterEach(async () => {
    for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
  });

  function newFolder(): string {
    const folder = mkdtempSync(join(tmpdir(), 'parley-nats-spec-'));
    cleanups.push(() => rmSync(folder, { recursive: true, force: true }));
    return folder;
  }

  async function start(dataFolder: string, port: number, log: (line: string) => void = () => undefined): Promise<RunningNats> {
    const server = await startNats({ dataFolder, port, log });
    cleanups.push(() => server.stop());
    return server;
  }

  async function client(server: RunningNats): Promise<NatsConnection> {
    const connection = await connect({ servers: server.url, reconnect: false });
    cleanups.push(() => connection.close());
    return connection;
  }

  it('keeps a stream when it is killed, and starts again on the same port', async () => {
    const dataFolder = newFolder();
    const port = await freePort();
    const first = await start(dataFolder, port);
    const before = await client(first);
    await (await jetstreamManager(before)).streams.add({ name: 'KEPT', subjects: ['kept.>'] });
    await jetstream(before).publish('kept.one', 'hello');

    process.kill(first.pid, 'SIGKILL');
    expect((await first.exited).signal).toBe('SIGKILL');

    const second = await start(dataFolder, port);
    const manager = await jetstreamManager(await client(second));
    expect((await manager.streams.info('KEPT')).state.messages).toBe(1);
  }, 120_000);

  it('ends the server that an earlier run left behind on the same folder', async () => {
    const dataFolder = newFolder();
    const leftOver = await start(dataFolder, await freePort());
    const lines: string[] = [];

    const server = await start(dataFolder, await freePort(), (line) => lines.push(line));

    await leftOver.exited;
    expect(lines.join('\n')).toContain(`left behind (process ${leftOver.pid})`);
    expect((await client(server)).isClosed()).toBe(false);
  }, 120_000);

  it('names the port and its use when another program has it', async () => {
    const other = createServer();
    const port = await freePort();
    await new Promise<void>((resolve) => other.listen(port, '127.0.0.1', resolve));
    cleanups.push(() => other.close());

    await expect(start(newFolder(), port)).rejects.toThrow(`port ${port} on 127.0.0.1 is taken by another program; it is needed for nats-server`);
  }, 120_000);

  it('says what is wrong with a NATS_SERVER_BIN that is no nats-server', async () => {
    await expect(findNatsServer(() => undefined, { NATS_SERVER_BIN: '/bin/true' })).rejects.toThrow(/NATS_SERVER_BIN \(\/bin\/true\) is not/);
  });
});
