import { linkSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { isSameProcess, type ProcessIdentity, processIdentity } from '@parley/embedded';
import type { Home } from './home.js';

const LOCK = 'supervisor.lock';

/** Another supervisor runs on the same home. */
export class AlreadyRunningError extends Error {
  constructor(home: string, pid: number) {
    super(
      `Parley already runs on ${home} (process ${pid}). Stop it first (Ctrl-C in its terminal, or: kill ${pid}), ` +
        'or set PARLEY_HOME to another folder and the ports to others (0 = any free one) for a second one',
    );
    this.name = 'AlreadyRunningError';
  }
}

/**
 * Takes the home for this process; returns what gives it back. The lock of a process that is gone is taken over.
 * @throws AlreadyRunningError
 */
export function lockHome(home: Home): () => void {
  const lock = home.path(LOCK);
  const mine = JSON.stringify(processIdentity(process.pid));
  const draft = `${lock}.${process.pid}`;
  writeFileSync(draft, mine);
  try {
    // A link appears whole or not at all, and only if there is none yet.
    while (!tryLink(draft, lock)) clearIfStale(home, lock);
  } finally {
    rmSync(draft, { force: true });
  }
  return () => {
    if (read(lock) === mine) rmSync(lock, { force: true });
  };
}

function clearIfStale(home: Home, lock: string): void {
  const found = read(lock);
  const owner = parse(found);
  if (owner && isSameProcess(owner)) throw new AlreadyRunningError(home.folder, owner.pid);
  // Two may find the same stale lock: whoever moves a lock away checks that it was the stale one.
  const aside = `${lock}.stale.${process.pid}`;
  try {
    renameSync(lock, aside);
  } catch {
    return; // somebody else cleared it
  }
  const moved = read(aside);
  if (moved !== found) {
    tryLink(aside, lock);
    rmSync(aside, { force: true });
    throw new AlreadyRunningError(home.folder, parse(moved)?.pid ?? 0);
  }
  rmSync(aside, { force: true });
}

function tryLink(from: string, to: string): boolean {
  try {
    linkSync(from, to);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

function read(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}

function parse(text: string): ProcessIdentity | undefined {
  try {
    return JSON.parse(text) as ProcessIdentity;
  } catch {
    return undefined;
  }
}
