import { closeSync, existsSync, fsyncSync, mkdirSync, openSync, readFileSync, renameSync, rmSync, statSync, writeSync } from 'node:fs';
import { join } from 'node:path';

const LOG_BYTES_KEPT = 32 * 1024 * 1024;

/** The folder that holds all that one installation keeps: data, logs, generated credentials, and what runs now. */
export class Home {
  constructor(readonly folder: string) {
    mkdirSync(join(folder, 'logs'), { recursive: true, mode: 0o700 });
  }

  path(name: string): string {
    return join(this.folder, name);
  }

  /** Opens a part's log for appending; a long one is put aside first. Returns a file descriptor. */
  openLog(part: string): number {
    const file = this.logFile(part);
    if (existsSync(file) && statSync(file).size > LOG_BYTES_KEPT) renameSync(file, `${file}.1`);
    return openSync(file, 'a', 0o600);
  }

  logFile(part: string): string {
    return this.path(`logs/${part}.log`);
  }

  /** The last lines of a part's log, for an error message. */
  logTail(part: string, lines: number): string {
    try {
      return readFileSync(this.logFile(part), 'utf8').trimEnd().split('\n').slice(-lines).join('\n');
    } catch {
      return '';
    }
  }

  /** The file's JSON; undefined if it is missing or was cut. */
  readJson<T>(name: string): T | undefined {
    try {
      return JSON.parse(readFileSync(this.path(name), 'utf8')) as T;
    } catch {
      return undefined;
    }
  }

  /** Readers see the old file or the whole new one. */
  writeJson(name: string, value: unknown): void {
    const fresh = this.path(`${name}.new`);
    const file = openSync(fresh, 'w', 0o600);
    try {
      writeSync(file, `${JSON.stringify(value, null, 2)}\n`);
      fsyncSync(file);
    } finally {
      closeSync(file);
    }
    renameSync(fresh, this.path(name));
  }

  remove(name: string): void {
    rmSync(this.path(name), { force: true });
  }
}
