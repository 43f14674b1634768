import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Home } from './home.js';
import { AlreadyRunningError, lockHome } from './lock.js';

describe('one supervisor for each home', () => {
  let folder: string;
  let home: Home;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'parley-lock-spec-'));
    home = new Home(folder);
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  it('refuses the second and names the process of the first', () => {
    const unlock = lockHome(home);
    expect(() => lockHome(home)).toThrow(AlreadyRunningError);
    expect(() => lockHome(home)).toThrow(`process ${process.pid}`);
    unlock();
    lockHome(home)();
    expect(existsSync(join(folder, 'supervisor.lock'))).toBe(false);
  });

  it.each([
    ['of a process that is gone', JSON.stringify({ pid: 2 ** 22 + 1, startedAt: '1' })],
    ['of an earlier process with the same id', JSON.stringify({ pid: process.pid, startedAt: '1' })],
    ['that was cut while being written', '{"pid": 1'],
  ])('takes over a lock %s', (_case, content) => {
    writeFileSync(join(folder, 'supervisor.lock'), content);
    lockHome(home)();
  });
});
