import { inTransaction } from '@parley/db';
import { DomainError } from '@parley/errors';
import type { TenantRef } from '@parley/kernel';
import { createLogger } from '@parley/telemetry';
import { randomUUID } from 'node:crypto';
import { Readable } from 'node:stream';
import type { Pool } from 'pg';
import type { ChatfileStore } from '../chatfile/chatfile.store.js';
import { contentTypeOf } from '../chatfile/content-type.rules.js';
import type { FileLimitsOf } from '../chatfile/file-limits.js';
import { safeFilename } from '../chatfile/filename.rules.js';
import { makeShareSecret } from '../chatfile/share-secret.js';
import type { FileConfig } from '../config.js';
import { fileKey, isUuid, partKey } from '../storage/blob-key.js';
import type { BlobStorage } from '../storage/blob.storage.js';
import type { StrayStore } from '../storage/stray.store.js';
import { thumbnailSize } from '../thumbnail/thumbnail.rules.js';
import { bound } from '../upload/bounded.stream.js';
import { readForm } from '../upload/multipart.reader.js';
import { storageFailure } from '../upload/storage-failure.js';
import type { Uploaded } from '../upload/upload.service.js';
import type { Part, PartStore } from './part.store.js';

const log = createLogger('file');
/** As many as S3 knows. */
const MOST_PARTS = 10_000;

export interface CompleteRequest {
  readonly uploadId: string;
  readonly uploader: string;
  readonly restricted: boolean;
  readonly thumbnailWidth: number;
  readonly thumbnailHeight: number;
  readonly filename: string;
}

/** Files that come in parts, several at once, each as often as it takes. */
export class PartUploadService {
  constructor(
    private readonly pool: Pool,
    private readonly parts: PartStore,
    private readonly files: ChatfileStore,
    private readonly strays: StrayStore,
    private readonly storage: BlobStorage,
    private readonly limits: FileLimitsOf,
    private readonly config: Pick<FileConfig, 'partBytes'>,
  ) {}

  /** @throws DomainError file_storage_full */
  async start(tenant: TenantRef, uploader: string) {
    const { maxBytes, quotaBytes } = await this.limits.of(tenant);
    if ((await this.files.usage(tenant)).bytes >= BigInt(quotaBytes)) throw new DomainError('file_storage_full');
    const uploadId = await this.parts.begin(tenant, uploader);
    return { uploadId, fileUpperLimitBytes: BigInt(maxBytes), partBytes: BigInt(this.config.partBytes) };
  }

  /**
   * One part, as a form with `part_file` and `part_number`. Safe to repeat: the last that came whole counts.
   * @throws DomainError part_upload_not_found | part_number_illegal | file_too_large | file_storage_full, and those of forms
   */
  async takePart(tenant: TenantRef, upload: { uploadId: string; uploader: string; contentType: string | undefined; body: Readable }): Promise<void> {
    const { uploadId, uploader } = upload;
    checkId(uploadId);
    await this.parts.check(tenant, uploadId, uploader);
    const limits = await this.limits.of(tenant);
    const blobId = randomUUID();
    const key = partKey(tenant.appId, blobId);
    try {
      const { fields, file } = await readForm(upload.body, upload.contentType, 'part_file', async (content) => {
        await this.strays.note(tenant.appId, key);
        const bounded = bound(content, limits.maxBytes);
        await this.storage.write(key, bounded).catch(storageFailure);
        return bounded;
      });
      const number = /^\d{1,5}$/.test(fields['part_number'] ?? '') ? Number(fields['part_number']) : 0;
      if (number < 1 || number > MOST_PARTS) throw new DomainError('part_number_illegal', { most: String(MOST_PARTS) });
      await this.parts.keep(tenant, uploadId, { number, sizeBytes: file.bytes, blobId }, limits);
    } catch (error) {
      await this.strays.discard(tenant.appId, key).catch((reason: unknown) => {
        log.warn({ err: reason, uploadId }, 'what is left of a failed part is removed later');
      });
      throw error;
    }
  }

