import { eventually, type RunningPlatform } from '@parley/testkit';
import { cpSync, existsSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { FaultProxy, Weather } from './fault-proxy.js';
import type { SmallDisk } from './small-disk.js';

export interface Ground {
  readonly platform: RunningPlatform;
  /** In front of each gateway. */
  readonly networks: readonly FaultProxy[];
  /** Undefined where no disk could be mounted. */
  readonly disk: SmallDisk | undefined;
  /** Resolves when so many more operations were acknowledged. */
  traffic(acknowledged: number): Promise<void>;
}

export interface Fault {
  readonly name: string;
  /** Does the harm and waits until what was killed runs again; traffic goes on meanwhile. */
  run(ground: Ground): Promise<void>;
}

const AGAIN_WITHIN_MS = 45_000;
const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

function kill(...names: string[]): Fault {
  return { name: `kill -9 ${names.join(' + ')}`, run: ({ platform }) => signalled(platform, names, 'SIGKILL') };
}

async function signalled(platform: RunningPlatform, names: readonly string[], signal: NodeJS.Signals): Promise<void> {
  const before = platform.pids();
  for (const name of names) {
    if (before[name] === undefined) throw new Error(`${name} does not run`);
    process.kill(before[name], signal);
  }
  const again = (name: string) => ![undefined, before[name]].includes(platform.pids()[name]);
  await eventually(() => names.every(again), { withinMs: AGAIN_WITHIN_MS, what: `${names.join(' and ')} again` });
}

/** Stopped in its tracks and continued: to everybody else it hangs, then it goes on as if no time had passed. */
function freeze(name: string, ms: number): Fault {
  return {
    name: `freeze ${name} ${ms / 1000} s`,
    run: async ({ platform }) => {
      const pid = platform.pids()[name]!;
      process.kill(pid, 'SIGSTOP');
      try {
        await pause(ms);
      } finally {
        process.kill(pid, 'SIGCONT');
      }
    },
  };
}

function network(weather: Exclude<Weather, 'clear'>, ms: number): Fault {
  return {
    name: `network of clients ${weather} ${ms / 1000} s`,
    run: async ({ networks }) => {
      networks.forEach((one) => one.set(weather));
      await pause(ms);
      networks.forEach((one) => one.set('clear'));
    },
  };
}

const diskFull: Fault = {
  name: 'disk full 3 s',
  run: async ({ disk }) => {
    if (!disk) throw new Error('no small disk');
    disk.fill();
    await pause(3_000);
    disk.free();
  },
};

const postgresRestart: Fault = { name: 'restart PostgreSQL', run: ({ platform }) => signalled(platform, ['postgres'], 'SIGINT') };

/** The broker comes back as it was a second ago, as after a power cut between two flushes of its disk. */
const natsLosesSecond: Fault = {
  name: 'nats-server loses its last second',
  run: async ({ platform, traffic }) => {
    const store = join(platform.home, 'nats');
    const copy = `${store}.earlier`;
    rmSync(copy, { recursive: true, force: true });
    if (!existsSync(store)) throw new Error(`no ${store}`);
    cpSync(store, copy, { recursive: true });
    await Promise.all([pause(1_000), traffic(10)]);
    const before = platform.pids()['nats'];
    process.kill(before!, 'SIGKILL');
    rmSync(store, { recursive: true, force: true });
    renameSync(copy, store);
    await eventually(() => ![undefined, before].includes(platform.pids()['nats']), { withinMs: AGAIN_WITHIN_MS, what: 'nats again' });
  },
};

/** In the order in which rounds take them; a long run goes through the list again and again, two at a time. */
export function faultsFor(disk: boolean): readonly Fault[] {
  return [
    kill('message'),
    kill('gateway'),
    network('cut', 1_000),
    kill('postgres'),
    freeze('message', 6_000),
    natsLosesSecond,
    kill('nats'),
    ...(disk ? [diskFull] : []),
    kill('gateway', 'gateway-2'),
    postgresRestart,
    freeze('nats', 3_000),
    kill('postgres', 'message'),
    network('silent', 4_000),
    kill('user'),
    freeze('postgres', 4_000),
    kill('nats', 'gateway'),
    network('slow', 3_000),
    kill('api'),
    kill('postgres', 'nats'),
    kill('auth', 'user'),
    freeze('gateway', 5_000),
  ];
}
