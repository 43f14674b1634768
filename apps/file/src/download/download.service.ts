import { DomainError } from '@parley/errors';
import type { TenantRef } from '@parley/kernel';
import type { Readable } from 'node:stream';
import type { Chatfile, ChatfileStore } from '../chatfile/chatfile.store.js';
import { isSafeInline } from '../chatfile/content-type.rules.js';
import { disposition } from '../chatfile/filename.rules.js';
import { fileKey, isUuid } from '../storage/blob-key.js';
import { BlobMissing, type BlobStorage } from '../storage/blob.storage.js';
import type { ThumbnailService } from '../thumbnail/thumbnail.service.js';
import { storageFailure } from '../upload/storage-failure.js';
import { checkDownload, type Reader } from './access.rules.js';
import { isKnown, readRange } from './range.rules.js';

export interface DownloadRequest {
  readonly fileId: string;
  readonly reader: Reader;
  readonly secret: string | undefined;
  readonly variant: 'file' | 'thumbnail' | 'frame';
  readonly range: string | undefined;
  readonly ifRange: string | undefined;
  readonly ifNoneMatch: string | undefined;
  /** Headers only. */
  readonly head: boolean;
}

export interface Download {
  readonly status: 200 | 206 | 304;
  readonly headers: Readonly<Record<string, string>>;
  readonly content: Readable | undefined;
}

/** Gives files out, in a way that no browser runs what is in them as this site. */
export class DownloadService {
  constructor(
    private readonly files: ChatfileStore,
    private readonly storage: BlobStorage,
    private readonly thumbnails: ThumbnailService,
  ) {}

  /** @throws DomainError file_not_found | file_expired | file_forbidden | unauthorized | file_range_unsatisfiable | thumbnail_not_found */
  async open(tenant: TenantRef, request: DownloadRequest): Promise<Download> {
    const fileId = request.fileId.toLowerCase();
    if (!isUuid(fileId)) throw new DomainError('file_not_found');
    const file = await this.files.get(tenant, fileId);
    checkDownload(file, request.reader, request.secret);
    const shown = await this.#variant(tenant, file, request.variant);
    const etag = `"${fileId}${shown.tag}"`;
    const headers = headersOf(shown.contentType, file.filename, shown.tag === '', etag);
    if (isKnown(request.ifNoneMatch, etag)) return { status: 304, headers, content: undefined };
    const wanted = request.ifRange === undefined || request.ifRange === etag ? request.range : undefined;
    const range = readRange(wanted, shown.size);
    if (range === 'unsatisfiable') throw new DomainError('file_range_unsatisfiable', { size: String(shown.size) });
    const [first, last] = range === 'whole' ? [0, shown.size - 1] : [range.first, range.last];
    return {
      status: range === 'whole' ? 200 : 206,
      headers: {
        ...headers,
        'content-length': String(last - first + 1),
        ...(range === 'whole' ? {} : { 'content-range': `bytes ${first}-${last}/${shown.size}` }),
      },
      content: request.head ? undefined : await this.#read(shown.key, range === 'whole' ? undefined : range),
    };
  }

  async #variant(tenant: TenantRef, file: Chatfile, variant: DownloadRequest['variant']) {
    const whole = { key: fileKey(tenant.appId, file.fileId), size: file.sizeBytes, contentType: file.contentType, tag: '' };
    if (variant === 'file') return whole;
    const thumbnail = await this.thumbnails.of(tenant, file, variant);
    return thumbnail === 'itself' ? whole : { ...thumbnail, tag: '-t' };
  }

  async #read(key: string, range: { first: number; last: number } | undefined): Promise<Readable> {
    return this.storage.read(key, range).catch((error: unknown) => {
      if (error instanceof BlobMissing) throw new DomainError('file_not_found', {}, { cause: error });
      return storageFailure(error);
    });
  }
}

function headersOf(contentType: string, filename: string, original: boolean, etag: string): Record<string, string> {
  return {
    'content-type': contentType,
    'content-disposition': disposition(isSafeInline(contentType) ? 'inline' : 'attachment', original ? filename : ''),
    'accept-ranges': 'bytes',
    etag,
    // The bytes of a file never change, but who may see it can.
    'cache-control': 'private, max-age=3600',
    'x-content-type-options': 'nosniff',
    'content-security-policy': "default-src 'none'; style-src 'none'; sandbox",
    'cross-origin-resource-policy': 'cross-origin',
  };
}
