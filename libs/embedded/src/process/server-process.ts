import { spawn, type SpawnOptions } from 'node:child_process';
import { createInterface } from 'node:readline';
import { diesWithParent } from './identity.js';

/** Receives the lines that a server writes, and what is worth telling about it. */
export type Log = (line: string) => void;

export interface Exit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

export interface ServerProcess {
  readonly pid: number;
  readonly exited: Promise<Exit>;
  /** undefined as long as it runs. */
  readonly exit: () => Exit | undefined;
  /** The last lines that it wrote, for an error message. */
  readonly lastLines: () => string;
  /** Asks it to end, with stronger signals if it lingers; resolves when it has ended. Safe to call twice. */
  stop(): Promise<void>;
}

export interface ServerProcessOptions {
  name: string;
  command: string;
  args: readonly string[];
  spawn?: SpawnOptions;
  log: Log;
  /** The polite signal first; the others are sent in turn when it lingers. */
  stopSignals: readonly NodeJS.Signals[];
  /** Sent by the kernel when this process is killed. */
  orphanSignal: 'INT' | 'TERM';
}

const LINES_KEPT = 12;
const PATIENCE_MS = 15_000;

/** Starts a server as a child in a session of its own, so that Ctrl-C in the terminal reaches only this process. */
export async function startServerProcess(options: ServerProcessOptions): Promise<ServerProcess> {
  const [command, args] = diesWithParent(options.orphanSignal, options.command, options.args);
  const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'], ...options.spawn, detached: true });
  const lines: string[] = [];
  for (const stream of [child.stdout, child.stderr]) {
    if (!stream) continue; // the caller sent it to a file
    createInterface({ input: stream }).on('line', (line) => {
      lines.push(line);
      if (lines.length > LINES_KEPT) lines.shift();
      options.log(line);
    });
  }
  let exit: Exit | undefined;
  const exited = new Promise<Exit>((resolve) => {
    child.once('exit', (code, signal) => resolve((exit = { code, signal })));
  });
  await new Promise<void>((resolve, reject) => {
    child.once('spawn', resolve);
    child.once('error', (error) => reject(new Error(`${options.name} cannot be started: ${error.message}`, { cause: error })));
  });
  let stopping: Promise<void> | undefined;
  const stop = async () => {
    for (const signal of options.stopSignals) {
      if (exit) return;
      child.kill(signal);
      await Promise.race([exited, delay(PATIENCE_MS)]);
    }
  };
  return {
    pid: child.pid!,
    exited,
    exit: () => exit,
    lastLines: () => lines.join('\n'),
    stop: () => (stopping ??= stop()),
  };
}

/** Calls `ready` until it says yes. @throws Error with the server's last lines when it ends or the time (ms) is over. */
export async function untilReady(server: ServerProcess, name: string, timeoutMs: number, ready: () => Promise<boolean>): Promise<void> {
  const deadline = Date.now() + timeoutMs;
  for (;;) {
    const exit = server.exit();
    if (exit) throw new Error(`${name} ended while starting (${exit.signal ?? exit.code}):\n${server.lastLines()}`);
    if (await ready()) return;
    if (Date.now() > deadline) {
      await server.stop();
      throw new Error(`${name} was not ready within ${timeoutMs / 1000} s:\n${server.lastLines()}`);
    }
    await Promise.race([server.exited, delay(25)]);
  }
}

function delay(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms).unref());
}
