import { Bus, requests } from '@parley/bus';
import { freePort, startNats } from '@parley/embedded';
import { rpcClient, type RpcClient, type RunningService } from '@parley/rpc';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { GIVE_UP_MS } from '../wait/eventually.js';
import { Database } from './database.js';

const ANY_PORT = '127.0.0.1:0';

/**
 * PostgreSQL and NATS of a spec's own, for one service or several replicas of it. What is opened here ends with it, the
 * last first: a spec has nothing to clean up but this.
 */
export class Backbone {
  private constructor(
    private readonly opened: AsyncDisposableStack,
    readonly database: Database,
    readonly natsUrl: string,
    /** The spec's own connection: it asks, listens, and answers for the services that are not there. */
    readonly bus: Bus,
  ) {}

  static async start(): Promise<Backbone> {
    const opened = new AsyncDisposableStack();
    try {
      const database = opened.adopt(await Database.start(), (one) => one.stop());
      const folder = opened.adopt(mkdtempSync(join(tmpdir(), 'parley-spec-nats-')), (path) => rmSync(path, { recursive: true, force: true }));
      const nats = opened.adopt(await startNats({ dataFolder: folder, port: await freePort(), log: () => undefined }), (one) => one.stop());
      const bus = opened.adopt(await Bus.connect({ url: nats.url, name: 'spec' }), (one) => one.close());
      return new Backbone(opened.move(), database, nats.url, bus);
    } finally {
      await opened.disposeAsync();
    }
  }

  /** Where a service finds the rest, as its environment says it. It listens on ports that are free, and its hashes cost little. */
  get env(): Record<string, string> {
    const doors = ['AUTH_RPC', 'USER_RPC', 'MESSAGE_RPC', 'FILE_RPC', 'FILE_HTTP'].map((name) => [`PARLEY_${name}`, ANY_PORT]);
    return { DATABASE_URL: this.database.url, NATS_URL: this.natsUrl, PARLEY_HASH_COST_LOG2: '10', ...Object.fromEntries(doors) };
  }

  /** Starts a replica by what its `start.ts` exports. @param more settings besides `env` */
  async service<Config, Service extends RunningService>(
    { loadServiceConfig, start }: { loadServiceConfig: (env: NodeJS.ProcessEnv) => Config; start: (config: Config) => Promise<Service> },
    more: NodeJS.ProcessEnv = {},
  ): Promise<Service> {
    return this.opened.adopt(await start(loadServiceConfig({ ...this.env, ...more })), (service) => service.stop());
  }

  /** A client of one of the services of a replica. */
  client<Definition>(generated: Parameters<typeof rpcClient<Definition>>[0], service: RunningService): RpcClient<Definition> {
    return this.opened.adopt(rpcClient(generated, service.address!, { deadlineMs: GIVE_UP_MS }), (client) => client.close());
  }

  /** Answers for auth: what each app has set. */
  async settings(of: (appId: number) => object): Promise<void> {
    this.bus.serve(requests.appSettings, async ({ appId }) => ({ found: true, suspended: false, settingsJson: JSON.stringify(of(appId)), ceilingsJson: '', issuers: [] }));
    await this.bus.flush();
  }

  stop(): Promise<void> {
    return this.opened.disposeAsync();
  }
}
