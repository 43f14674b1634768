import { type Platform, type RunningPlatform, startPlatform } from '@parley/testkit';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Infrastructure } from './infrastructure.js';
import { FaultProxy } from './fault-proxy.js';
import type { SmallDisk } from './small-disk.js';
import { ownerOf } from './socket-owner.js';

/** The platform on which rounds are played: every process, disk and network of it can be struck. */
export class Ground {
  readonly networks: FaultProxy[] = [];
  #platform: RunningPlatform | undefined;
  #infrastructure: Infrastructure | undefined;

  private constructor(
    private readonly folder: string,
    /** Under PostgreSQL, nats-server and the home; undefined where none could be mounted. */
    readonly disk: SmallDisk | undefined,
  ) {}

  /** One process for each service, a second one of gateway and message, and networks in front of gateways, PostgreSQL and NATS. */
  static async prepare(disk: SmallDisk | undefined): Promise<Ground> {
    const ground = new Ground(disk?.folder ?? mkdtempSync(join(tmpdir(), 'parley-torture-')), disk);
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
    this.#infrastructure = await Infrastructure.start(join(this.folder, 'infrastructure'), (from, to) => ownerOf(this.pids(), from, to));
    const { env } = this.#infrastructure;
    this.#platform = await startPlatform({ mode: 'processes', gateways: 2, home: this.#home, env });
    await this.#infrastructure.addReplica('message-2', 'message', { PARLEY_MESSAGE_LISTEN: '127.0.0.1:0' });
    for (const url of this.platform.endpoints.gatewayUrls) this.networks.push(await FaultProxy.start(Number(new URL(url).port)));
  }
}
