import { inTransaction } from '@parley/db';
import { DomainError } from '@parley/errors';
import type { TenantRef } from '@parley/kernel';
import { createLogger } from '@parley/telemetry';
import { randomUUID } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { mkdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import type { Pool } from 'pg';
import type { Chatfile, ChatfileStore } from '../chatfile/chatfile.store.js';
import { isImage, isVideo } from '../chatfile/content-type.rules.js';
import type { FileConfig } from '../config.js';
import { fileKey, thumbnailKey } from '../storage/blob-key.js';
import type { BlobStorage } from '../storage/blob.storage.js';
import type { StrayStore } from '../storage/stray.store.js';
import { ImageProcess } from './image.process.js';
import { SMALLEST_IMAGE_BYTES } from './thumbnail.rules.js';
import { takeFrame } from './video.frame.js';

const log = createLogger('file');
/** Thumbnails waiting for their turn; beyond it callers are told to try again. */
const MOST_WAITING = 64;

export interface Thumbnail {
  readonly key: string;
  readonly size: number;
  readonly contentType: string;
}

/** Small pictures of images and videos: made when first asked for, then kept with the file. */
export class ThumbnailService {
  readonly #images: ImageProcess;
  readonly #underWay = new Map<string, Promise<string>>();
  #turn: Promise<unknown> = Promise.resolve();

  constructor(
    private readonly pool: Pool,
    private readonly files: ChatfileStore,
    private readonly strays: StrayStore,
    private readonly storage: BlobStorage,
    private readonly config: FileConfig,
  ) {
    this.#images = new ImageProcess(config);
  }

  /**
   * The thumbnail, or 'itself' for an image that is small enough.
   * @throws DomainError thumbnail_not_found for what has none, unavailable when too many wait
   */
  async of(tenant: TenantRef, file: Chatfile, variant: 'thumbnail' | 'frame'): Promise<Thumbnail | 'itself'> {
    const image = isImage(file.contentType);
    if (!(image && variant === 'thumbnail') && !isVideo(file.contentType)) throw new DomainError('thumbnail_not_found');
    if (image && file.sizeBytes <= SMALLEST_IMAGE_BYTES) return 'itself';
    const contentType = file.thumbnailType ?? (await this.#once(tenant, file, image));
    const key = thumbnailKey(tenant.appId, file.fileId);
    const size = contentType === '' ? undefined : await this.storage.sizeOf(key);
    if (size === undefined) throw new DomainError('thumbnail_not_found');
    return { key, size, contentType };
  }

  stop(): void {
    this.#images.stop();
  }

  /** Whoever asks for the same thumbnail at the same time waits for the same work; one is made after the other. */
  #once(tenant: TenantRef, file: Chatfile, image: boolean): Promise<string> {
    const key = thumbnailKey(tenant.appId, file.fileId);
    const known = this.#underWay.get(key);
    if (known) return known;
    if (this.#underWay.size >= MOST_WAITING) throw new DomainError('unavailable');
    const making = this.#turn.then(() => this.#make(tenant, file, image, key)).finally(() => this.#underWay.delete(key));
    this.#turn = making.catch(() => undefined);
    this.#underWay.set(key, making);
    return making;
  }

  async #make(tenant: TenantRef, file: Chatfile, image: boolean, key: string): Promise<string> {
    const folder = join(this.config.folder, 'thumbnails-at-work');
    await mkdir(folder, { recursive: true, mode: 0o700 });
    const input = join(folder, randomUUID());
    const output = `${input}.out`;
    try {
      await pipeline(await this.storage.read(fileKey(tenant.appId, file.fileId)), createWriteStream(input, { flags: 'wx', mode: 0o600 }));
      const job = { input, output, width: file.thumbnailWidth, height: file.thumbnailHeight };
      const type = image ? await this.#images.make(job) : await takeFrame(this.config, job);
      const made = type !== '' && (await stat(output).then((found) => found.size > 0, () => false));
      // Without an ffmpeg nothing is noted: there may be one later.
      if (!made && !image && !this.config.ffmpeg) return '';
      if (!made) {
        log.info({ fileId: file.fileId, contentType: file.contentType }, 'no thumbnail can be made');
        await this.files.noteThumbnail(tenant, file.fileId, '');
        return '';
      }
      await this.strays.note(tenant.appId, key);
      await this.storage.write(key, createReadStream(output));
      await inTransaction(this.pool, async (client) => {
        // Of a file that has expired meanwhile the bytes stay strays, and go.
        if (await this.files.noteThumbnail(tenant, file.fileId, type, client)) await this.strays.adopt(tenant.appId, key, client);
      });
      return type;
    } finally {
      await Promise.all([rm(input, { force: true }), rm(output, { force: true })]);
    }
  }
}
