import { createLogger } from '@parley/telemetry';
import { LRUCache } from 'lru-cache';
import { buffer } from 'node:stream/consumers';
import { fileKey } from '../storage/blob-key.js';
import { BlobMissing, type BlobStorage } from '../storage/blob.storage.js';
import { filesNamedInBundle, type NamedFiles } from './reference.rules.js';

const log = createLogger('file');
/** 300 messages of 5 KB, the most that clients put into one. */
const MOST_BYTES = 2 * 1024 * 1024;
/** For one message: merged forwards within merged forwards, and what they may name together. */
const MOST_BUNDLES = 20;
const MOST_FILES = 3_000;
const REMEMBERED = 1_000;

/** Looks into merged forwards, whose messages stand in a file, for the files that these name. Within bounds: what is beyond is not kept. */
export class BundleReader {
  /** A file that is there never changes. */
  readonly #read = new LRUCache<string, NamedFiles>({ max: REMEMBERED });

  constructor(private readonly storage: BlobStorage) {}

  /** Ids that these bundles of an app name, those of bundles in bundles among them. Rejects when the storage is away. */
  async filesIn(appId: number, bundles: readonly string[]): Promise<string[]> {
    const files = new Set<string>();
    const found = new Set(bundles);
    for (const bundle of found) {
      const named = await this.#namedIn(appId, bundle);
      for (const file of named.files) if (files.size < MOST_FILES) files.add(file);
      for (const inner of named.bundles) if (found.size < MOST_BUNDLES) found.add(inner);
    }
    if (files.size === MOST_FILES || found.size === MOST_BUNDLES) log.warn({ appId, files: files.size, bundles: found.size }, 'a merged forward may name more files than are kept for it');
    return [...files];
  }

  async #namedIn(appId: number, bundle: string): Promise<NamedFiles> {
    const key = fileKey(appId, bundle);
    const known = this.#read.get(key);
    if (known) return known;
    const bytes = await this.#bytes(key);
    const named = filesNamedInBundle(bytes);
    if (bytes.length > 0) this.#read.set(key, named);
    return named;
  }

  async #bytes(key: string): Promise<Buffer> {
    try {
      const size = (await this.storage.sizeOf(key)) ?? 0;
      return size === 0 ? Buffer.alloc(0) : await buffer(await this.storage.read(key, { first: 0, last: Math.min(size, MOST_BYTES) - 1 }));
    } catch (error) {
      if (error instanceof BlobMissing) return Buffer.alloc(0);
      throw error;
    }
  }
}
