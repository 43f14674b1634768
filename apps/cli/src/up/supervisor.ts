import { resolve } from 'node:path';
import { assertPortFree, freePort, Part, type PartEvents, PortTakenError } from '@parley/embedded';
import { ensureDemoApp, seedAndProbe } from './demo/seed.js';
import { endpointsOf, reachableHost } from './endpoints.js';
import type { Home } from './home/home.js';
import { loadKeptState } from './home/kept-state.js';
import { loadOperator } from './home/operator.js';
import { endLeftOvers, RunningParts } from './home/running-parts.js';
import { startBackbone } from './parts/backbone.js';
import { type Addresses, planServices } from './parts/plan.js';
import { launchService } from './parts/service.process.js';
import { readyBlock } from './ready-block.js';
import { untilReady } from './readiness.js';
import type { UpConfig } from './up.config.js';

/** Something that the message explains and the user can mend. */
export class StartFailed extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'StartFailed';
  }
}

const ENDPOINTS = 'endpoints.json';
const READY_TIMEOUT_MS = 120_000;
/** A service that dies this often before anything is ready will not get better. */
const DEATHS_BEFORE_GIVING_UP = 3;
const LOG_LINES_SHOWN = 20;

/** Starts all parts in order, keeps them running, and stops them in reverse. */
export class Supervisor {
  readonly #parts: Part[] = [];
  readonly #pids = new Map<string, number>();
  readonly #running: RunningParts;
  readonly #boot = new AbortController();
  #stopping: Promise<void> | undefined;

  constructor(
    private readonly config: UpConfig,
    private readonly home: Home,
    private readonly env: NodeJS.ProcessEnv,
    private readonly say: (line: string) => void,
  ) {
    this.#running = new RunningParts(home);
  }

  /**
   * Brings everything up; resolves when a message could be sent and the ready block is printed.
   * @throws StartFailed, PortTakenError and the errors of the parts
   */
  async start(startedAt: number): Promise<void> {
    this.home.remove(ENDPOINTS);
    for (const name of await endLeftOvers(this.home)) this.say(`ended ${name}, left behind by an earlier run`);
    this.#running.set('supervisor', process.pid);
    const ports = await this.#choosePorts();
    const state = loadKeptState(this.home);

    const adopt = (part: Part) => this.#adopt(part);
    const backbone = await mendable(startBackbone(this.config, this.home, state, this.#events, adopt, this.say));
    this.say(`PostgreSQL and nats-server are ${this.config.databaseUrl && this.config.natsUrl ? 'external' : 'up'}`);

    const at: Addresses = { ...ports, ...backbone, host: this.config.host };
    const { certFile } = this.config;
    const endpoints = endpointsOf(at, state, certFile !== undefined);
    const { operatorLogin, operatorPassword } = this.config;
    const { operator, fresh } = loadOperator(this.home, endpoints.restUrl, { login: operatorLogin, password: operatorPassword });
    const services = planServices(this.config, at, {
      PARLEY_DEMO_REST_URL: endpoints.restUrl,
      PARLEY_DEMO_GATEWAY_URL: endpoints.gatewayUrl,
      PARLEY_DEMO_APP_KEY: endpoints.appKey,
      PARLEY_DEMO_USERS: JSON.stringify(state.users),
      PARLEY_OPERATOR_PASSWORD: operator.password,
      PARLEY_AUTH_KEY_ENCRYPTION_KEY: this.config.keyEncryptionKey ?? state.keyEncryptionKey,
    });
    for (const service of services) {
      const part = new Part(service.name, () => launchService(service, this.home), this.#events);
      this.#adopt(part);
      await mendable(part.start());
    }
    this.say(`services are starting: ${services.map((service) => service.name).join(', ')}`);

    await this.#inTime(async (signal) => {
      const host = reachableHost(at.host);
      const scheme = certFile ? 'https' : 'http';
      await Promise.all([at.apiPort, ...at.gatewayPorts].map((port) => untilReady(`${scheme}://${host}:${port}`, signal, certFile)));
      this.say('services are ready, setting up the demo app');
      await ensureDemoApp(at.authRpc, { clientId: state.clientId, clientSecret: state.clientSecret });
      await seedAndProbe(endpoints, state.users, signal, certFile);
    });
    this.home.writeJson(ENDPOINTS, endpoints);
    this.say(readyBlock({ endpoints, operator: { ...operator, show: fresh }, users: state.users, home: this.home.folder, startedInMs: Date.now() - startedAt }));
  }

  /** Stops what runs, last started first. Safe to call at any time and twice. */
  stop(): Promise<void> {
    this.#stopping ??= (async () => {
      this.#boot.abort(new StartFailed('stopped while starting'));
      this.home.remove(ENDPOINTS);
      for (const part of this.#parts.toReversed()) await part.stop();
      this.#running.clear();
    })();
    return this.#stopping;
  }

