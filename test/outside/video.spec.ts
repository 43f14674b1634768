import { afterAll, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { FileServiceUnderTest } from '../../apps/file/src/testing.fixture.js';
import { ffmpeg } from './programs.js';

jest.setTimeout(300_000);
const the = new FileServiceUnderTest();
const folder = mkdtempSync(join(tmpdir(), 'parley-video-'));
beforeAll(() => the.start({ PARLEY_FILE_FFMPEG: ffmpeg(), PARLEY_FILE_THUMBNAIL_SECONDS: '20' }));
afterAll(async () => {
  await the.stop();
  rmSync(folder, { recursive: true, force: true });
});
beforeEach(() => the.nextApp());

function video(name: string, ...codec: string[]): Buffer {
  const path = join(folder, name);
  execFileSync(ffmpeg(), ['-loglevel', 'error', '-f', 'lavfi', '-i', 'testsrc=size=320x240:rate=5:duration=1', ...codec, '-y', path]);
  return readFileSync(path);
}
const frame = (uuid: string) => the.call('GET', `/files/${uuid}?variant=frame`, { 'x-parley-reader': 'app' });

describe('the first frame of a video', () => {
  it.each([
    ['a.mp4', ['-c:v', 'mpeg4']],
    ['a.webm', ['-c:v', 'libvpx']],
    ['a.mov', ['-c:v', 'mpeg4']],
  ])('of %s is a picture that fits the box', async (name, codec) => {
    const { uuid } = await the.uploaded(video(name, ...codec));
    const made = await frame(uuid);
    expect([made.status, made.headers.get('content-type')]).toEqual([200, 'image/jpeg']);
    expect(await sharp(made.content).metadata()).toMatchObject({ width: 170, height: 128 });
    expect((await frame(uuid)).content.equals(made.content)).toBe(true);
  });

  it('of a broken one is not there', async () => {
    const { uuid } = await the.uploaded(video('b.mp4', '-c:v', 'mpeg4').subarray(0, 3_000));
    expect(await frame(uuid)).toMatchObject({ status: 404, body: { code: 'thumbnail_not_found' } });
  });
});
