import { NestFactory } from '@nestjs/core';
import { Bus } from '@parley/bus';
import { migrate } from '@parley/db';
import { type RunningService, runningService, serveHealth, startRpcServer } from '@parley/rpc';
import { createLogger } from '@parley/telemetry';
import { fileURLToPath } from 'node:url';
import pg from 'pg';
import type { MessageServiceConfig } from './config.js';
import { MessageModule, rpcServices, SCHEMA, serveMessage } from './message.module.js';
import { TraceMarks } from './trace/trace-marks.js';

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
  const bus = app.get<Bus>(Bus);
  const pool = app.get(pg.Pool);
  const serving = await serveMessage(app);
  const rpc = await startRpcServer({
    address: config.message.listen ?? config.addresses.messageRpc,
    services: rpcServices(app),
  });
  // Whoever asks as soon as this service is ready is answered.
  await bus.flush();
  const health = await serveHealth(config.message, [() => pool.query('SELECT 1'), () => bus.ping()]);
  log.info({ address: rpc.address }, 'message service is ready');

  const stop = async () => {
    await serving.stop();
    await rpc.stop();
    await health?.close();
    // Draining the bus lets requests under way be answered before the pool goes.
    await app.get(TraceMarks).stop();
    await bus.close();
    await pool.end();
    await app.close();
    log.info('message service stopped');
  };
  return runningService({ name: 'message', address: rpc.address, healthAddress: health?.address }, stop);
}