  /** Joins the parts. Repeated after it was done, it answers the same file with a new secret. @throws see the contract */
  async complete(tenant: TenantRef, request: CompleteRequest): Promise<Uploaded> {
    checkId(request.uploadId);
    const secret = request.restricted ? makeShareSecret() : undefined;
    let parts: Part[];
    try {
      parts = await this.parts.beginCompleting(tenant, request.uploadId, request.uploader);
    } catch (error) {
      if (!(error instanceof DomainError) || error.code !== 'part_upload_not_found') throw error;
      return this.#again(tenant, request, secret);
    }
    try {
      return await this.#join(tenant, request, parts, secret);
    } catch (error) {
      await this.strays.discard(tenant.appId, fileKey(tenant.appId, request.uploadId)).catch(() => undefined);
      await this.parts.giveUpCompleting(tenant, request.uploadId).catch(() => undefined);
      throw error;
    }
  }

  async abort(tenant: TenantRef, uploadId: string, uploader: string): Promise<void> {
    checkId(uploadId);
    await this.parts.abort(tenant, uploadId, uploader).catch((error: unknown) => {
      if (!(error instanceof DomainError) || error.code !== 'part_upload_not_found') throw error;
    });
  }

  async #join(tenant: TenantRef, request: CompleteRequest, parts: readonly Part[], secret: { secret: string; hash: Buffer } | undefined): Promise<Uploaded> {
    const { uploadId } = request;
    const limits = await this.limits.of(tenant);
    const key = fileKey(tenant.appId, uploadId);
    const joined = bound(Readable.from(this.#bytesOf(tenant, parts)), limits.maxBytes);
    await this.storage.write(key, joined).catch(storageFailure);
    const contentType = await contentTypeOf(joined.head);
    const size = thumbnailSize(request.thumbnailWidth, request.thumbnailHeight);
    await inTransaction(this.pool, async (client) => {
      const heldBytes = await this.parts.end(tenant, uploadId, client);
      if (heldBytes === undefined) throw new DomainError('part_upload_not_found');
      // A part was replaced while they were joined.
      if (heldBytes !== joined.bytes) throw new DomainError('unavailable');
      if (!(await this.strays.adopt(tenant.appId, key, client))) throw new DomainError('file_storage_unavailable');
      const file = {
        fileId: uploadId,
        uploader: request.uploader,
        secretHash: secret?.hash ?? null,
        filename: safeFilename(request.filename),
        contentType,
        sizeBytes: joined.bytes,
        heldBytes,
        thumbnailWidth: size.width,
        thumbnailHeight: size.height,
      };
      await this.files.add(tenant, file, limits, client);
    });
    return { uuid: uploadId, shareSecret: secret?.secret ?? '', sizeBytes: joined.bytes, contentType };
  }

  async *#bytesOf(tenant: TenantRef, parts: readonly Part[]): AsyncGenerator<Buffer> {
    for (const part of parts) yield* (await this.storage.read(partKey(tenant.appId, part.blobId))) as AsyncIterable<Buffer>;
  }

  async #again(tenant: TenantRef, request: CompleteRequest, secret: { secret: string; hash: Buffer } | undefined): Promise<Uploaded> {
    const file = await this.files.get(tenant, request.uploadId).catch(() => undefined);
    if (!file || file.uploader !== request.uploader) throw new DomainError('part_upload_not_found');
    await this.files.replaceSecret(tenant, file.fileId, secret?.hash ?? null);
    return { uuid: file.fileId, shareSecret: secret?.secret ?? '', sizeBytes: file.sizeBytes, contentType: file.contentType };
  }
}

function checkId(uploadId: string): void {
  if (!isUuid(uploadId)) throw new DomainError('part_upload_not_found');
}
