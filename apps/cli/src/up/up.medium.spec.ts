import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { freePort, isSameProcess, processIdentity } from '@parley/embedded';
import { eventually } from '@parley/testkit';
import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The built command, as `npm start` runs it: it starts the other services' built code. */
const COMMAND = fileURLToPath(new URL('../../dist/main.js', import.meta.url));
/** When to give up: a start makes a database cluster, on machines that may be slow and busy. */
const STARTED_WITHIN_MS = 100_000;

describe('parley up', () => {
  let home: string;
  const cleanups: (() => unknown)[] = [];

  beforeEach(() => {
    home = mkdtempSync(join(tmpdir(), 'parley-up-spec-'));
  });
  afterEach(async () => {
    for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
    rmSync(home, { recursive: true, force: true });
  });

  it('says which port is taken, by what use, and which setting moves it', async () => {
    const port = await freePort();
    const other = createServer();
    await new Promise<void>((resolve) => other.listen(port, '127.0.0.1', resolve));
    cleanups.push(() => other.close());

    const run = up([], { PARLEY_API_PORT: String(port) });

    expect(await run.exited).toBe(1);
    expect(run.output()).toMatch(new RegExp(`port ${port} on 127.0.0.1 is taken .* the REST API.* set PARLEY_API_PORT`));
    expect(existsSync(join(home, 'endpoints.json'))).toBe(false);
  }, 30_000);

  it('refuses options and settings that it does not know', async () => {
    const run = up(['--gateways', 'many'], {});
    expect(await run.exited).toBe(2);
    expect(run.output()).toContain('--gateways: a number from 1 to 16, not "many"');
  }, 30_000);

  it('starts, refuses a second copy, recovers after kill -9 with its data, and stops in order', async () => {
    const first = up([], {});
    const before = await first.endpoints();
    expect(before).toMatchObject({ org: 'demo', app: 'chat', appKey: 'demo#chat', gatewayUrls: [before['gatewayUrl']] });

    const second = up([], {});
    expect(await second.exited).toBe(1);
    expect(second.output()).toContain(`Parley already runs on ${home} (process ${first.pid})`);

    const parts = Object.values(pids()).map((pid) => processIdentity(pid));
    process.kill(first.pid, 'SIGKILL');
    await first.exited;

    const third = up([], {});
    await third.said('Parley is ready');
    expect(await third.endpoints()).toMatchObject({ clientId: before['clientId'], clientSecret: before['clientSecret'] });
    expect(parts.filter((part) => part && isSameProcess(part))).toEqual([]);

    process.kill(third.pid, 'SIGTERM');
    expect(await third.exited).toBe(0);
    expect(['endpoints.json', 'pids.json', 'supervisor.lock'].filter((file) => existsSync(join(home, file)))).toEqual([]);
  }, 120_000);

  it('starts a part again that was killed, on the same port', async () => {
    const run = up([], {});
    const { restUrl } = await run.endpoints();
    const killed = pids()['standalone']!;

    process.kill(killed, 'SIGKILL');

    await run.said('standalone runs again');
    await eventually(() => answersOk(`${restUrl}/health/ready`), { what: 'the REST API' });
    expect(pids()['standalone']).not.toBe(killed);
  }, 120_000);

  function pids(): Record<string, number> {
    return JSON.parse(readFileSync(join(home, 'pids.json'), 'utf8')) as Record<string, number>;
  }

  function up(args: string[], settings: Record<string, string>) {
    const inherited = Object.entries(process.env).filter(([name]) => !/^(PARLEY_|DATABASE_URL$|NATS_URL$|NODE_OPTIONS$)/.test(name));
    const ports = { PARLEY_API_PORT: '0', PARLEY_GATEWAY_PORT: '0', PARLEY_DEMO_PORT: '0' };
    const env = { ...Object.fromEntries(inherited), PARLEY_HOME: home, ...ports, ...settings };
    const child: ChildProcess = spawn(process.execPath, [COMMAND, 'up', ...args], { env, stdio: ['ignore', 'pipe', 'pipe'] });
    let text = '';
    for (const stream of [child.stdout!, child.stderr!]) stream.on('data', (chunk: Buffer) => (text += chunk.toString()));
    let ended = false;
    // "close", not "exit": then its output is complete.
    const exited = new Promise<number | null>((resolve) => child.once('close', (code) => resolve(code))).finally(() => (ended = true));
    cleanups.push(async () => {
      if (!ended) child.kill('SIGTERM');
      await exited;
    });
    const said = async (words: string) => {
      await eventually(() => ended || text.includes(words), { withinMs: STARTED_WITHIN_MS, what: `"${words}"` });
      if (!text.includes(words)) throw new Error(`ended before it said "${words}":\n${text}`);
    };
    return {
      pid: child.pid!,
      exited,
      output: () => text,
      said,
      endpoints: async () => {
        await said('Parley is ready');
        return JSON.parse(readFileSync(join(home, 'endpoints.json'), 'utf8')) as Record<string, unknown>;
      },
    };
  }
});

function answersOk(url: unknown): Promise<boolean> {
  const whileItIsAway = () => false;
  return fetch(String(url)).then((response) => response.ok, whileItIsAway);
}
