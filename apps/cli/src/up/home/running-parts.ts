import { endProcess, type ProcessIdentity, processIdentity } from '@parley/embedded';
import type { Home } from './home.js';

/** Name to process id, for people, scripts and tests. */
const PIDS = 'pids.json';
/** The same with start times, in start order: beyond doubt, for the next start. */
const IDENTITIES = 'running.json';

const AGAIN_AFTER_MS = 1_000;

type NamedIdentity = ProcessIdentity & { readonly name: string };

/** The record of what runs now, kept so that a start after a kill -9 finds what was left over. */
export class RunningParts {
  readonly #home: Home;
  readonly #parts = new Map<string, NamedIdentity>();
  #again: NodeJS.Timeout | undefined;

  constructor(home: Home) {
    this.#home = home;
  }

  set(name: string, pid: number | undefined): void {
    const identity = pid === undefined ? undefined : processIdentity(pid);
    if (identity) this.#parts.set(name, { name, ...identity });
    else this.#parts.delete(name);
    this.#write();
  }

  /** A full disk must not end the supervisor: the record is written again until it is right. */
  #write(): void {
    clearTimeout(this.#again);
    try {
      this.#writeNow();
    } catch {
      this.#again = setTimeout(() => this.#write(), AGAIN_AFTER_MS);
    }
  }

  #writeNow(): void {
    this.#home.writeJson(PIDS, Object.fromEntries([...this.#parts.values()].map((part) => [part.name, part.pid])));
    this.#home.writeJson(IDENTITIES, [...this.#parts.values()]);
  }

  clear(): void {
    clearTimeout(this.#again);
    this.#home.remove(PIDS);
    this.#home.remove(IDENTITIES);
  }
}

/** Ends what an earlier supervisor started and could not stop, last started first. Returns the names of what it ended. */
export async function endLeftOvers(home: Home): Promise<string[]> {
  const ended: string[] = [];
  for (const part of (home.readJson<NamedIdentity[]>(IDENTITIES) ?? []).toReversed()) {
    if (processIdentity(part.pid)?.startedAt !== part.startedAt || part.pid === process.pid) continue;
    // SIGINT is the fast and orderly way out for each of them, PostgreSQL included.
    if (!(await endProcess(part, ['SIGINT', 'SIGQUIT', 'SIGKILL'], 10_000))) {
      throw new Error(`${part.name} of an earlier run (process ${part.pid}) does not end`);
    }
    ended.push(part.name);
  }
  return ended;
}
