import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { chmodSync, chownSync, closeSync, existsSync, mkdirSync, mkdtempSync, openSync, readdirSync, readFileSync, readlinkSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { Client } from 'pg';
import { commandLine, endProcess, processIdentity } from '../process/identity.js';
import { assertPortFree } from '../process/port.js';
import { type Exit, type Log, type ServerProcess, startServerProcess, untilReady } from '../process/server-process.js';
import { isReachable, NOBODY, type PostgresBinaries, postgresBinaries } from './postgres.binaries.js';

export interface PostgresOptions {
  /** Created and initialised if missing; kept by the caller between runs. */
  dataFolder: string;
  /** On 127.0.0.1. */
  port: number;
  /** false only for tests: a crash of the machine may then lose commits. */
  fsync?: boolean;
  log: Log;
}

export interface RunningPostgres {
  /** Of the database "postgres", with the password of the superuser. */
  readonly url: string;
  readonly pid: number;
  readonly exited: Promise<Exit>;
  /** Fast shutdown: sessions are cut, everything committed is kept. */
  stop(): Promise<void>;
}

const HOST = '127.0.0.1';
/** Recovery after a crash replays the log first. */
const START_TIMEOUT_MS = 60_000;
/** A killed server's own children need a moment to notice; until then its data folder counts as in use. */
const STALE_CHILDREN_RETRIES = 40;

/** Small machine, durable: what it acknowledges is on disk. */
const SETTINGS = {
  max_connections: '120',
  shared_buffers: '128MB',
  work_mem: '8MB',
  maintenance_work_mem: '64MB',
  effective_cache_size: '512MB',
  synchronous_commit: 'on',
  max_wal_size: '1GB',
  checkpoint_completion_target: '0.9',
  jit: 'off',
  random_page_cost: '1.1',
  autovacuum_naptime: '20s',
  timezone: 'UTC',
  log_timezone: 'UTC',
};

/**
 * Starts PostgreSQL from the packaged binaries and resolves when it answers queries. A server that an earlier, killed
 * run left on the same data is ended first.
 * @throws PortTakenError, or an Error with the server's last lines.
 */
export async function startPostgres(options: PostgresOptions): Promise<RunningPostgres> {
  const binaries = postgresBinaries();
  mkdirSync(dirname(options.dataFolder), { recursive: true });
  const password = ensurePassword(`${options.dataFolder}.password`);
  await endLeftOver(options.dataFolder, options.log);
  await assertPortFree(HOST, options.port, 'PostgreSQL');
  if (!existsSync(join(options.dataFolder, 'PG_VERSION'))) initialise(binaries, options, password);

  const url = `postgresql://postgres:${password}@${HOST}:${options.port}/postgres`;
  for (let retries = 0; ; retries++) {
    const server = await spawnServer(binaries, options);
    try {
      await untilReady(server, 'PostgreSQL', START_TIMEOUT_MS, () => answers(url));
      return { url, pid: server.pid, exited: server.exited, stop: () => server.stop() };
    } catch (error) {
      const inUse = /pre-existing shared memory block|lock file .* already exists/.test(server.lastLines());
      if (!inUse || retries >= STALE_CHILDREN_RETRIES) throw error;
      await new Promise((resolve) => setTimeout(resolve, 250));
    }
  }
}

function spawnServer(binaries: PostgresBinaries, options: PostgresOptions): Promise<ServerProcess> {
  const settings: Record<string, string> = {
    ...SETTINGS,
    listen_addresses: HOST,
    port: String(options.port),
    unix_socket_directories: '',
    fsync: options.fsync === false ? 'off' : 'on',
    full_page_writes: options.fsync === false ? 'off' : 'on',
  };
  const flags = Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
  return withDataFolder(options.dataFolder, (path, stdio) =>
    startServerProcess({
      name: 'PostgreSQL',
      command: binaries.postgres,
      args: ['-D', path, ...flags],
      spawn: { cwd: '/', env: binaries.env, stdio, ...account() },
      log: options.log,
      stopSignals: ['SIGINT', 'SIGQUIT', 'SIGKILL'],
      orphanSignal: 'INT',
    }),
  );
}

function initialise(binaries: PostgresBinaries, { dataFolder, fsync, log }: PostgresOptions, password: string): void {
  if (existsSync(dataFolder) && readdirSync(dataFolder).length > 0) {
    // An initialisation that was cut leaves files but no PG_VERSION, which is written last; other people's files must not go.
    if (!existsSync(join(dataFolder, 'base'))) throw new Error(`${dataFolder} is not empty and holds no PostgreSQL data`);
    rmSync(dataFolder, { recursive: true });
  }
  mkdirSync(dataFolder, { recursive: true, mode: 0o700 });
  chmodSync(dataFolder, 0o700);
  const secrets = mkdtempSync(join(tmpdir(), 'parley-initdb-'));
  const passwordFile = join(secrets, 'password');
  writeFileSync(passwordFile, password, { mode: 0o600 });
  if (account().uid !== undefined) for (const path of [dataFolder, secrets, passwordFile]) chownSync(path, NOBODY, NOBODY);
  log('creating the database folder');
  try {
    withDataFolder(dataFolder, (path, stdio) => {
      const args = ['-D', path, '-U', 'postgres', '-A', 'scram-sha-256', `--pwfile=${passwordFile}`, '-E', 'UTF8'];
      const locale = ['--locale-provider=builtin', '--locale=C.UTF-8', '--no-instructions'];
      const durability = fsync === false ? ['--no-sync'] : [];
      execFileSync(binaries.initdb, [...args, ...locale, ...durability], { cwd: '/', env: binaries.env, stdio, encoding: 'utf8', ...account() });
    });
  } catch (error) {
    throw new Error(`PostgreSQL cannot create ${dataFolder}:\n${(error as { stderr?: string }).stderr ?? String(error)}`);
  } finally {
    rmSync(secrets, { recursive: true, force: true });
  }
}

/** Who runs the server: this account, or nobody if this one is root. */
function account(): { uid?: number; gid?: number } {
  return process.getuid?.() === 0 ? { uid: NOBODY, gid: NOBODY } : {};
}

/**
 * Calls `run` with the path under which the server's account sees the data folder. Below a private home that account
 * cannot walk there, but it may use a folder that is handed to it open: file descriptor 3.
 */
function withDataFolder<T>(folder: string, run: (path: string, stdio: ['ignore', 'pipe', 'pipe', number?]) => T): T {
  if (account().uid === undefined || isReachable(dirname(realpathSync(folder)))) return run(folder, ['ignore', 'pipe', 'pipe']);
  const handle = openSync(folder, 'r');
  try {
    return run('/proc/self/fd/3', ['ignore', 'pipe', 'pipe', handle]);
  } finally {
    closeSync(handle);
  }
}

/** The superuser's password, made at the first start and kept beside the data for this account only. */
function ensurePassword(file: string): string {
  if (!existsSync(file)) writeFileSync(file, randomBytes(18).toString('base64url'), { mode: 0o600 });
  return readFileSync(file, 'utf8').trim();
}

async function endLeftOver(dataFolder: string, log: Log): Promise<void> {
  const pidFile = join(dataFolder, 'postmaster.pid');
  if (!existsSync(pidFile)) return;
  const found = processIdentity(Number.parseInt(readFileSync(pidFile, 'utf8'), 10));
  if (!found || !runsOn(found.pid, dataFolder)) return;
  log(`ending the PostgreSQL server that an earlier run left behind (process ${found.pid})`);
  if (!(await endProcess(found, ['SIGINT', 'SIGQUIT', 'SIGKILL'], 20_000))) {
    throw new Error(`the PostgreSQL server of an earlier run (process ${found.pid}) does not end`);
  }
}

/** A server works in its data folder; where that cannot be read, its command line names it. */
function runsOn(pid: number, dataFolder: string): boolean {
  try {
    return readlinkSync(`/proc/${pid}/cwd`) === realpathSync(dataFolder);
  } catch {
    return commandLine(pid).includes(dataFolder);
  }
}

async function answers(url: string): Promise<boolean> {
  const client = new Client({ connectionString: url, connectionTimeoutMillis: 2_000 });
  client.on('error', () => undefined);
  try {
    await client.connect();
    await client.query('SELECT 1');
    return true;
  } catch (error) {
    if ((error as { code?: string }).code === '28P01') throw new Error('PostgreSQL refuses the password kept beside its data folder');
    return false;
  } finally {
    await client.end().catch(() => undefined);
  }
}
