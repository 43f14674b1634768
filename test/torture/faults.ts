import { eventually } from '@parley/testkit';
import { cpSync, existsSync, renameSync, rmSync } from 'node:fs';
import type { Server } from './infrastructure.js';
import type { FaultProxy, Weather } from './fault-proxy.js';
import type { Ground, Mode } from './ground.js';

/** Where and when a fault strikes. */
export interface Scene {
  readonly ground: Ground;
  /** Resolves when so many more operations were acknowledged. */
  traffic(acknowledged: number): Promise<void>;
}

export interface Fault {
  readonly name: string;
  /** Does the harm and waits until what was killed runs again; traffic goes on meanwhile. */
  run(scene: Scene): Promise<void>;
}

const AGAIN_WITHIN_MS = 45_000;
const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

function kill(...names: string[]): Fault {
  return { name: `kill -9 ${names.join(' + ')}`, run: ({ ground }) => signalled(ground, names, 'SIGKILL') };
}

async function signalled(ground: Ground, names: readonly string[], signal: NodeJS.Signals): Promise<void> {
  const before = names.map((name) => ground.pidOf(name));
  for (const pid of before) process.kill(pid, signal);
  const again = (name: string, i: number) => ![undefined, before[i]].includes(ground.pids()[name]);
  await eventually(() => names.every(again), { withinMs: AGAIN_WITHIN_MS, what: `${names.join(' and ')} again` });
}

/** Stopped in its tracks and continued: to everybody else it hangs, then it goes on as if no time had passed. */
function freeze(name: string, ms: number): Fault {
  return {
    name: `freeze ${name} ${ms / 1000} s`,
    run: async ({ ground }) => {
      const pid = ground.pidOf(name);
      process.kill(pid, 'SIGSTOP');
      try {
        await pause(ms);
      } finally {
        process.kill(pid, 'SIGCONT');
      }
    },
  };
}

function badWeather(name: string, weather: Exclude<Weather, 'clear'>, ms: number, networks: (ground: Ground) => readonly FaultProxy[], who: readonly (string | undefined)[] = [undefined]): Fault {
  return {
    name: `${name} ${weather}${ms > 0 ? ` ${ms / 1000} s` : ''}`,
    run: async ({ ground }) => {
      const struck = networks(ground);
      const felt = () => struck.reduce((sum, one) => sum + one.felt, 0);
      const before = felt();
      const all = (now: Weather) => struck.forEach((network) => who.forEach((one) => network.set(now, one)));
      all(weather);
      await pause(ms);
      // A network that carries nobody would prove nothing.
      await eventually(() => felt() > before, { withinMs: 10_000, what: `${name} felt` }).finally(() => all('clear'));
    },
  };
}

const clients = (weather: Exclude<Weather, 'clear'>, ms: number) => badWeather('network of clients', weather, ms, (ground) => ground.networks);

/** Services cut off from one of the two things that they all need, or from a service that they call, each alone or together; the others go on. */
function road(to: Server, weather: Exclude<Weather, 'clear'>, ms: number, ...who: string[]): Fault {
  const name = `${who.length === 0 ? 'everybody' : who.join(', ')} to ${to}:`;
  return badWeather(name, weather, ms, (ground) => [ground.infrastructure.road(to)], who.length === 0 ? undefined : who);
}

function together(...faults: Fault[]): Fault {
  return {
    name: faults.map(({ name }) => name).join(' + '),
    run: async (scene) => void (await Promise.all(faults.map((fault) => fault.run(scene)))),
  };
}

const diskFull: Fault = {
  name: 'disk full 3 s',
  run: async ({ ground: { disk } }) => {
    if (!disk) throw new Error('no small disk');
    disk.fill();
    try {
      await pause(3_000);
    } finally {
      disk.free();
    }
  },
};

const postgresRestart: Fault = { name: 'restart PostgreSQL', run: ({ ground }) => signalled(ground, ['postgres'], 'SIGINT') };

/** The broker comes back as it was a second ago, as after a power cut between two flushes of its disk. */
const natsLosesSecond: Fault = {
  name: 'nats-server loses its last second',
  run: async ({ ground, traffic }) => {
    const store = ground.infrastructure.natsFolder;
    const copy = `${store}.earlier`;
    rmSync(copy, { recursive: true, force: true });
    if (!existsSync(store)) throw new Error(`no ${store}`);
    cpSync(store, copy, { recursive: true });
    await Promise.all([pause(1_000), traffic(10)]);
    const before = ground.pidOf('nats');
    process.kill(before, 'SIGKILL');
    rmSync(store, { recursive: true, force: true });
    renameSync(copy, store);
    await eventually(() => ![undefined, before].includes(ground.pids()['nats']), { withinMs: AGAIN_WITHIN_MS, what: 'nats again' });
  },
};

