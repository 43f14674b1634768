import { writeSync } from 'node:fs';
import { assertPortFree, findNatsServer, freePort, Part, type PartEvents, PortTakenError, startNats, startPostgres } from '@parley/embedded';
import type { Home } from '../home/home.js';
import { type KeptState, saveKeptState } from '../home/kept-state.js';
import type { UpConfig } from '../up.config.js';

const LOOPBACK = '127.0.0.1';
const DATABASE = 'parley';

export interface Backbone {
  readonly databaseUrl: string;
  readonly natsUrl: string;
}

/**
 * Brings up PostgreSQL and nats-server, both at once, or takes those that the settings name. `adopt` gets each part
 * before it is started, so that a stop in the middle finds it.
 * @throws PortTakenError and other errors of the servers' start
 */
export async function startBackbone(
  config: UpConfig,
  home: Home,
  state: KeptState,
  events: PartEvents,
  adopt: (part: Part) => void,
  say: (line: string) => void,
): Promise<Backbone> {
  // Fetching it takes a while, once: worth a line of its own before everything else waits for it.
  if (!config.natsUrl) await findNatsServer(say);
  state.postgresPort = config.databaseUrl ? state.postgresPort : await choosePort(config.postgresPort, state.postgresPort);
  state.natsPort = config.natsUrl ? state.natsPort : await choosePort(config.natsPort, state.natsPort);
  saveKeptState(home, state);
  const [databaseUrl, natsUrl] = await Promise.all([
    config.databaseUrl ?? embeddedPostgres(home, state.postgresPort!, events, adopt),
    config.natsUrl ?? embeddedNats(home, state.natsPort!, config.natsSyncInterval, events, adopt),
  ]);
  return { databaseUrl, natsUrl };
}

async function embeddedPostgres(home: Home, port: number, events: PartEvents, adopt: (part: Part) => void): Promise<string> {
  let url = '';
  const log = fileLog(home, 'postgres');
  const launch = async () => {
    const server = await startPostgres({ dataFolder: home.path('postgres'), port, log });
    url = server.url;
    return server;
  };
  const part = new Part('postgres', launch, events);
  adopt(part);
  await part.start();
  const database = new URL(url);
  database.pathname = `/${DATABASE}`;
  return database.href;
}

async function embeddedNats(
  home: Home,
  port: number,
  syncInterval: string | undefined,
  events: PartEvents,
  adopt: (part: Part) => void,
): Promise<string> {
  const log = fileLog(home, 'nats');
  const launch = () => startNats({ dataFolder: home.path('nats'), port, syncInterval, log });
  const part = new Part('nats', launch, events);
  adopt(part);
  await part.start();
  return `nats://${LOOPBACK}:${port}`;
}

/** A port that was asked for must be had; otherwise the one of the last run if it is free, or another. */
async function choosePort(asked: number, kept: number | undefined): Promise<number> {
  if (asked !== 0) return asked;
  if (kept === undefined) return freePort(LOOPBACK);
  try {
    await assertPortFree(LOOPBACK, kept, 'the same server as before');
    return kept;
  } catch (error) {
    if (!(error instanceof PortTakenError)) throw error;
    return freePort(LOOPBACK);
  }
}

function fileLog(home: Home, part: string): (line: string) => void {
  const file = home.openLog(part);
  return (line) => {
    try {
      writeSync(file, `${line}\n`);
    } catch {
      // A full disk costs a line of the log, not the supervisor.
    }
  };
}
