import type { PartSymbol } from '@parley/rpc';
import type { Readable } from 'node:stream';

/** Bytes from first to last, both included. */
export interface ByteRange {
  readonly first: number;
  readonly last: number;
}

/** Where the bytes of files are kept. Keys are made by storage/blob-key.ts only, never of what a caller sent. */
export interface BlobStorage {
  /** Stores all of the source, or nothing: a key is seen only when everything is on disk. An existing key is replaced. */
  write(key: string, source: Readable): Promise<void>;
  /** @throws BlobMissing */
  read(key: string, range?: ByteRange): Promise<Readable>;
  /** Bytes; undefined if there is none. */
  sizeOf(key: string): Promise<number | undefined>;
  /** Safe to repeat. */
  remove(key: string): Promise<void>;
  /** Removes what writes left behind that were cut off (killed process) longer ago than this. Returns how many. */
  removeUnfinished(olderThanMs: number): Promise<number>;
  /** @throws when it cannot be written to now */
  check(): Promise<void>;
  close(): void;
}

export class BlobMissing extends Error {
  constructor(key: string) {
    super(`no bytes under ${key}`);
    this.name = 'BlobMissing';
  }
}

export const STORAGE: PartSymbol<BlobStorage> = Symbol('blob storage');
