import { type DynamicModule, Module } from '@nestjs/common';
import { AppSettingsDirectory } from '@parley/app-settings';
import { Bus } from '@parley/bus';
import { createPool } from '@parley/db';
import { provide } from '@parley/rpc';
import pg from 'pg';
import { ChatfileStore } from './chatfile/chatfile.store.js';
import { FileLimitsOf } from './chatfile/file-limits.js';
import type { ServiceConfig } from './config.js';
import { DownloadService } from './download/download.service.js';
import { Sweeper } from './expiry/sweeper.js';
import { FileRpc } from './file.rpc.js';
import { LifetimeService } from './lifetime/lifetime.service.js';
import { PartStore } from './part-upload/part.store.js';
import { PartUploadService } from './part-upload/part-upload.service.js';
import { PurgeService } from './purge/purge.service.js';
import { BundleReader } from './reference/bundle.reader.js';
import { References } from './reference/reference.consumer.js';
import { STORAGE } from './storage/blob.storage.js';
import { createStorage } from './storage/storage.factory.js';
import { StrayStore } from './storage/stray.store.js';
import { ThumbnailService } from './thumbnail/thumbnail.service.js';
import { UploadService } from './upload/upload.service.js';

/** The PostgreSQL schema that belongs to this service. */
export const SCHEMA = 'file';

/** The whole wiring of the file service. */
@Module({})
export class FileModule {
  static with(config: ServiceConfig): DynamicModule {
    return {
      module: FileModule,
      providers: [
        // to the outside
        provide(pg.Pool, [], () => createPool({ url: config.infrastructure.databaseUrl, schema: SCHEMA, max: config.file.poolSize })),
        provide(Bus, [], () => Bus.connect({ url: config.infrastructure.natsUrl, name: 'file' })),
        provide(STORAGE, [], () => createStorage(config.file)),
        provide(AppSettingsDirectory, [Bus]),
        provide(FileLimitsOf, [AppSettingsDirectory]),
        // stores
        provide(ChatfileStore, [pg.Pool]),
        provide(StrayStore, [pg.Pool, STORAGE], (pool, storage) => new StrayStore(pool, storage, config.file)),
        provide(PartStore, [pg.Pool, StrayStore]),
        // behaviours
        provide(UploadService, [pg.Pool, ChatfileStore, StrayStore, STORAGE, FileLimitsOf]),
        provide(
          PartUploadService,
          [pg.Pool, PartStore, ChatfileStore, StrayStore, STORAGE, FileLimitsOf],
          (pool, parts, files, strays, storage, limits) =>
            new PartUploadService(pool, parts, files, strays, storage, limits, config.file),
        ),
        provide(
          ThumbnailService,
          [pg.Pool, ChatfileStore, StrayStore, STORAGE],
          (pool, files, strays, storage) => new ThumbnailService(pool, files, strays, storage, config.file),
        ),
        provide(DownloadService, [ChatfileStore, STORAGE, ThumbnailService]),
        provide(LifetimeService, [pg.Pool, FileLimitsOf]),
        provide(
          References,
          [pg.Pool, FileLimitsOf, STORAGE],
          (pool, limits, storage) => new References(pool, limits, new BundleReader(storage)),
        ),
        provide(
          Sweeper,
          [pg.Pool, PartStore, StrayStore, STORAGE],
          (pool, parts, strays, storage) => new Sweeper(pool, parts, strays, storage, config.file),
        ),
        provide(PurgeService, [pg.Pool, PartStore, StrayStore]),
        // doors
        FileRpc,
      ],
    };
  }
}

