import { NestFactory } from '@nestjs/core';
import { Bus } from '@parley/bus';
import { migrate } from '@parley/db';
import { type RunningService, startHealthServer, startRpcServer } from '@parley/rpc';
import { createLogger } from '@parley/telemetry';
import { fileURLToPath } from 'node:url';
import pg from 'pg';
import type { MessageServiceConfig } from './config.js';
import { ExpirySweep } from './expiry/expiry.sweep.js';
import { MessageModule, rpcServices, SCHEMA, serveMessage } from './message.module.js';
import { TraceMarks } from './trace/trace-marks.js';
import { RepublishService } from './republish/republish.service.js';
import { StreamService } from './stream/stream.service.js';
import { MessageUsageService } from './usage/usage.service.js';
import { Partitions } from './retention/partitions.js';

export { loadServiceConfig } from './config.js';

/** Starts the message service: migrates its schema, then answers its subjects and calls until stopped. */
export async function start(config: MessageServiceConfig): Promise<RunningService> {
  const log = createLogger('message');
  await migrate({
    url: config.infrastructure.databaseUrl,
    schema: SCHEMA,
    folder: fileURLToPath(new URL('../prisma/migrations', import.meta.url)),
  });
  const app = await NestFactory.createApplicationContext(MessageModule.with(config), { logger: false, abortOnError: false });
  const bus = app.get(Bus as never) as Bus;
  const pool = app.get(pg.Pool as never) as pg.Pool;
  const serving = await serveMessage(app as never);
  const rpc = await startRpcServer({
    address: config.message.listen ?? config.addresses.messageRpc,
    services: rpcServices(app as never),
  });
  const health =
    config.message.healthPort === 0
      ? undefined
      : await startHealthServer({
          host: config.message.host,
          port: config.message.healthPort,
          ready: async () => {
            await Promise.all([bus.ping(), pool.query('SELECT 1')]);
            return true;
          },
        });
  log.info({ address: rpc.address }, 'message service is ready');

  let stopping: Promise<void> | undefined;
  return {
    name: 'message',
    address: rpc.address,
    healthAddress: health?.address,
    stop: () =>
      (stopping ??= (async () => {
        app.get(RepublishService).stop();
        app.get(Partitions).stop();
        app.get(StreamService).stop();
        await app.get(ExpirySweep).stop();
        serving.unsubscribe();
        await rpc.stop();
        await health?.close();
        // Draining the bus lets requests under way be answered before the pool goes.
        await app.get(TraceMarks).stop();
        await app.get(MessageUsageService).stop();
        await bus.close();
        await pool.end();
        await app.close();
        log.info('message service stopped');
      })()),
  };
}
