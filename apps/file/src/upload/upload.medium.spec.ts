import { afterAll, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { file } from '@parley/contracts';
import { randomBytes, randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import sharp from 'sharp';
import { FileServiceUnderTest, holds } from '../testing.fixture.js';

jest.setTimeout(60_000);
const the = new FileServiceUnderTest();
beforeAll(() => the.start());
afterAll(() => the.stop());
beforeEach(() => the.nextApp());

describe('an uploaded file', () => {
  it('comes back as it was, and takes up its size', async () => {
    const content = randomBytes(1_500_000);
    const { uuid, shareSecret } = await the.uploaded(content);
    expect(shareSecret).toBe('');
    expect((await the.download(uuid)).content.equals(content)).toBe(true);
    expect(await the.usage()).toEqual({ files: 1, bytes: content.length });
  });

  it('may be empty', async () => {
    const { uuid } = await the.uploaded(new Uint8Array(0));
    expect(await the.download(uuid)).toMatchObject({ status: 200, content: Buffer.alloc(0) });
    expect((await the.download(uuid, { range: 'bytes=0-0' })).status).toBe(416);
  });

  it('is given in ranges, with its tag, or by its headers alone', async () => {
    const { uuid } = await the.uploaded(Buffer.from('0123456789'));
    const etag = `"${uuid}"`;
    expect(await the.download(uuid, { range: 'bytes=2-4' })).toMatchObject({ status: 206, content: Buffer.from('234') });
    expect((await the.download(uuid, { range: 'bytes=2-4' })).headers.get('content-range')).toBe('bytes 2-4/10');
    expect(await the.download(uuid, { range: 'bytes=-3' })).toMatchObject({ status: 206, content: Buffer.from('789') });
    expect(await the.download(uuid, { range: 'bytes=0-1,4-5' })).toMatchObject({ status: 200, content: Buffer.from('0123456789') });
    expect(await the.download(uuid, { range: 'bytes=10-' })).toMatchObject({ status: 416, body: { code: 'file_range_unsatisfiable', params: { size: '10' } } });
    expect(await the.download(uuid, { range: 'bytes=1-1', 'if-range': etag })).toMatchObject({ status: 206, content: Buffer.from('1') });
    expect(await the.download(uuid, { range: 'bytes=1-1', 'if-range': '"other"' })).toMatchObject({ status: 200 });
    expect(await the.download(uuid, { 'if-none-match': etag })).toMatchObject({ status: 304, content: Buffer.alloc(0) });
    const headers = await the.download(uuid, {}, 'HEAD');
    expect(headers).toMatchObject({ status: 200, content: Buffer.alloc(0) });
    expect([headers.headers.get('content-length'), headers.headers.get('etag'), headers.headers.get('accept-ranges')]).toEqual(['10', etag, 'bytes']);
  });

  it.each([
    ['an HTML page', '<!doctype html><script>alert(1)</script>', 'page.html'],
    ['an SVG', '<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>', 'a.svg'],
    ['an XML', '<?xml version="1.0"?><x/>', 'a.xml'],
    ['a PDF', '%PDF-1.7 /JS', 'a.pdf'],
    ['a script', 'alert(1)', 'a.js'],
  ])('is never run by a browser: %s', async (_, content, name) => {
    const { uuid } = await the.uploaded(Buffer.from(content), {}, name);
    const { headers } = await the.download(uuid);
    expect(headers.get('content-type')).toBe('application/octet-stream');
    expect(headers.get('content-disposition')).toMatch(/^attachment; /);
    expect(headers.get('x-content-type-options')).toBe('nosniff');
    expect(headers.get('content-security-policy')).toContain('sandbox');
  });

  it('is what its bytes are, whatever its name says', async () => {
    const png = await sharp({ create: { width: 4, height: 4, channels: 3, background: 'red' } }).png().toBuffer();
    const { uuid, contentType } = await the.uploaded(png, {}, 'page.html');
    expect(contentType).toBe('image/png');
    expect((await the.download(uuid)).headers.get('content-disposition')).toMatch(/^inline; /);
  });

  it.each([
    ['../../etc/passwd', 'passwd'],
    ['C:\\Windows\\system.ini', 'system.ini'],
    ['a"; filename="b.html', 'b.html'],
    ['line\r\nSet-Cookie: x', 'Set-Cookie'],
  ])('has no name that leads elsewhere: %s', async (name) => {
    const { uuid } = await the.uploaded(Buffer.from('x'), {}, name);
    const disposition = (await the.download(uuid)).headers.get('content-disposition')!;
    expect(disposition).toMatch(/^attachment; filename="[^"\\/]*"; filename\*=UTF-8''[^;/\\"]*$/);
    expect((await the.download(uuid)).headers.get('set-cookie')).toBeNull();
  });

  it('is refused beyond the limit of the app, and leaves nothing', async () => {
    the.settings.set(the.appId, { attachmentBytes: 100_000 });
    expect(await the.upload(randomBytes(100_001))).toMatchObject({ status: 413, body: { code: 'file_too_large' } });
    expect(await the.upload(randomBytes(10_000_000))).toMatchObject({ status: 413, body: { code: 'file_too_large' } });
    await the.leavesNothing();
    expect((await the.upload(randomBytes(100_000))).status).toBe(200);
    expect(await the.usage()).toEqual({ files: 1, bytes: 100_000 });
  });

  it('is refused beyond the storage of the app, also when many come at once', async () => {
    the.settings.set(the.appId, { attachmentStorageBytes: 250_000 });
    const answers = await Promise.all(Array.from({ length: 6 }, () => the.upload(randomBytes(100_000))));
    expect(answers.map((one) => one.status).sort()).toEqual([200, 200, 403, 403, 403, 403]);
    for (const one of answers) if (one.status === 403) expect(one.body.code).toBe('file_storage_full');
    expect(await the.usage()).toEqual({ files: 2, bytes: 200_000 });
    await holds(() => expect(the.stored().kept).toHaveLength(2));
  });
});

