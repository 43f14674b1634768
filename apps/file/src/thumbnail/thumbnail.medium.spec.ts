import { afterAll, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { randomBytes } from 'node:crypto';
import sharp from 'sharp';
import { FileServiceUnderTest } from '../testing.fixture.js';

jest.setTimeout(60_000);
const the = new FileServiceUnderTest();
beforeAll(() => the.start());
afterAll(() => the.stop());
beforeEach(() => the.nextApp());

describe('a thumbnail', () => {
  const noise = (width: number, height: number) => sharp(randomBytes(width * height * 3), { raw: { width, height, channels: 3 } });
  const thumbnail = (uuid: string, variant = 'thumbnail') => the.call('GET', `/files/${uuid}?variant=${variant}`, { 'x-parley-reader': 'app' });

  it('fits the box that was asked for, the way up that the camera says, without what the camera knew', async () => {
    const photo = await noise(400, 200).jpeg().withExif({ IFD0: { Copyright: 'secret place', Orientation: '6' } }).withMetadata({ orientation: 6 }).toBuffer();
    const { uuid } = await the.uploaded(photo, { 'thumbnail-width': '100', 'thumbnail-height': '100' });
    const made = await thumbnail(uuid);
    expect(made.headers.get('content-type')).toBe('image/jpeg');
    const { width, height, exif } = await sharp(made.content).metadata();
    expect({ width, height, exif }).toEqual({ width: 50, height: 100, exif: undefined });
    expect((await thumbnail(uuid)).content.equals(made.content)).toBe(true);
  });

  it('of a small image is the image, never larger', async () => {
    const small = await sharp({ create: { width: 8, height: 8, channels: 3, background: 'blue' } }).png().toBuffer();
    const { uuid } = await the.uploaded(small);
    expect((await thumbnail(uuid)).content.equals(small)).toBe(true);
  });

  it('of many at once is made for each', async () => {
    const photo = await noise(300, 300).png().toBuffer();
    const ids = await Promise.all(Array.from({ length: 5 }, async () => (await the.uploaded(photo)).uuid));
    const made = await Promise.all([...ids, ...ids].map((id) => thumbnail(id)));
    expect(made.map((one) => one.status)).toEqual(made.map(() => 200));
  });

  it('of a bomb is refused; the service lives on', async () => {
    const bomb = await sharp({ create: { width: 16_000, height: 16_000, channels: 3, background: 'white' } }).png({ compressionLevel: 9 }).toBuffer();
    expect(bomb.length).toBeLessThan(1_000_000);
    const { uuid } = await the.uploaded(bomb);
    expect(await thumbnail(uuid)).toMatchObject({ status: 404, body: { code: 'thumbnail_not_found' } });
    const broken = (await noise(300, 300).png().toBuffer()).subarray(0, 50_000);
    expect(await thumbnail((await the.uploaded(broken)).uuid)).toMatchObject({ status: 404 });
    expect((await thumbnail((await the.uploaded(await noise(200, 200).png().toBuffer())).uuid)).status).toBe(200);
  });

  it('of what is no image, or of a video without an ffmpeg, is not there', async () => {
    expect(await thumbnail((await the.uploaded(randomBytes(20_000))).uuid)).toMatchObject({ status: 404, body: { code: 'thumbnail_not_found' } });
    const video = Buffer.concat([Buffer.from([0, 0, 0, 24]), Buffer.from('ftypmp42'), Buffer.alloc(12), randomBytes(20_000)]);
    const { uuid, contentType } = await the.uploaded(video);
    expect(contentType).toBe('video/mp4');
    expect(await thumbnail(uuid, 'frame')).toMatchObject({ status: 404, body: { code: 'thumbnail_not_found' } });
  });
});

