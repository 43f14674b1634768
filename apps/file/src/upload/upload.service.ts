import { inTransaction } from '@parley/db';
import { DomainError } from '@parley/errors';
import type { TenantRef } from '@parley/kernel';
import { counter, createLogger } from '@parley/telemetry';
import { randomUUID } from 'node:crypto';
import type { Readable } from 'node:stream';
import type { Pool } from 'pg';
import type { ChatfileStore } from '../chatfile/chatfile.store.js';
import { contentTypeOf } from '../chatfile/content-type.rules.js';
import type { FileLimits, FileLimitsOf } from '../chatfile/file-limits.js';
import { safeFilename } from '../chatfile/filename.rules.js';
import { makeShareSecret } from '../chatfile/share-secret.js';
import { fileKey } from '../storage/blob-key.js';
import type { BlobStorage } from '../storage/blob.storage.js';
import type { StrayStore } from '../storage/stray.store.js';
import { thumbnailSize } from '../thumbnail/thumbnail.rules.js';
import { bound } from './bounded.stream.js';
import { readForm } from './multipart.reader.js';
import { storageFailure } from './storage-failure.js';

const log = createLogger('file');
const uploaded = counter('file', 'parley.files.uploaded', 'files uploaded');
/** Boundaries, headers and fields around the file. */
const AROUND_BYTES = 64 * 1024;

export interface UploadRequest {
  readonly tenant: TenantRef;
  /** Empty for the tenant's server. */
  readonly uploader: string;
  readonly restricted: boolean;
  readonly contentType: string | undefined;
  readonly contentLength: number | undefined;
  readonly thumbnailWidth: string | undefined;
  readonly thumbnailHeight: string | undefined;
  readonly body: Readable;
}

export interface Uploaded {
  readonly uuid: string;
  /** Empty when everybody of the app may download. */
  readonly shareSecret: string;
  readonly sizeBytes: number;
  readonly contentType: string;
}

/** Takes a file as one form. Not idempotent: every call makes a file of its own; one whose answer is lost expires. */
export class UploadService {
  constructor(
    private readonly pool: Pool,
    private readonly files: ChatfileStore,
    private readonly strays: StrayStore,
    private readonly storage: BlobStorage,
    private readonly limits: FileLimitsOf,
  ) {}

  /** @throws DomainError file_missing | file_upload_malformed | file_too_large | file_storage_full | file_storage_unavailable */
  async upload(request: UploadRequest): Promise<Uploaded> {
    const { tenant } = request;
    const limits = await this.limits.of(tenant);
    await this.#admit(tenant, request.contentLength, limits);
    const fileId = randomUUID();
    const key = fileKey(tenant.appId, fileId);
    const secret = request.restricted ? makeShareSecret() : undefined;
    try {
      const { file, filename, size } = await this.#store(request, key, limits.maxBytes);
      const contentType = await contentTypeOf(file.head);
      await inTransaction(this.pool, async (client) => {
        // Swept away meanwhile: it took longer than any upload may.
        if (!(await this.strays.adopt(tenant.appId, key, client))) throw new DomainError('file_storage_unavailable');
        const row = {
          fileId,
          uploader: request.uploader,
          secretHash: secret?.hash ?? null,
          filename,
          contentType,
          sizeBytes: file.bytes,
          heldBytes: 0,
          thumbnailWidth: size.width,
          thumbnailHeight: size.height,
        };
        await this.files.add(tenant, row, limits, client);
      });
      uploaded.add(1);
      return { uuid: fileId, shareSecret: secret?.secret ?? '', sizeBytes: file.bytes, contentType };
    } catch (error) {
      await this.strays.discard(tenant.appId, key).catch((reason: unknown) => {
        log.warn({ err: reason, fileId }, 'what is left of a failed upload is removed later');
      });
      throw error;
    }
  }

  async #store(request: UploadRequest, key: string, maxBytes: number) {
    const { file, fields } = await readForm(request.body, request.contentType, 'file', async (content, filename) => {
      await this.strays.note(request.tenant.appId, key);
      const bounded = bound(content, maxBytes);
      await this.storage.write(key, bounded).catch(storageFailure);
      return { bounded, filename: safeFilename(filename) };
    });
    const width = fields['thumbnail-width'] ?? request.thumbnailWidth;
    const height = fields['thumbnail-height'] ?? request.thumbnailHeight;
    return { file: file.bounded, filename: file.filename, size: thumbnailSize(width, height) };
  }

  /** What cannot fit is refused before its bytes are taken. */
  async #admit(tenant: TenantRef, contentLength: number | undefined, { maxBytes, quotaBytes }: FileLimits): Promise<void> {
    if (contentLength !== undefined && contentLength > maxBytes + AROUND_BYTES) throw new DomainError('file_too_large');
    const { bytes } = await this.files.usage(tenant);
    if (Number(bytes) + Math.max((contentLength ?? 0) - AROUND_BYTES, 0) >= quotaBytes) throw new DomainError('file_storage_full');
  }
}
