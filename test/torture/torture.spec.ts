import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { eventually, type RunningPlatform, startPlatform } from '@parley/testkit';
import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { join } from 'node:path';
import { check, emptyVerdict, type Verdict } from './checker.js';
import { FaultProxy } from './fault-proxy.js';
import { faultsFor } from './faults.js';
import { fetchedHistory, storedRows } from './observed.js';
import { Players, seeded } from './players.js';
import { reliabilityPage, type Round } from './report.js';
import { SmallDisk } from './small-disk.js';

jest.setTimeout(240_000);

const ROUNDS = Number(process.env['PARLEY_TORTURE_ROUNDS'] ?? 3);
const SEED = Number(process.env['PARLEY_TORTURE_SEED'] ?? Date.now() % 1_000_000);
const REPORT = process.env['PARLEY_TORTURE_REPORT'];
const BEFORE_FAULT = 40;
const AFTER_FAULT = 60;
const SETTLED_WITHIN_MS = 45_000;
/** After the last fault every part answers again before anybody is asked for his history. */
const FAULTS_A_ROUND = 2;

describe(`what was acknowledged (seed ${SEED})`, () => {
  const disk = SmallDisk.mount();
  const faults = faultsFor(disk !== undefined);
  const rounds: Round[] = [];
  const networks: FaultProxy[] = [];
  let platform: RunningPlatform;
  /** The platform as its clients reach it, through networks that fail. */
  let reached: RunningPlatform;

  beforeAll(async () => {
    const home = disk && join(disk.folder, 'home');
    if (home) mkdirSync(home);
    platform = await startPlatform({ mode: 'processes', gateways: 2, home });
    for (const url of platform.endpoints.gatewayUrls) networks.push(await FaultProxy.start(Number(new URL(url).port)));
    const gatewayUrls = networks.map(({ port }) => `ws://127.0.0.1:${port}/websocket`);
    reached = { ...platform, endpoints: { ...platform.endpoints, gatewayUrls, gatewayUrl: gatewayUrls[0]! } };
  });

  afterAll(async () => {
    if (REPORT && rounds.length > 0) writeFileSync(REPORT, reliabilityPage(rounds, facts(disk !== undefined)));
    disk?.free();
    await platform?.stop();
    await Promise.all(networks.map((network) => network.stop()));
    disk?.unmount();
  });

  it.each(Array.from({ length: ROUNDS }, (_, i) => i + 1))('is neither lost, doubled, reordered nor resurrected: round %i', async (number) => {
    const random = seeded(SEED + number);
    // In turn from a place that the seed chooses, so that short runs meet all faults over time.
    const struck = Array.from({ length: FAULTS_A_ROUND }, (_, i) => faults[(SEED + (number - 1) * FAULTS_A_ROUND + i) % faults.length]!);
    const players = await Players.enter(reached, random);
    const verdict = emptyVerdict();
    try {
      players.play();
      await players.traffic(BEFORE_FAULT);
      for (const fault of struck) {
        await fault.run({ platform, networks, disk, traffic: (more) => players.traffic(more) }).catch((error: Error) => {
          throw new Error(`${fault.name}: ${error.message}\n${platform.logTail()}`);
        });
        await players.traffic(AFTER_FAULT, 90_000).catch((error: Error) => {
          throw new Error(`after ${fault.name}: ${error.message}\n${platform.logTail()}`);
        });
      }
      await players.rest();
      for (const journal of players.journals) {
        // Devices get what is under way; what is still wrong after that stays wrong.
        const judged = await settled(async () => {
          const rows = await storedRows(platform, journal.pair);
          const histories = await Promise.all(
            players.users
              .filter((user) => journal.pair.includes(user.username))
              .map((user) => fetchedHistory(platform, user, journal.pair.find((name) => name !== user.username)!)),
          );
          return check(journal, rows, players.views(journal), histories);
        });
        add(verdict, judged);
      }
    } finally {
      await players.leave();
    }
    const refusals = new Map<string, number>();
    for (const journal of players.journals) for (const [words, count] of journal.refusals) refusals.set(words, (refusals.get(words) ?? 0) + count);
    rounds.push({ number, faults: struck.map((fault) => fault.name), verdict, cuts: players.cuts, refusals });
    console.info(`round ${number}: ${struck.map((fault) => fault.name).join('; ')}: ${verdict.acknowledged} acknowledged, ${players.cuts} cut, refused ${JSON.stringify([...refusals])}`);
    expect(verdict.remarks).toEqual([]);
    expect(verdict.acknowledged).toBeGreaterThan(BEFORE_FAULT);
  });
});

/** The verdict once nothing is wrong, or the last one when time is up. */
async function settled(judge: () => Promise<Verdict>): Promise<Verdict> {
  let last: Verdict | undefined;
  await eventually(
    async () => {
      last = await judge();
      return last.remarks.length === 0;
    },
    { withinMs: SETTLED_WITHIN_MS, everyMs: 500, what: 'a clean verdict' },
  ).catch((error: unknown) => {
    if (!last) throw error;
  });
  return last!;
}

function add(to: Verdict, one: Verdict): void {
  for (const key of ['acknowledged', 'delivered', 'lost', 'doubled', 'reordered', 'resurrected'] as const) to[key] += one[key];
  to.remarks.push(...one.remarks);
}

function facts(withDisk: boolean) {
  const commit = execFileSync('git', ['rev-parse', '--short', 'HEAD'], { encoding: 'utf8' }).trim();
  return { date: new Date().toISOString().slice(0, 10), commit, seed: SEED, machine: `${cpus().length} cores`, withDisk };
}
