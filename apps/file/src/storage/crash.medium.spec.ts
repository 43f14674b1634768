import { afterAll, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { freePort } from '@parley/embedded';
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, statfsSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { FileServiceUnderTest, holds } from '../testing.fixture.js';

jest.setTimeout(90_000);
const MAIN = fileURLToPath(new URL('../../dist/main.js', import.meta.url));
const the = new FileServiceUnderTest();
const disk = mkdtempSync(join(tmpdir(), 'parley-file-disk-'));
beforeAll(async () => {
  // A disk that is easily filled. Needs the right to mount, as root in CI has.
  execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=16m', 'parley-file', disk]);
  await the.start({ PARLEY_FILE_FOLDER: disk, PARLEY_FILE_UNFINISHED_SECONDS: '2' });
});
const children = new Set<ChildProcess>();
afterAll(async () => {
  for (const child of children) child.kill('SIGKILL');
  await the.stop();
  execFileSync('umount', [disk]);
  rmSync(disk, { recursive: true });
});
beforeEach(() => the.nextApp());

/** The service in a process of its own, beside the one of this test: same database, same folder. */
async function anotherProcess(): Promise<{ child: ChildProcess; port: number }> {
  const port = await freePort('127.0.0.1');
  const env = { ...process.env, ...the.env, PARLEY_FILE_HTTP: `127.0.0.1:${port}`, PARLEY_FILE_RPC: `127.0.0.1:${await freePort('127.0.0.1')}` };
  const child = spawn(process.execPath, [MAIN], { env, stdio: 'ignore' });
  children.add(child);
  const listens = () =>
    new Promise<void>((resolve, reject) => {
      const socket = connect(port, '127.0.0.1', () => resolve(void socket.destroy())).on('error', reject);
    });
  await holds(listens, 40_000);
  return { child, port };
}

describe('a service that is killed in the middle of an upload', () => {
  it('leaves nothing that anybody sees, and in the end nothing at all', async () => {
    const { child, port } = await anotherProcess();
    const socket = connect(port, '127.0.0.1');
    socket.on('error', () => undefined);
    const head = `POST /files HTTP/1.1\r\nHost: x\r\nX-Parley-Tenant: ${JSON.stringify(the.tenant)}\r\nContent-Type: multipart/form-data; boundary=b\r\nContent-Length: 9000000\r\n\r\n`;
    socket.write(`${head}--b\r\nContent-Disposition: form-data; name="file"; filename="a"\r\n\r\n${'x'.repeat(1_000_000)}`);
    await holds(() => expect(the.stored().unfinished).toHaveLength(1));
    const dead = new Promise((resolve) => child.once('exit', resolve));
    child.kill('SIGKILL');
    await dead;
    socket.destroy();
    expect(the.stored()).toMatchObject({ kept: [] });
    expect(await the.usage()).toEqual({ files: 0, bytes: 0 });
    expect((await the.db.query('SELECT FROM chatfile WHERE app_id = $1', [the.appId])).rowCount).toBe(0);
    await the.leavesNothing();
  });
});

describe('a full disk', () => {
  it('is told as such; what is there stays, and uploads work again when there is room', async () => {
    const kept = randomBytes(1_000_000);
    const { uuid } = await the.uploaded(kept);
    const { bavail, bsize } = statfsSync(disk);
    const filler = join(disk, 'filler');
    writeFileSync(filler, Buffer.alloc(bavail * bsize - 2 * 1024 * 1024));
    expect(await the.upload(randomBytes(4_000_000))).toMatchObject({ status: 503, body: { code: 'file_storage_unavailable' } });
    expect((await the.download(uuid)).content.equals(kept)).toBe(true);
    expect(the.stored()).toEqual({ kept: [uuid], unfinished: [] });
    expect(await the.usage()).toEqual({ files: 1, bytes: 1_000_000 });
    rmSync(filler);
    expect((await the.upload(randomBytes(4_000_000))).status).toBe(200);
  });
});
