import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { eventually } from '@parley/testkit';
import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { check, truthOf } from './checker.js';
import { type Fault, faultsFor } from './faults.js';
import { Ground, type Mode } from './ground.js';
import { checkList, checkWaiting } from './list.check.js';
import { fetchedHistory, fetchedList, storedRows } from './observed.js';
import { Players } from './players.js';
import { seeded } from './random.js';
import { reliabilityPage, type Round } from './report.js';
import { SmallDisk } from './small-disk.js';
import { add, emptyVerdict, type Verdict } from './verdict.js';

jest.setTimeout(300_000);

const ROUNDS: Record<Mode, number> = {
  processes: Number(process.env['PARLEY_TORTURE_ROUNDS'] ?? 3),
  standalone: Number(process.env['PARLEY_TORTURE_STANDALONE_ROUNDS'] ?? 2),
};
const SEED = Number(process.env['PARLEY_TORTURE_SEED'] ?? Date.now() % 1_000_000);
const REPORT = process.env['PARLEY_TORTURE_REPORT'];
const BEFORE_FAULT = 40;
const AFTER_FAULT = 60;
const SETTLED_WITHIN_MS = 45_000;
const FAULTS_A_ROUND = 2;

const rounds: Round[] = [];

describe.each<Mode>(['processes', 'standalone'].filter((mode) => ROUNDS[mode as Mode] > 0) as Mode[])(`what was acknowledged (%s, seed ${SEED})`, (mode) => {
  let disk: SmallDisk | undefined;
  let faults: readonly Fault[];
  let ground: Ground;

  beforeAll(async () => {
    disk = SmallDisk.mount();
    faults = faultsFor(mode, disk !== undefined);
    ground = await Ground.prepare(mode, disk);
  });

  afterAll(async () => {
    await ground?.leave();
  });

  /** After each round, so that a run that is ended early has said what it found. */
  const report = (round: Round) => {
    rounds.push(round);
    if (REPORT) writeFileSync(REPORT, reliabilityPage(rounds, facts(disk !== undefined)));
  };

  it.each(Array.from({ length: ROUNDS[mode] }, (_, i) => i + 1))('is neither lost, doubled, reordered, resurrected nor miscounted: round %i', async (number) => {
    // In turn from a place that the seed chooses, so that short runs meet all faults over time.
    const struck = Array.from({ length: FAULTS_A_ROUND }, (_, i) => faults[(SEED + (number - 1) * FAULTS_A_ROUND + i) % faults.length]!);
    const names = struck.map((fault) => fault.name);
    let players: Players | undefined;
    let verdict: Verdict;
    try {
      players = await Players.enter(ground.reached, seeded(SEED + number));
      await play(ground, players, struck);
      // Devices get what is under way; what is still wrong after that stays wrong.
      verdict = await settled(() => judge(ground, players!));
    } catch (error) {
      report({ mode, number, faults: names, cuts: players?.cuts ?? 0, stopped: (error as Error).message.split('\n', 1)[0] });
      throw error;
    } finally {
      await players?.leave();
    }
    report({ mode, number, faults: names, cuts: players.cuts, verdict });
    console.info(`round ${number}: ${names.join('; ')}: ${verdict.acknowledged} acknowledged, ${players.cuts} tries cut`);
    expect(verdict.remarks).toEqual([]);
    expect(verdict.acknowledged).toBeGreaterThan(BEFORE_FAULT);
  });
});

/** Traffic in which the faults strike one after the other, until all is said. @throws what stopped it, with the end of the logs */
async function play(ground: Ground, players: Players, faults: readonly Fault[]): Promise<void> {
  players.play();
  await players.traffic(BEFORE_FAULT);
  players.tabletsLeave();
  for (const fault of faults) {
    const explained = (when: string) => (error: Error) => {
      throw new Error(`${when} ${fault.name}: ${error.message}\n${ground.logTail()}`);
    };
    await fault.run({ ground, traffic: (more) => players.traffic(more) }).catch(explained('during'));
    await players.traffic(AFTER_FAULT, 90_000).catch(explained('after'));
  }
  await players.rest();
}

async function judge(ground: Ground, players: Players): Promise<Verdict> {
  const verdict = emptyVerdict();
  const truths = [];
  for (const journal of players.journals) {
    const rows = await storedRows(ground.infrastructure.databaseUrl, journal.pair);
    const sides = players.users.filter((user) => journal.pair.includes(user.username));
    const histories = await Promise.all(sides.map((user) => fetchedHistory(ground.platform, user, journal.pair.find((name) => name !== user.username)!)));
    add(verdict, check(journal, rows, players.views(journal), histories));
    truths.push(truthOf(journal, rows));
  }
  for (const user of players.users) {
    const own = truths.filter(({ journal }) => journal.pair.includes(user.username));
    checkList(user.username, own, await fetchedList(ground.platform, user), verdict);
  }
  for (const tablet of players.waiting()) checkWaiting(tablet, verdict);
  return verdict;
}

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

function facts(withDisk: boolean) {
  const commit = execFileSync('git', ['rev-parse', '--short', 'HEAD'], { encoding: 'utf8' }).trim();
  return { date: new Date().toISOString().slice(0, 10), commit, seed: SEED, rounds: ROUNDS, machine: `${cpus().length} cores`, withDisk };
}