describe('who may download', () => {
  it('a restricted file: whoever has its secret, and the server of the app', async () => {
    const { uuid, shareSecret } = await the.uploaded(Buffer.from('x'), { 'restrict-access': 'true' });
    expect(shareSecret.length).toBeGreaterThan(20);
    const status = async (reader: string, secret?: string) => (await the.download(uuid, { 'x-parley-reader': reader, ...(secret === undefined ? {} : { 'share-secret': secret }) })).status;
    expect(await status('none', shareSecret)).toBe(200);
    expect(await status('user', shareSecret)).toBe(200);
    expect(await status('app')).toBe(200);
    expect(await status('user')).toBe(403);
    expect(await status('none')).toBe(401);
    expect(await status('none', 'wrong')).toBe(403);
    expect(await status('user', `${shareSecret}x`)).toBe(403);
    const { rows } = await the.db.query('SELECT secret_hash::text AS hash FROM chatfile WHERE file_id = $1', [uuid]);
    expect(rows[0].hash).not.toContain(shareSecret);
  });

  it('any other file: whoever has a token of the app', async () => {
    const { uuid } = await the.uploaded(Buffer.from('x'));
    expect((await the.download(uuid, { 'x-parley-reader': 'user' })).status).toBe(200);
    expect((await the.download(uuid, { 'x-parley-reader': 'none', 'share-secret': 'any' })).status).toBe(401);
  });

  it('nobody of another app, with whatever secret', async () => {
    const { uuid, shareSecret } = await the.uploaded(Buffer.from('x'), { 'restrict-access': 'true' });
    the.nextApp();
    expect(await the.download(uuid, { 'share-secret': shareSecret })).toMatchObject({ status: 404, body: { code: 'file_not_found' } });
    expect((await the.rpc.setLifetime({ tenant: the.tenant, lifetime: file.Lifetime.LIFETIME_FOREVER, uuids: [uuid] })).done).toEqual([false]);
  });

  it.each(['..%2f..%2fetc', 'x', `${randomUUID()}`, '%00'])('nothing that is not there: %s', async (id) => {
    expect(await the.download(id)).toMatchObject({ status: 404, body: { code: 'file_not_found' } });
  });
});

it('sees whole files only: the bytes on disk are those that were sent', async () => {
  const content = randomBytes(100_000);
  const { uuid } = await the.uploaded(content);
  expect(readFileSync(join(the.files, String(the.appId), 'files', uuid.slice(0, 2), uuid)).equals(content)).toBe(true);
});
