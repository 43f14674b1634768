import 'reflect-metadata';
import { NestFactory } from '@nestjs/core';
import { AppSettingsDirectory } from '@parley/app-settings';
import { Bus } from '@parley/bus';
import { file } from '@parley/contracts';
import { migrate } from '@parley/db';
import { type RunningService, runningService, serveHealth, startRpcServer } from '@parley/rpc';
import { createLogger } from '@parley/telemetry';
import { fileURLToPath } from 'node:url';
import pg from 'pg';
import type { ServiceConfig } from './config.js';
import { DownloadService } from './download/download.service.js';
import { Sweeper } from './expiry/sweeper.js';
import { FileModule, SCHEMA } from './file.module.js';
import { FileRpc } from './file.rpc.js';
import { startByteServer } from './http/byte.server.js';
import { PartUploadService } from './part-upload/part-upload.service.js';
import { PurgeService } from './purge/purge.service.js';
import { References } from './reference/reference.consumer.js';
import { type BlobStorage, STORAGE } from './storage/blob.storage.js';
import { ThumbnailService } from './thumbnail/thumbnail.service.js';
import { UploadService } from './upload/upload.service.js';

export { loadServiceConfig, type ServiceConfig } from './config.js';

const log = createLogger('file');
const MIGRATIONS = fileURLToPath(new URL('../prisma/migrations', import.meta.url));
const LAST_BYTES_WITHIN_MS = 10_000;

export interface RunningFileService extends RunningService {
  /** "host:port" of the bytes. */
  readonly httpAddress: string;
}

/** Starts the file service: brings its schema up to date, then answers on gRPC and takes and gives bytes. */
export async function start(config: ServiceConfig): Promise<RunningFileService> {
  await migrate({ url: config.infrastructure.databaseUrl, schema: SCHEMA, folder: MIGRATIONS });
  const context = await NestFactory.createApplicationContext(FileModule.with(config), { logger: false, abortOnError: false });
  const bus = context.get<Bus>(Bus);
  const pool = context.get(pg.Pool);
  const storage = context.get<BlobStorage>(STORAGE);
  await context.get(References).consume(bus);
  await context.get(PurgeService).consume(bus);
  const { rounds } = context.get(Sweeper);
  rounds.start();
  const services = { uploads: context.get(UploadService), parts: context.get(PartUploadService), downloads: context.get(DownloadService) };
  const bytes = await startByteServer(config.file.listenHttp ?? config.addresses.fileHttp, services, config.file);
  const rpc = await startRpcServer({
    address: config.file.listen ?? config.addresses.fileRpc,
    services: [[file.FileServiceService, context.get(FileRpc).methods()]],
  });
  const health = await serveHealth(config.file, [() => pool.query('SELECT 1'), () => bus.ping(), () => storage.check()]);
  log.info({ address: rpc.address, bytes: bytes.address, storage: config.file.s3Bucket ? 's3' : 'folder' }, 'file service is ready');

  const stop = async () => {
    await health?.close();
    await Promise.all([rpc.stop(), bytes.stop(LAST_BYTES_WITHIN_MS)]);
    await rounds.stop();
    context.get(ThumbnailService).stop();
    context.get(AppSettingsDirectory).close();
    await bus.close();
    await context.close();
    await pool.end();
    storage.close();
  };
  return runningService({ name: 'file', address: rpc.address, httpAddress: bytes.address, healthAddress: health?.address }, stop);
}
