import type { FileConfig } from '../config.js';
import type { BlobStorage } from './blob.storage.js';
import { LocalStorage } from './local.storage.js';
import { S3Storage } from './s3.storage.js';

/** The bucket if one is configured, else the folder. */
export function createStorage(config: FileConfig): BlobStorage {
  return config.s3Bucket ? new S3Storage(config) : new LocalStorage(config.folder);
}
