import { randomUUID } from 'node:crypto';
import { constants, createReadStream, createWriteStream } from 'node:fs';
import { access, mkdir, open, readdir, rename, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { BlobMissing, type BlobStorage, type ByteRange } from './blob.storage.js';

const CHUNK_BYTES = 256 * 1024;

/** Files in a folder: written beside, flushed to disk, then renamed, so that a crash leaves no half of one. */
export class LocalStorage implements BlobStorage {
  readonly #unfinished: string;

  constructor(private readonly folder: string) {
    this.#unfinished = join(folder, 'unfinished');
  }

  async write(key: string, source: Readable): Promise<void> {
    const target = this.#path(key);
    await Promise.all([mkdir(this.#unfinished, { recursive: true, mode: 0o700 }), mkdir(dirname(target), { recursive: true, mode: 0o700 })]);
    if (source.errored) throw source.errored;
    const fresh = join(this.#unfinished, randomUUID());
    try {
      await pipeline(source, createWriteStream(fresh, { flags: 'wx', mode: 0o600, flush: true, highWaterMark: CHUNK_BYTES }));
      await rename(fresh, target);
      await flushFolder(dirname(target));
    } catch (error) {
      await rm(fresh, { force: true });
      throw error;
    }
  }

  async read(key: string, range?: ByteRange): Promise<Readable> {
    const file = await open(this.#path(key), 'r').catch((error: NodeJS.ErrnoException) => {
      throw error.code === 'ENOENT' ? new BlobMissing(key) : error;
    });
    return createReadStream('', {
      fd: file,
      highWaterMark: CHUNK_BYTES,
      ...(range ? { start: range.first, end: range.last } : {}),
    });
  }

  async sizeOf(key: string): Promise<number | undefined> {
    try {
      return (await stat(this.#path(key))).size;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
      throw error;
    }
  }

  async remove(key: string): Promise<void> {
    await rm(this.#path(key), { force: true });
  }

  async removeUnfinished(olderThanMs: number): Promise<number> {
    const names = await readdir(this.#unfinished).catch(() => []);
    let removed = 0;
    for (const name of names) {
      const path = join(this.#unfinished, name);
      const found = await stat(path).catch(() => undefined);
      if (!found || Date.now() - found.mtimeMs < olderThanMs) continue;
      await rm(path, { force: true });
      removed++;
    }
    return removed;
  }

  async check(): Promise<void> {
    await mkdir(this.#unfinished, { recursive: true, mode: 0o700 });
    await access(this.#unfinished, constants.W_OK);
  }

  close(): void {}

  #path(key: string): string {
    return join(this.folder, key);
  }
}

/** A rename is on disk when its folder is. */
async function flushFolder(path: string): Promise<void> {
  const folder = await open(path, 'r');
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}
