import { type Verdict } from './checker.js';

export interface Round {
  readonly number: number;
  readonly faults: readonly string[];
  readonly verdict: Verdict;
  /** Tries that a fault cut off: a sign that it was felt. */
  readonly cuts: number;
  readonly refusals: ReadonlyMap<string, number>;
}

export interface RunFacts {
  readonly date: string;
  readonly commit: string;
  readonly seed: number;
  readonly machine: string;
  readonly withDisk: boolean;
}

const sum = (rounds: readonly Round[], of: (verdict: Verdict) => number) => rounds.reduce((total, round) => total + of(round.verdict), 0);

/** The page docs/reliability.md. */
export function reliabilityPage(rounds: readonly Round[], facts: RunFacts): string {
  const total = (of: (verdict: Verdict) => number) => sum(rounds, of).toLocaleString('en');
  const remarks = rounds.flatMap((round) => round.verdict.remarks.slice(0, 5).map((remark) => `- round ${round.number} (${round.faults.join('; ')}): ${remark}`));
  return `# Reliability

What was acknowledged is never lost, doubled, reordered within its conversation, or back after it was recalled: this page is
the proof as it stands, written by the torture test itself.

## How it is tested

\`npm run torture -- --rounds 100\` starts the platform as a process for each service with two gateways. In each round three
new users talk in all pairs: each has a phone that sends (one by one, and in bursts), recalls, edits, reads, and removes
messages from its history, and a laptop at another gateway that only listens. Two faults strike one after the other in the
middle of that traffic: parts are killed with -9, alone and in pairs, frozen and continued, restarted; the network between
clients and gateways is cut, silent or slow; the disk under PostgreSQL and nats-server is full; nats-server comes back
without its last second. Clients behave as good clients do: they come back, and repeat under the same client id what was not
answered.

After each round a checker compares what the server acknowledged with the rows in PostgreSQL, with what every device
received (repetitions dropped as the official SDKs do: among the last hundred ids), and with the history that a new client
of each user fetches over REST:

- **lost**: acknowledged and not stored, not on a device, not in a history, or with an old text there
- **doubled**: stored twice, or shown to an application twice, or shown without being stored
- **reordered**: against the order of the timeline, or of a sender that waits for each answer
- **resurrected**: recalled or removed, and still to be seen

A short form runs in \`npm test\`. The checker has tests of its own (\`test/torture/checker.spec.ts\`).

## The last run

${facts.date}, commit ${facts.commit}, seed ${facts.seed}, ${facts.machine}.${facts.withDisk ? '' : ' Without the full disk: no file system could be mounted.'}

| rounds | acknowledged | messages delivered | lost | doubled | reordered | resurrected | tries cut by faults |
| --- | --- | --- | --- | --- | --- | --- | --- |
| ${rounds.length} | ${total((v) => v.acknowledged)} | ${total((v) => v.delivered)} | ${total((v) => v.lost)} | ${total((v) => v.doubled)} | ${total((v) => v.reordered)} | ${total((v) => v.resurrected)} | ${rounds.reduce((n, round) => n + round.cuts, 0).toLocaleString('en')} |
${remarks.length === 0 ? '' : `\nWhat the checker found:\n\n${remarks.join('\n')}\n`}
| fault | rounds | acknowledged | lost | doubled | reordered | resurrected |
| --- | --- | --- | --- | --- | --- | --- |
${byFault(rounds)}
`;
}

function byFault(rounds: readonly Round[]): string {
  const names = [...new Set(rounds.flatMap((round) => round.faults))].toSorted();
  return names
    .map((name) => {
      const some = rounds.filter((round) => round.faults.includes(name));
      const cells = [name, some.length, sum(some, (v) => v.acknowledged), sum(some, (v) => v.lost), sum(some, (v) => v.doubled), sum(some, (v) => v.reordered), sum(some, (v) => v.resurrected)];
      return `| ${cells.join(' | ')} |`;
    })
    .join('\n');
}
