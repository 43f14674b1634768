import { CreateBucketCommand, CreateMultipartUploadCommand, ListMultipartUploadsCommand, ListObjectsV2Command, S3Client } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { freePort } from '@parley/embedded';
import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { FileServiceUnderTest, form, holds } from '../../apps/file/src/testing.fixture.js';
import { versitygw } from './programs.js';

jest.setTimeout(900_000);
const the = new FileServiceUnderTest();
const folder = mkdtempSync(join(tmpdir(), 'parley-s3-'));
const key = { accessKeyId: 'parley', secretAccessKey: 'parley-secret' };
let server: ChildProcess;
let s3: S3Client;

beforeAll(async () => {
  const endpoint = `127.0.0.1:${await freePort('127.0.0.1')}`;
  server = spawn(versitygw(), ['--access', key.accessKeyId, '--secret', key.secretAccessKey, '--port', endpoint, 'posix', folder], { stdio: 'ignore' });
  s3 = new S3Client({ endpoint: `http://${endpoint}`, region: 'us-east-1', forcePathStyle: true, credentials: key });
  await holds(async () => void (await s3.send(new CreateBucketCommand({ Bucket: 'attachments' }))));
  await the.start({
    PARLEY_FILE_S3_BUCKET: 'attachments',
    PARLEY_FILE_S3_ENDPOINT: `http://${endpoint}`,
    PARLEY_FILE_S3_ACCESS_KEY_ID: key.accessKeyId,
    PARLEY_FILE_S3_SECRET_ACCESS_KEY: key.secretAccessKey,
    PARLEY_FILE_UNFINISHED_SECONDS: '2',
  });
});
afterAll(async () => {
  await the.stop();
  s3?.destroy();
  server?.kill('SIGKILL');
  rmSync(folder, { recursive: true, force: true });
});
beforeEach(() => the.nextApp());

const objects = async () => ((await s3.send(new ListObjectsV2Command({ Bucket: 'attachments', Prefix: `parley/${the.appId}/` }))).Contents ?? []).map((one) => one.Key);
const unfinished = async () => (await s3.send(new ListMultipartUploadsCommand({ Bucket: 'attachments' }))).Uploads ?? [];

describe('with files in an S3-compatible bucket', () => {
  it.each([0, 1_000, 5 * 1024 * 1024, 9_900_000])('a file of %d bytes comes back, whole and in ranges', async (size) => {
    const content = randomBytes(size);
    const { uuid } = await the.uploaded(content);
    expect((await the.download(uuid)).content.equals(content)).toBe(true);
    if (size > 0) expect(await the.download(uuid, { range: `bytes=${size - 3}-` })).toMatchObject({ status: 206, content: content.subarray(-3) });
    expect(await objects()).toHaveLength(1);
    expect(await unfinished()).toEqual([]);
  });

  it('parts are joined, thumbnails kept, and everything goes at the end', async () => {
    const { uploadId } = await the.rpc.startPartUpload({ tenant: the.tenant, uploader: 'ann' });
    const parts = [randomBytes(5_300_000), randomBytes(700)];
    await Promise.all(parts.map((content, i) => the.call('PUT', `/parts/${uploadId}`, { 'x-parley-uploader': 'ann' }, form(content, 'p', 'part_file', { part_number: String(i + 1) }))));
    await the.rpc.completePartUpload({ tenant: the.tenant, uploadId, uploader: 'ann', restricted: false, thumbnailWidth: 0, thumbnailHeight: 0, filename: '' });
    expect((await the.download(uploadId)).content.equals(Buffer.concat(parts))).toBe(true);
    const photo = await sharp(randomBytes(300 * 300 * 3), { raw: { width: 300, height: 300, channels: 3 } }).png().toBuffer();
    const { uuid } = await the.uploaded(photo);
    expect((await the.call('GET', `/files/${uuid}?variant=thumbnail`, { 'x-parley-reader': 'app' })).headers.get('content-type')).toBe('image/jpeg');
    await holds(async () => expect(await objects()).toHaveLength(3));
    await the.db.query("UPDATE chatfile SET expires_at = now() - interval '1 second' WHERE app_id = $1", [the.appId]);
    await holds(async () => expect(await objects()).toEqual([]));
    expect(await the.usage()).toEqual({ files: 0, bytes: 0 });
  });

  it('an upload that is cut off leaves nothing, nor does one that a killed process left', async () => {
    const head = `POST /files HTTP/1.1\r\nHost: x\r\nX-Parley-Tenant: ${JSON.stringify(the.tenant)}\r\nContent-Type: multipart/form-data; boundary=b\r\nContent-Length: 9000000\r\n\r\n`;
    await the.raw(`${head}--b\r\nContent-Disposition: form-data; name="file"; filename="a"\r\n\r\n${'x'.repeat(6_000_000)}`, 1_500);
    await s3.send(new CreateMultipartUploadCommand({ Bucket: 'attachments', Key: `parley/${the.appId}/files/00/left` }));
    await holds(async () => expect([await objects(), await unfinished()]).toEqual([[], []]));
    await the.leavesNothing();
  });

  it('a store that is away is told, and nothing is lost', async () => {
    const { uuid } = await the.uploaded(Buffer.from('kept'));
    server.kill('SIGSTOP');
    server.kill('SIGKILL');
    expect(await the.upload(Buffer.from('x'))).toMatchObject({ status: 503, body: { code: 'file_storage_unavailable' } });
    expect((await the.download(uuid)).status).toBe(503);
    expect(await the.usage()).toEqual({ files: 1, bytes: 4 });
  });
});
