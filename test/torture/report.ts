import type { Mode } from './ground.js';
import { FAILINGS, type Verdict } from './verdict.js';

export interface Round {
  readonly mode: Mode;
  readonly number: number;
  readonly faults: readonly string[];
  /** Tries that a fault cut off: a sign that it was felt. */
  readonly cuts: number;
  /** Undefined when the round could not be judged. */
  readonly verdict?: Verdict;
  /** Why it could not. */
  readonly stopped?: string;
}

interface Judged extends Round {
  readonly verdict: Verdict;
}

export interface RunFacts {
  readonly date: string;
  readonly commit: string;
  readonly seed: number;
  /** Rounds that were asked for. */
  readonly rounds: Readonly<Record<Mode, number>>;
  readonly machine: string;
  readonly withDisk: boolean;
}

const sum = (rounds: readonly Judged[], of: (verdict: Verdict) => number) => rounds.reduce((total, round) => total + of(round.verdict), 0);

/** The page docs/reliability.md. */
export function reliabilityPage(rounds: readonly Round[], facts: RunFacts): string {
  const remarks = rounds.flatMap((round) => {
    const said = round.verdict ? round.verdict.remarks.slice(0, 5) : [`stopped, not judged: ${round.stopped}`];
    return said.map((remark) => `- ${round.mode}, round ${round.number} (${round.faults.join('; ')}): ${remark}`);
  });
  return `# Reliability

What was acknowledged is never lost, doubled, reordered within its conversation, or back after it was recalled: this page is
the proof as it stands, written by the torture test itself.

## How it is tested

\`npm run torture -- --rounds ${facts.rounds.processes} --standalone ${facts.rounds.standalone} --seed ${facts.seed}\` starts the platform as a process for each service, with two
gateways and two message services, and a network that can fail in front of each gateway, between every service and PostgreSQL
and NATS, and in front of each service that others call over gRPC. After ${facts.rounds.processes} rounds it plays ${facts.rounds.standalone} with all services in one process,
which share what they tell each other ([ADR 69](adr/0069-what-one-process-tells-itself-does-not-leave-it.md)), and a second gateway
and message service beside it.

In each round three new users talk in all pairs. Each has a phone that sends (one by one, and in bursts), recalls, edits,
reads, and removes messages from its history; a laptop at another gateway that listens all the time; and a tablet that is away
while the faults strike. Two faults strike one after the other in the middle of that traffic, some of them two at once:

- processes killed with -9, alone and in pairs, frozen and continued, restarted
- the network of clients; of one service to PostgreSQL or to NATS while the others have theirs; of all services; between services.
  It is cut, silent, slow, or forgets the connections without a word to either end
- the disk under PostgreSQL and nats-server full; nats-server back without its last second

Clients behave as good clients do: they come back, and repeat under the same client id what was not answered. At the end the
tablets come back, and each user signs in on a new device.

A checker then compares what the server acknowledged with the rows in PostgreSQL; with what each device received (repetitions
dropped as the official SDKs do: among the last hundred ids), the one that was there all the time, the one that came back and
the new one; and with the history and the list of conversations that a new device fetches over REST:

- **lost**: acknowledged and not stored, not on a device, not in a history, there with another content, or refused for no reason
- **doubled**: stored twice, stored though nobody was told so, shown to an application twice, or shown without being stored
- **reordered**: against the order of the timeline, or of what one sender did turn by turn
- **resurrected**: recalled or removed, and still to be seen, or given to a device that came back later
- **miscounted**: a number of unread messages, the order or the last message of a list of conversations, or the number that a
  returning device is told to wait for

A short form runs in \`npm test\`. The checker has tests of its own, which plant each failing (\`test/torture/*.check.spec.ts\`,
\`test/torture/checker.spec.ts\`), and so has the network that fails (\`test/torture/fault-proxy.spec.ts\`).

## The last run

${facts.date}, commit ${facts.commit}, seed ${facts.seed}, ${facts.machine}.${facts.withDisk ? '' : ' Without the full disk: no file system could be mounted.'}

| | rounds | judged | acknowledged | messages delivered | ${FAILINGS.join(' | ')} | tries cut by faults |
| --- | --- | --- | --- | --- | ${FAILINGS.map(() => '---').join(' | ')} | --- |
${ofModes(rounds)}
${remarks.length === 0 ? '' : `\nWhat was found:\n\n${remarks.join('\n')}\n`}
| fault | rounds | acknowledged | ${FAILINGS.join(' | ')} |
| --- | --- | --- | ${FAILINGS.map(() => '---').join(' | ')} |
${byFault(rounds.filter(isJudged))}
`;
}

function isJudged(round: Round): round is Judged {
  return round.verdict !== undefined;
}

function ofModes(all: readonly Round[]): string {
  return [...new Set(all.map(({ mode }) => mode))]
    .map((mode) => {
      const rounds = all.filter((round) => round.mode === mode);
      const judged = rounds.filter(isJudged);
      const counts = [sum(judged, (v) => v.acknowledged), sum(judged, (v) => v.delivered), ...FAILINGS.map((failing) => sum(judged, (v) => v[failing]))];
      const cuts = rounds.reduce((n, round) => n + round.cuts, 0);
      return `| ${[mode, ...[rounds.length, judged.length, ...counts, cuts].map((n) => n.toLocaleString('en'))].join(' | ')} |`;
    })
    .join('\n');
}

function byFault(rounds: readonly Judged[]): string {
  const names = [...new Set(rounds.flatMap((round) => round.faults))].toSorted();
  return names
    .map((name) => {
      const some = rounds.filter((round) => round.faults.includes(name));
      const cells = [name, some.length, sum(some, (v) => v.acknowledged), ...FAILINGS.map((failing) => sum(some, (v) => v[failing]))];
      return `| ${cells.join(' | ')} |`;
    })
    .join('\n');
}