/** In the order in which rounds take them; a long run goes through the list again and again, two at a time. */
export function faultsFor(mode: Mode, disk: boolean): readonly Fault[] {
  return mode === 'processes' ? faultsOfProcesses(disk) : faultsOfStandalone(disk);
}

/** Of the process that holds nearly everything, and of those around it that speak to it over NATS. */
function faultsOfStandalone(disk: boolean): readonly Fault[] {
  return [
    kill('standalone'),
    road('NATS', 'cut', 3_000, 'standalone'),
    kill('postgres'),
    clients('cut', 1_000),
    kill('nats'),
    road('PostgreSQL', 'cut', 2_000, 'standalone'),
    freeze('standalone', 5_000),
    natsLosesSecond,
    kill('gateway-2'),
    road('NATS', 'silent', 5_000, 'standalone'),
    ...(disk ? [diskFull] : []),
    road('PostgreSQL', 'silent', 4_000, 'standalone'),
    kill('standalone', 'nats'),
    road('NATS', 'forgotten', 0, 'standalone'),
    postgresRestart,
    kill('message-2'),
    road('PostgreSQL', 'forgotten', 0),
    kill('postgres', 'standalone'),
    road('NATS', 'cut', 2_000, 'gateway-2'),
    freeze('nats', 3_000),
    road('PostgreSQL', 'slow', 3_000, 'standalone', 'message-2'),
    together(road('NATS', 'cut', 3_000), kill('message-2')),
    freeze('postgres', 4_000),
    road('NATS', 'slow', 3_000),
    kill('standalone', 'gateway-2'),
    clients('silent', 4_000),
    road('NATS', 'cut', 2_000, 'message-2'),
    together(freeze('postgres', 3_000), kill('standalone')),
    ...(disk ? [together(diskFull, kill('standalone'))] : []),
  ];
}

function faultsOfProcesses(disk: boolean): readonly Fault[] {
  return [
    kill('message'),
    road('PostgreSQL', 'cut', 2_000, 'message'),
    road('NATS', 'cut', 2_000, 'gateway'),
    clients('cut', 1_000),
    road('message', 'cut', 2_000),
    kill('gateway'),
    road('PostgreSQL', 'silent', 5_000, 'message-2'),
    kill('postgres'),
    road('NATS', 'silent', 5_000, 'message'),
    freeze('message', 6_000),
    natsLosesSecond,
    road('PostgreSQL', 'forgotten', 0, 'message'),
    kill('nats'),
    road('auth', 'silent', 4_000),
    ...(disk ? [diskFull] : []),
    road('NATS', 'cut', 2_000, 'message-2'),
    kill('gateway', 'gateway-2'),
    road('PostgreSQL', 'slow', 3_000, 'message', 'message-2'),
    together(freeze('postgres', 3_000), kill('message')),
    postgresRestart,
    road('NATS', 'forgotten', 0, 'gateway-2'),
    freeze('nats', 3_000),
    road('PostgreSQL', 'cut', 3_000, 'user'),
    together(road('user', 'silent', 5_000), road('message', 'slow', 3_000)),
    kill('postgres', 'message'),
    road('NATS', 'slow', 3_000),
    clients('silent', 4_000),
    together(road('PostgreSQL', 'silent', 4_000, 'message'), kill('message-2')),
    kill('user'),
    road('NATS', 'silent', 5_000, 'gateway'),
    freeze('postgres', 4_000),
    road('PostgreSQL', 'cut', 2_000),
    kill('nats', 'gateway'),
    road('NATS', 'forgotten', 0, 'message'),
    clients('slow', 3_000),
    together(road('NATS', 'cut', 3_000, 'gateway'), road('PostgreSQL', 'cut', 3_000, 'message')),
    kill('api'),
    together(road('auth', 'cut', 3_000), road('user', 'cut', 3_000), kill('gateway-2')),
    road('NATS', 'cut', 2_000, 'user'),
    kill('postgres', 'nats'),
    road('PostgreSQL', 'forgotten', 0),
    kill('auth', 'user'),
    road('NATS', 'cut', 3_000),
    freeze('gateway', 5_000),
    road('NATS', 'cut', 2_000, 'api'),
    together(clients('cut', 2_000), kill('nats')),
    road('NATS', 'forgotten', 0),
    road('message', 'forgotten', 0, 'api'),
    freeze('message-2', 5_000),
    road('PostgreSQL', 'cut', 2_000, 'auth'),
    ...(disk ? [together(diskFull, kill('message-2'))] : []),
  ];
}
