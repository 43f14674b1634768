import { execFileSync } from 'node:child_process';
import { accessSync, constants, readFileSync } from 'node:fs';

/** A process beyond doubt: process ids are used again, but not with the same start time. */
export interface ProcessIdentity {
  readonly pid: number;
  readonly startedAt: string;
}

/** Who has this process id now; undefined if nobody (a zombie is nobody). */
export function processIdentity(pid: number): ProcessIdentity | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    // The second field is the command in brackets and may hold anything; the state is field 3, the start time field 22.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return fields[0] === 'Z' || fields[0] === 'X' ? undefined : { pid, startedAt: fields[19]! };
  } catch {
    return existsProc() ? undefined : identityFromPs(pid);
  }
}

export function isSameProcess(known: ProcessIdentity): boolean {
  return processIdentity(known.pid)?.startedAt === known.startedAt;
}

/** Its program and arguments in one string; empty if unknown. */
export function commandLine(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ');
  } catch {
    return existsProc() ? '' : ps(pid, 'command');
  }
}

/**
 * Sends the signals in turn until the process is gone, waiting `patienceMs` after each.
 * @returns true if it is gone.
 */
export async function endProcess(known: ProcessIdentity, signals: readonly NodeJS.Signals[], patienceMs: number): Promise<boolean> {
  for (const signal of signals) {
    if (!isSameProcess(known)) return true;
    try {
      process.kill(known.pid, signal);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
      return true;
    }
    const deadline = Date.now() + patienceMs;
    while (Date.now() < deadline) {
      if (!isSameProcess(known)) return true;
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }
  return !isSameProcess(known);
}

const SETPRIV = ['/usr/bin/setpriv', '/bin/setpriv'].find((path) => {
  try {
    accessSync(path, constants.X_OK);
    return process.platform === 'linux';
  } catch {
    return false;
  }
});

/**
 * The command line that makes the kernel signal the child when this process dies, even by SIGKILL; the command as it is
 * where the system cannot (then the next start finds what was left over).
 */
export function diesWithParent(signal: 'INT' | 'TERM', command: string, args: readonly string[]): [string, string[]] {
  return SETPRIV ? [SETPRIV, ['--pdeathsig', signal, '--', command, ...args]] : [command, [...args]];
}

function existsProc(): boolean {
  try {
    accessSync('/proc/self/stat');
    return true;
  } catch {
    return false;
  }
}

function identityFromPs(pid: number): ProcessIdentity | undefined {
  const startedAt = ps(pid, 'lstart');
  return startedAt === '' ? undefined : { pid, startedAt };
}

function ps(pid: number, field: string): string {
  try {
    return execFileSync('ps', ['-o', `${field}=`, '-p', String(pid)], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim();
  } catch {
    return '';
  }
}
