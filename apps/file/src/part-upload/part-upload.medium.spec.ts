import { afterAll, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { randomBytes } from 'node:crypto';
import { form, FileServiceUnderTest, holds } from '../testing.fixture.js';

jest.setTimeout(60_000);
const the = new FileServiceUnderTest();
beforeAll(() => the.start());
afterAll(() => the.stop());
beforeEach(() => the.nextApp());

describe('a file in parts', () => {
  const send = (id: string, number: number | string, content: Uint8Array, uploader = 'ann') => {
    return the.call('PUT', `/parts/${id}`, { 'x-parley-uploader': uploader }, form(content, 'part', 'part_file', { part_number: String(number) }));
  };
  const begin = async () => (await the.rpc.startPartUpload({ tenant: the.tenant, uploader: 'ann' })).uploadId;
  const complete = (uploadId: string, uploader = 'ann') =>
    the.rpc.completePartUpload({ tenant: the.tenant, uploadId, uploader, restricted: true, thumbnailWidth: 0, thumbnailHeight: 0, filename: '' });
  const code = (expected: string) => expect.objectContaining({ code: expected });

  it('is joined in order, however the parts came, and counted once', async () => {
    const uploadId = await begin();
    const parts = [randomBytes(300_000), randomBytes(200_000), randomBytes(100)];
    const answers = await Promise.all([send(uploadId, 3, parts[2]!), send(uploadId, 1, randomBytes(50)), send(uploadId, 2, parts[1]!)]);
    expect(answers.map((one) => one.status)).toEqual([200, 200, 200]);
    await send(uploadId, 1, parts[0]!);
    const whole = await complete(uploadId);
    expect(whole).toMatchObject({ uuid: uploadId, sizeBytes: 500_100n });
    expect((await the.download(uploadId, { 'x-parley-reader': 'none', 'share-secret': whole.shareSecret })).content.equals(Buffer.concat(parts))).toBe(true);
    expect(await the.usage()).toEqual({ files: 1, bytes: 500_100 });
    await holds(() => expect(the.stored()).toEqual({ kept: [uploadId], unfinished: [] }));
  });

  it('may be completed again: the same file, with a new secret', async () => {
    const uploadId = await begin();
    await send(uploadId, 1, Buffer.from('x'));
    const first = await complete(uploadId);
    const second = await complete(uploadId);
    expect(second.uuid).toBe(first.uuid);
    expect((await the.download(uploadId, { 'x-parley-reader': 'none', 'share-secret': second.shareSecret })).status).toBe(200);
    expect((await the.download(uploadId, { 'x-parley-reader': 'none', 'share-secret': first.shareSecret })).status).toBe(403);
    await expect(complete(uploadId, 'eve')).rejects.toEqual(code('part_upload_not_found'));
  });

  it('does not exist for others, and not with gaps or odd numbers', async () => {
    const uploadId = await begin();
    expect(await send(uploadId, 1, Buffer.from('x'), 'eve')).toMatchObject({ status: 404, body: { code: 'part_upload_not_found' } });
    await expect(complete(uploadId)).rejects.toEqual(code('part_upload_incomplete'));
    for (const number of [0, -1, 10_001, '1e3', 'x', '']) {
      expect(await send(uploadId, number, Buffer.from('x'))).toMatchObject({ status: 400, body: { code: 'part_number_illegal' } });
    }
    await send(uploadId, 2, Buffer.from('x'));
    await expect(complete(uploadId)).rejects.toMatchObject({ code: 'part_upload_incomplete', params: { part: '1' } });
  });

  it('has the limits of any file', async () => {
    the.settings.set(the.appId, { attachmentBytes: 100_000, attachmentStorageBytes: 150_000 });
    const uploadId = await begin();
    expect((await send(uploadId, 1, randomBytes(90_000))).status).toBe(200);
    expect(await send(uploadId, 2, randomBytes(20_000))).toMatchObject({ status: 413, body: { code: 'file_too_large' } });
    expect(await send(await begin(), 1, randomBytes(70_000))).toMatchObject({ status: 403, body: { code: 'file_storage_full' } });
    expect(await the.usage()).toEqual({ files: 0, bytes: 90_000 });
  });

  it('given up or forgotten, leaves nothing', async () => {
    const [one, other] = [await begin(), await begin()];
    await send(one, 1, randomBytes(1_000));
    await send(other, 1, randomBytes(2_000));
    await the.rpc.abortPartUpload({ tenant: the.tenant, uploadId: one, uploader: 'eve' });
    expect(await the.usage()).toEqual({ files: 0, bytes: 3_000 });
    await the.rpc.abortPartUpload({ tenant: the.tenant, uploadId: one, uploader: 'ann' });
    await the.rpc.abortPartUpload({ tenant: the.tenant, uploadId: one, uploader: 'ann' });
    expect(await the.usage()).toEqual({ files: 0, bytes: 2_000 });
    await the.db.query("UPDATE part_upload SET created_at = now() - interval '2 days' WHERE upload_id = $1", [other]);
    await holds(async () => expect(await the.usage()).toEqual({ files: 0, bytes: 0 }));
    await the.leavesNothing();
  });
});

