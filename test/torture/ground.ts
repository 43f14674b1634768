import { freePort } from '@parley/embedded';
import { type Platform, type RunningPlatform, startPlatform } from '@parley/testkit';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Infrastructure } from './infrastructure.js';
import { FaultProxy } from './fault-proxy.js';
import type { SmallDisk } from './small-disk.js';
import { ownerOf } from './socket-owner.js';

/** A process for each service, or one for all of them; a second gateway and a second message service have their own in either case. */
export type Mode = 'processes' | 'standalone';

/** The platform on which rounds are played: every process, disk and network of it can be struck. */
export class Ground {
  readonly networks: FaultProxy[] = [];
  #platform: RunningPlatform | undefined;
  #infrastructure: Infrastructure | undefined;

  private constructor(
    readonly mode: Mode,
    private readonly folder: string,
    /** Under PostgreSQL, nats-server and the home; undefined where none could be mounted. */
    readonly disk: SmallDisk | undefined,
  ) {}

  /** Starts all processes, and networks in front of gateways, PostgreSQL and NATS. */
  static async prepare(mode: Mode, disk: SmallDisk | undefined): Promise<Ground> {
    const ground = new Ground(mode, disk?.folder ?? mkdtempSync(join(tmpdir(), 'parley-torture-')), disk);
    try {
      await ground.#start();
    } catch (error) {
      await ground.leave().catch(() => undefined);
      throw error;
    }
    return ground;
  }

  get platform(): RunningPlatform {
    return this.#platform!;
  }

  get infrastructure(): Infrastructure {
    return this.#infrastructure!;
  }

  /** The platform as its clients reach it, through networks that fail. */
  get reached(): Platform {
    const gatewayUrls = this.networks.map(({ port }) => `ws://127.0.0.1:${port}/websocket`);
    return { ...this.platform, endpoints: { ...this.platform.endpoints, gatewayUrls, gatewayUrl: gatewayUrls[0]! } };
  }

  /** All that runs now, by name. */
  pids(): Record<string, number> {
    const file = join(this.#home, 'pids.json');
    const supervised = existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as Record<string, number>) : {};
    return { ...supervised, ...this.#infrastructure?.pids };
  }

  /** @throws when it does not run */
  pidOf(name: string): number {
    const pid = this.pids()[name];
    if (pid === undefined) throw new Error(`${name} does not run`);
    return pid;
  }

  logTail(): string {
    return `${this.platform.logTail()}\n${this.infrastructure.logTail()}`;
  }

  async leave(): Promise<void> {
    this.disk?.free();
    try {
      await this.#infrastructure?.stopReplicas();
      await this.#platform?.stop();
    } finally {
      await this.#infrastructure?.stop();
      await Promise.all(this.networks.map((network) => network.stop()));
      if (this.disk) this.disk.unmount();
      else rmSync(this.folder, { recursive: true, force: true });
    }
  }

  get #home(): string {
    return join(this.folder, 'home');
  }

  async #start(): Promise<void> {
    mkdirSync(this.#home);
    this.#infrastructure = await Infrastructure.start(join(this.folder, 'infrastructure'), this.mode === 'processes', (from, to) => ownerOf(this.pids(), from, to));
    const { env } = this.#infrastructure;
    this.#platform = await startPlatform({ mode: this.mode, gateways: this.mode === 'processes' ? 2 : 1, home: this.#home, env });
    const gateways = this.platform.endpoints.gatewayUrls.map((url) => Number(new URL(url).port));
    if (this.mode === 'standalone') {
      gateways.push(await freePort());
      await this.#infrastructure.addReplica('gateway-2', 'gateway', { PARLEY_GATEWAY_PORT: String(gateways[1]) });
    }
    await this.#infrastructure.addReplica('message-2', 'message', { PARLEY_MESSAGE_LISTEN: '127.0.0.1:0' });
    for (const port of gateways) this.networks.push(await FaultProxy.start(port));
  }
}
