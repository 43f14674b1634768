import {
  AbortMultipartUploadCommand,
  DeleteObjectCommand,
  GetObjectCommand,
  HeadBucketCommand,
  HeadObjectCommand,
  ListMultipartUploadsCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import { Upload } from '@aws-sdk/lib-storage';
import { PassThrough, type Readable } from 'node:stream';
import type { FileConfig } from '../config.js';
import { BlobMissing, type BlobStorage, type ByteRange } from './blob.storage.js';

/** What one upload holds in memory: one part being sent, one being filled. The store's least part size. */
const PART_BYTES = 5 * 1024 * 1024;

/** Objects in a bucket of any S3-compatible store. An object is seen only when its upload is complete. */
export class S3Storage implements BlobStorage {
  readonly #client: S3Client;
  readonly #bucket: string;
  readonly #prefix: string;

  constructor(config: FileConfig) {
    this.#bucket = config.s3Bucket!;
    this.#prefix = config.s3Prefix;
    this.#client = new S3Client({
      region: config.s3Region,
      ...(config.s3Endpoint ? { endpoint: config.s3Endpoint, forcePathStyle: true } : {}),
      ...(config.s3AccessKeyId && config.s3SecretAccessKey
        ? { credentials: { accessKeyId: config.s3AccessKeyId, secretAccessKey: config.s3SecretAccessKey } }
        : {}),
      // Not every compatible store knows the newer checksums.
      requestChecksumCalculation: 'WHEN_REQUIRED',
      responseChecksumValidation: 'WHEN_REQUIRED',
    });
  }

  async write(key: string, source: Readable): Promise<void> {
    if (source.errored) throw source.errored;
    // The client does not hear of a source that breaks: it would wait for ever.
    const body = new PassThrough({ highWaterMark: 256 * 1024 });
    const upload = new Upload({
      client: this.#client,
      params: { ...this.#at(key), Body: body, ContentType: 'application/octet-stream' },
      partSize: PART_BYTES,
      queueSize: 1,
    });
    let broke: Error | undefined;
    source.once('error', (error) => {
      broke = error;
      body.destroy(error);
      void upload.abort();
    });
    source.pipe(body);
    try {
      await upload.done();
    } catch (error) {
      source.destroy();
      throw broke ?? error;
    }
  }

  async read(key: string, range?: ByteRange): Promise<Readable> {
    const found = await this.#client
      .send(new GetObjectCommand({ ...this.#at(key), ...(range ? { Range: `bytes=${range.first}-${range.last}` } : {}) }))
      .catch((error: unknown) => {
        throw isMissing(error) ? new BlobMissing(key) : error;
      });
    return found.Body as Readable;
  }

  async sizeOf(key: string): Promise<number | undefined> {
    try {
      return (await this.#client.send(new HeadObjectCommand(this.#at(key)))).ContentLength;
    } catch (error) {
      if (isMissing(error)) return undefined;
      throw error;
    }
  }

  async remove(key: string): Promise<void> {
    await this.#client.send(new DeleteObjectCommand(this.#at(key)));
  }

  async removeUnfinished(olderThanMs: number): Promise<number> {
    let removed = 0;
    let after: { KeyMarker?: string; UploadIdMarker?: string } = {};
    for (;;) {
      const page = await this.#client.send(new ListMultipartUploadsCommand({ Bucket: this.#bucket, Prefix: this.#prefix, ...after }));
      for (const { Key, UploadId, Initiated } of page.Uploads ?? []) {
        if (!Key || !UploadId || !Initiated || Date.now() - Initiated.getTime() < olderThanMs) continue;
        await this.#client.send(new AbortMultipartUploadCommand({ Bucket: this.#bucket, Key, UploadId }));
        removed++;
      }
      if (!page.IsTruncated || !page.NextKeyMarker) return removed;
      after = { KeyMarker: page.NextKeyMarker, UploadIdMarker: page.NextUploadIdMarker };
    }
  }

  async check(): Promise<void> {
    await this.#client.send(new HeadBucketCommand({ Bucket: this.#bucket }));
  }

  close(): void {
    this.#client.destroy();
  }

  #at(key: string): { Bucket: string; Key: string } {
    return { Bucket: this.#bucket, Key: this.#prefix + key };
  }
}

function isMissing(error: unknown): boolean {
  const { name, $metadata } = error as { name?: string; $metadata?: { httpStatusCode?: number } };
  return name === 'NoSuchKey' || name === 'NotFound' || $metadata?.httpStatusCode === 404;
}
