import { NestFactory } from '@nestjs/core';
import { Bus } from '@parley/bus';
import { RateLimiter } from '@parley/rates';
import { RevocationFeed } from '@parley/revocation';
import { type RunningService, runningService } from '@parley/rpc';
import { createLogger } from '@parley/telemetry';
import type { GatewayServiceConfig } from './config.js';
import { GatewayModule } from './gateway.module.js';
import { LeaseKeeper } from './lease/lease-keeper.js';
import { SessionOpener } from './login/session-opener.js';
import { CursorBatcher } from './queue/cursor-batcher.js';
import { SendPipeline } from './send/send-pipeline.js';
import { SuspendedApps } from './suspension/suspended-apps.js';
import { PushMarks } from './trace/push-marks.js';
import { GatewayServer } from './server/gateway.server.js';

export { loadServiceConfig } from './config.js';

const DRAIN_MS = 5_000;
const CHECK_MS = 20;

/** Starts the gateway: listens for clients until stopped. */
export async function start(config: GatewayServiceConfig): Promise<RunningService> {
  const log = createLogger('gateway');
  const app = await NestFactory.createApplicationContext(GatewayModule.with(config), { logger: false, abortOnError: false });
  const server = app.get(GatewayServer);
  const bus = app.get<Bus>(Bus);
  const feed = app.get(RevocationFeed);
  const lease = app.get(LeaseKeeper);
  feed.start();
  const suspended = app.get(SuspendedApps);
  suspended.start();
  lease.start();
  const rates = app.get(RateLimiter);
  rates.start();
  const pushes = app.get(PushMarks);
  pushes.start();
  let port: number;
  try {
    port = await server.start();
  } catch (error) {
    feed.stop();
    suspended.stop();
    lease.stop();
    rates.stop();
    await bus.close();
    throw error;
  }
  log.info({ port }, 'gateway is ready');

  const stop = async () => {
    server.stopListening();
    await drained(app.get(SendPipeline));
    server.close();
    feed.stop();
    suspended.stop();
    lease.stop();
    rates.stop();
    app.get(SessionOpener).flushClosed();
    await app.get(CursorBatcher).flush();
    await pushes.stop();
    await bus.close();
    await app.close();
    log.info('gateway stopped');
  };
  return runningService({ name: 'gateway', address: `${config.gateway.host}:${port}` }, stop);
}

/** What was received is answered before the sockets go. */
async function drained(pipeline: SendPipeline): Promise<void> {
  const until = Date.now() + DRAIN_MS;
  while (pipeline.busy && Date.now() < until) await new Promise((resolve) => setTimeout(resolve, CHECK_MS));
}
