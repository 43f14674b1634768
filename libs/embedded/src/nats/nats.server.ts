import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join, resolve } from 'node:path';
import { commandLine, endProcess, processIdentity } from '../process/identity.js';
import { assertPortFree } from '../process/port.js';
import { type Exit, type Log, startServerProcess, untilReady } from '../process/server-process.js';
import { findNatsServer } from './nats.binary.js';
import { StuckStore } from './stuck-store.js';

export interface NatsOptions {
  /** JetStream's files, the generated configuration and the pid file; created if missing. */
  dataFolder: string;
  /** On 127.0.0.1. */
  port: number;
  /** How often JetStream flushes to disk, e.g. "100ms" or "always"; the server's own default otherwise. */
  syncInterval?: string;
  log: Log;
}

export interface RunningNats {
  readonly url: string;
  readonly pid: number;
  readonly exited: Promise<Exit>;
  stop(): Promise<void>;
}

const HOST = '127.0.0.1';
const START_TIMEOUT_MS = 60_000;

/**
 * Starts nats-server with JetStream on files and resolves when it accepts clients. A server that an earlier, killed run
 * left on the same folder is ended first.
 * @throws PortTakenError, or an Error with the server's last lines, or one that says how to get a nats-server.
 */
export async function startNats(options: NatsOptions): Promise<RunningNats> {
  const folder = resolve(options.dataFolder);
  const configFile = join(folder, 'nats-server.conf');
  const pidFile = join(folder, 'nats-server.pid');
  const binary = await findNatsServer(options.log);
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  await endLeftOver(pidFile, configFile, options.log);
  await assertPortFree(HOST, options.port, 'nats-server');
  writeFileSync(configFile, configuration(options, folder, pidFile));

  const stuck = new StuckStore(folder, () => {
    options.log('the disk has room again, but nats-server remembers that it had none: it is ended to be started anew');
    void server.stop();
  });
  const server = await startServerProcess({
    name: 'nats-server',
    command: binary,
    args: ['-c', configFile],
    spawn: { cwd: folder },
    log: (line) => {
      options.log(line);
      stuck.hear(line);
    },
    stopSignals: ['SIGTERM', 'SIGINT', 'SIGKILL'],
    orphanSignal: 'TERM',
  });
  await untilReady(server, 'nats-server', START_TIMEOUT_MS, () => greets(options.port));
  return { url: `nats://${HOST}:${options.port}`, pid: server.pid, exited: server.exited, stop: () => server.stop() };
}

function configuration(options: NatsOptions, folder: string, pidFile: string): string {
  const sync = options.syncInterval ? `  sync_interval: ${JSON.stringify(options.syncInterval)}\n` : '';
  return `# Written at every start.
server_name: parley
listen: "${HOST}:${options.port}"
pid_file: ${JSON.stringify(pidFile)}
# One event may carry a whole batch of messages.
max_payload: 4MB
# A service that the network has lost without a word must not be handed requests for minutes.
ping_interval: "5s"
ping_max: 2
jetstream {
  store_dir: ${JSON.stringify(join(folder, 'jetstream'))}
${sync}}
`;
}

/** Ends what the pid file names only if it was started with this very configuration file. */
async function endLeftOver(pidFile: string, configFile: string, log: Log): Promise<void> {
  if (!existsSync(pidFile)) return;
  const found = processIdentity(Number.parseInt(readFileSync(pidFile, 'utf8'), 10));
  if (!found || !commandLine(found.pid).includes(configFile)) return;
  log(`ending the nats-server that an earlier run left behind (process ${found.pid})`);
  if (!(await endProcess(found, ['SIGTERM', 'SIGINT', 'SIGKILL'], 10_000))) {
    throw new Error(`the nats-server of an earlier run (process ${found.pid}) does not end`);
  }
}

/** The server speaks first: INFO and its properties. */
function greets(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host: HOST, port, timeout: 2_000 });
    const done = (yes: boolean) => {
      socket.destroy();
      resolve(yes);
    };
    socket.once('data', (chunk) => done(chunk.toString('latin1').startsWith('INFO ')));
    socket.once('error', () => done(false));
    socket.once('timeout', () => done(false));
    socket.once('close', () => done(false));
  });
}
