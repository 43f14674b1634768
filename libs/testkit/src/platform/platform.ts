import { spawn, type ChildProcess } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { RestClient } from '../rest/rest.client.js';
import { type Endpoints, type Platform, readEndpoints } from './endpoints.js';

export interface StartOptions {
  /** One process for all services, or one for each. */
  mode: 'standalone' | 'processes';
  /** Default 1. */
  gateways?: number;
  /** A folder that is kept; without it a new one below the temporary folder, removed by stop(). */
  home?: string;
  /** More settings for the services. */
  env?: Record<string, string>;
}

export interface RunningPlatform extends Platform {
  readonly home: string;
  /** What runs now, by name (`supervisor`, `postgres`, `nats`, `message`, `gateway`, `gateway-2`, ...). */
  pids(): Record<string, number>;
  /** The end of all logs, for the message of a failed test. */
  logTail(linesEach?: number): string;
  /** Stops all parts; rejects when the supervisor did not end in order. */
  stop(): Promise<void>;
}

const root = fileURLToPath(new URL('../../../..', import.meta.url));
/** Where administrators come back to from the sign-in page, on a platform that tests have started. Nobody listens there. */
export const TEST_CONSOLE = 'http://127.0.0.1:9/signed-in';
const READY_WITHIN_MS = 120_000;
/** A program to sign in to that no other test has, a purge that tests can wait for, and passwords that cost little. */
const UNDER_TEST = {
  PARLEY_OAUTH_CLIENTS: JSON.stringify({ 'test-console': [TEST_CONSOLE] }),
  PARLEY_PURGE_LEAST_SECONDS: '1',
  PARLEY_HASH_COST_LOG2: '10',
  // All tests come from one address, many as one operator.
  PARLEY_API_ADMIN_CALLS_PER_SECOND: '10000',
  PARLEY_API_ADMIN_CALLS_OF_ADDRESS_PER_SECOND: '10000',
};
const STOPPED_WITHIN_MS = 40_000;

/** Starts the built platform through its own supervisor, on free ports, and waits until a message could be sent. */
export async function startPlatform({ mode, gateways = 1, home, env = {} }: StartOptions): Promise<RunningPlatform> {
  const folder = home ?? mkdtempSync(join(tmpdir(), 'parley-test-'));
  const options = [...(mode === 'processes' ? ['--processes'] : []), '--gateways', String(gateways)];
  const output: string[] = [];
  const child = spawn(process.execPath, [join(root, 'apps/cli/dist/main.js'), 'up', ...options], {
    cwd: root,
    env: { ...cleanEnvironment(), PARLEY_HOME: folder, PARLEY_API_PORT: '0', PARLEY_GATEWAY_PORT: '0', PARLEY_DEMO_PORT: '0', ...UNDER_TEST, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const ended = new Promise<number | null>((resolve) => child.once('exit', (code) => resolve(code)));
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (text: Buffer) => output.push(text.toString()));
  // Should the test process die without stop(), its platform must not stay.
  const lastResort = () => child.kill('SIGTERM');
  process.once('exit', lastResort);

  const logTail = (linesEach = 15) => `${output.join('').split('\n').slice(-linesEach).join('\n')}\n${tailOfLogs(folder, linesEach)}`;
  let endpoints: Endpoints;
  try {
    endpoints = await untilReady(join(folder, 'endpoints.json'), child);
  } catch (error) {
    child.kill('SIGTERM');
    await ended;
    throw new Error(`${(error as Error).message}\n${logTail()}`);
  }
  return {
    endpoints,
    rest: new RestClient(endpoints),
    home: folder,
    pids: () => JSON.parse(readFileSync(join(folder, 'pids.json'), 'utf8')) as Record<string, number>,
    logTail,
    stop: async () => {
      process.off('exit', lastResort);
      child.kill('SIGTERM');
      const late = setTimeout(() => child.kill('SIGKILL'), STOPPED_WITHIN_MS);
      const code = await ended;
      clearTimeout(late);
      const tail = logTail();
      if (!home) rmSync(folder, { recursive: true, force: true });
      if (code !== 0) throw new Error(`the platform ended with ${code} instead of 0\n${tail}`);
    },
  };
}

async function untilReady(file: string, child: ChildProcess): Promise<Endpoints> {
  const deadline = performance.now() + READY_WITHIN_MS;
  while (performance.now() < deadline) {
    if (child.exitCode !== null || child.signalCode !== null) throw new Error('the platform ended while starting');
    if (existsSync(file)) return readEndpoints(file);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error(`the platform was not ready within ${READY_WITHIN_MS / 1000} s`);
}

/** Settings of the machine's own Parley must not reach the one under test. */
function cleanEnvironment(): NodeJS.ProcessEnv {
  const env = Object.entries(process.env).filter(([name]) => !/^(PARLEY_|DATABASE_URL$|NATS_URL$|NATS_TOKEN$|NODE_OPTIONS$)/.test(name));
  return Object.fromEntries(env);
}

function tailOfLogs(home: string, lines: number): string {
  const folder = join(home, 'logs');
  if (!existsSync(folder)) return '';
  return readdirSync(folder)
    .map((name) => `--- ${name}\n${readFileSync(join(folder, name), 'utf8').trimEnd().split('\n').slice(-lines).join('\n')}`)
    .join('\n');
}