  /** The last resort; the next start recovers. */
  killAll(): void {
    for (const pid of this.#pids.values()) {
      try {
        process.kill(pid, 'SIGKILL');
      } catch {
        // gone already
      }
    }
  }

  #adopt(part: Part): void {
    if (this.#stopping) throw new StartFailed('stopped while starting');
    this.#parts.push(part);
  }

  async #choosePorts(): Promise<Omit<Addresses, 'host' | 'databaseUrl' | 'natsUrl'>> {
    const { host, apiPort, gatewayPort, demoPort, gateways } = this.config;
    const gatewayPorts: number[] = [];
    for (let index = 0; index < gateways; index++) {
      gatewayPorts.push(await this.#port(host, gatewayPort === 0 ? 0 : gatewayPort + index, 'the gateway', 'PARLEY_GATEWAY_PORT'));
    }
    return {
      apiPort: await this.#port(host, apiPort, 'the REST API', 'PARLEY_API_PORT'),
      gatewayPorts,
      demoPort: await this.#port(host, demoPort, 'the demo page', 'PARLEY_DEMO_PORT'),
      authRpc: this.config.authRpc ?? `127.0.0.1:${await freePort()}`,
      userRpc: this.config.userRpc ?? `127.0.0.1:${await freePort()}`,
      messageRpc: this.config.messageRpc ?? `127.0.0.1:${await freePort()}`,
      fileRpc: this.config.fileRpc ?? `127.0.0.1:${await freePort()}`,
      fileHttp: this.config.fileHttp ?? `127.0.0.1:${await freePort()}`,
      fileFolder: this.config.fileFolder ?? resolve(this.home.path('files')),
    };
  }

  async #port(host: string, port: number, usedFor: string, setting: string): Promise<number> {
    if (port === 0) return freePort(host);
    try {
      await assertPortFree(host, port, usedFor);
      return port;
    } catch (error) {
      if (!(error instanceof PortTakenError)) throw error;
      throw new StartFailed(`${error.message}. Stop that program, or set ${setting} to another port (0 = any free one)`);
    }
  }

  /** Runs the last phase of the start; ends it with an explanation when it takes too long or a part keeps dying. */
  async #inTime(phase: (signal: AbortSignal) => Promise<void>): Promise<void> {
    const late = setTimeout(() => {
      this.#boot.abort(new StartFailed(`not ready within ${READY_TIMEOUT_MS / 1000} s; see the logs in ${this.home.path('logs')}`));
    }, READY_TIMEOUT_MS);
    const { signal } = this.#boot;
    const aborted = new Promise<never>((_, reject) => {
      if (signal.aborted) reject(signal.reason as Error);
      signal.addEventListener('abort', () => reject(signal.reason as Error), { once: true });
    });
    try {
      await Promise.race([phase(signal), aborted]);
    } finally {
      clearTimeout(late);
    }
  }

  readonly #events: PartEvents = {
    pidChanged: (name, pid) => {
      if (pid === undefined) this.#pids.delete(name);
      else this.#pids.set(name, pid);
      this.#running.set(name, pid);
    },
    died: (name, how, restartInMs) => {
      this.say(`${name} ended (${how}), starting it again in ${restartInMs / 1000} s; its log: ${this.home.logFile(name)}`);
      const part = this.#parts.find((one) => one.name === name);
      if ((part?.deaths ?? 0) >= DEATHS_BEFORE_GIVING_UP) {
        const tail = this.home.logTail(name, LOG_LINES_SHOWN);
        this.#boot.abort(new StartFailed(`${name} does not start; the end of ${this.home.logFile(name)}:\n${tail}`));
      }
    },
    cannotRestart: (name, reason, nextTryInMs) => this.say(`${name} cannot be started: ${reason}; next try in ${nextTryInMs / 1000} s`),
    restarted: (name) => this.say(`${name} runs again`),
  };
}

async function mendable<T>(starting: Promise<T>): Promise<T> {
  try {
    return await starting;
  } catch (error) {
    throw new StartFailed((error as Error).message, { cause: error });
  }
}
