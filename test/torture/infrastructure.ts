import { freePort, type Incarnation, Part, type PartEvents, startNats, startPostgres, startServerProcess } from '@parley/embedded';
import { closeSync, existsSync, mkdirSync, openSync, readdirSync, readFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { FaultProxy } from './fault-proxy.js';

const HOST = '127.0.0.1';
const DATABASE = 'parley';
/** Services that others call over gRPC. */
const CALLED = ['auth', 'user', 'message'] as const;
export type Server = 'PostgreSQL' | 'NATS' | (typeof CALLED)[number];
const apps = fileURLToPath(new URL('../../apps', import.meta.url));

/**
 * PostgreSQL and nats-server as an installation has them that runs its own, started again when they die, each behind a
 * network that can fail for one service alone; such networks between the services themselves; and replicas of services beyond
 * those that the supervisor starts.
 */
export class Infrastructure {
  readonly #servers: Part[] = [];
  readonly #replicas: Part[] = [];
  readonly #pids: Record<string, number> = {};
  readonly #roads = new Map<Server, FaultProxy>();
  readonly #logs: number[] = [];
  #databaseUrl = '';
  #env: Record<string, string> = {};

  private constructor(
    private readonly folder: string,
    private readonly whoHas: (from: number, to: number) => string | undefined,
  ) {}

  /**
   * @param apart services are processes of their own, with networks between them
   * @param whoHas names the service that connects from one port of this machine to another
   */
  static async start(folder: string, apart: boolean, whoHas: (from: number, to: number) => string | undefined): Promise<Infrastructure> {
    const infrastructure = new Infrastructure(folder, whoHas);
    mkdirSync(join(folder, 'logs'), { recursive: true });
    await infrastructure.#startServers();
    await infrastructure.#chooseAddresses(apart);
    return infrastructure;
  }

  /** Of the servers and of the replicas, by name; without those that do not run now. */
  get pids(): Readonly<Record<string, number>> {
    return this.#pids;
  }

  /** PostgreSQL itself, past the network: for who checks. */
  get databaseUrl(): string {
    return this.#databaseUrl;
  }

  /** What services are told, of the servers and of each other. */
  get env(): Readonly<Record<string, string>> {
    return this.#env;
  }

  get natsFolder(): string {
    return join(this.folder, 'nats');
  }

  /** The network between services and this server, which one of them may be. */
  road(to: Server): FaultProxy {
    return this.#roads.get(to)!;
  }

  /** One more process of a service; it answers on the bus with the others. */
  async addReplica(name: string, app: string, env: Record<string, string>): Promise<void> {
    const log = this.#openLog(name);
    await this.#run(this.#replicas, name, () =>
      startServerProcess({
        name,
        command: process.execPath,
        args: [join(apps, app, 'dist/main.js')],
        spawn: { env: { ...process.env, ...this.#env, ...env }, stdio: ['ignore', log, log] },
        log: () => undefined,
        stopSignals: ['SIGTERM', 'SIGKILL'],
        orphanSignal: 'TERM',
      }),
    );
  }

  logTail(linesEach = 15): string {
    const folder = join(this.folder, 'logs');
    if (!existsSync(folder)) return '';
    const tail = (name: string) => readFileSync(join(folder, name), 'utf8').trimEnd().split('\n').slice(-linesEach).join('\n');
    return readdirSync(folder).map((name) => `--- ${name}\n${tail(name)}`).join('\n');
  }

  /** Replicas only: they must be gone before the servers are. */
  async stopReplicas(): Promise<void> {
    for (const part of this.#replicas.splice(0)) await part.stop();
  }

  async stop(): Promise<void> {
    await this.stopReplicas();
    for (const part of this.#servers.splice(0)) await part.stop();
    await Promise.all([...this.#roads.values()].map((road) => road.stop()));
    for (const log of this.#logs.splice(0)) closeSync(log);
  }

  async #startServers(): Promise<void> {
    const [postgresPort, natsPort] = [await freePort(HOST), await freePort(HOST)];
    this.#roads.set('PostgreSQL', await FaultProxy.start(postgresPort, this.whoHas));
    this.#roads.set('NATS', await FaultProxy.start(natsPort, this.whoHas));
    const lines = (log: number) => (line: string) => {
      try {
        writeSync(log, `${line}\n`);
      } catch {
        // A full disk costs a line of the log.
      }
    };
    const [postgresLog, natsLog] = [lines(this.#openLog('postgres')), lines(this.#openLog('nats'))];
    let url = '';
    await this.#run(this.#servers, 'postgres', async () => {
      const server = await startPostgres({ dataFolder: join(this.folder, 'postgres'), port: postgresPort, log: postgresLog });
      url = server.url;
      return server;
    });
    await this.#run(this.#servers, 'nats', () => startNats({ dataFolder: this.natsFolder, port: natsPort, log: natsLog }));

    const database = new URL(url);
    database.pathname = `/${DATABASE}`;
    this.#databaseUrl = database.href;
    database.port = String(this.road('PostgreSQL').port);
    this.#env = { DATABASE_URL: database.href, NATS_URL: `nats://${HOST}:${this.road('NATS').port}` };
  }

  /** Chosen here, so that the supervisor's services and further replicas are told the same. */
  async #chooseAddresses(apart: boolean): Promise<void> {
    for (const name of ['PARLEY_FILE_RPC', 'PARLEY_FILE_HTTP']) this.#env[name] = `${HOST}:${await freePort(HOST)}`;
    for (const service of CALLED) {
      const name = `PARLEY_${service.toUpperCase()}`;
      const port = await freePort(HOST);
      this.#env[`${name}_LISTEN`] = `${HOST}:${port}`;
      if (apart) this.#roads.set(service, await FaultProxy.start(port, this.whoHas));
      this.#env[`${name}_RPC`] = `${HOST}:${this.#roads.get(service)?.port ?? port}`;
    }
  }

  async #run(among: Part[], name: string, launch: () => Promise<Incarnation>): Promise<void> {
    const part = new Part(name, launch, this.#events);
    among.push(part);
    await part.start();
  }

  readonly #events: PartEvents = {
    pidChanged: (name, pid) => {
      if (pid === undefined) delete this.#pids[name];
      else this.#pids[name] = pid;
    },
    died: () => undefined,
    cannotRestart: (name, reason) => console.warn(`${name} cannot be started: ${reason}`),
    restarted: () => undefined,
  };

  #openLog(name: string): number {
    const log = openSync(join(this.folder, 'logs', `${name}.log`), 'a');
    this.#logs.push(log);
    return log;
  }
}
