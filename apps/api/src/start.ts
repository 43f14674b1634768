import 'reflect-metadata';
import { NestFactory } from '@nestjs/core';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { AppSettingsDirectory } from '@parley/app-settings';
import { Bus } from '@parley/bus';
import { RateLimiter } from '@parley/rates';
import { RevocationFeed } from '@parley/revocation';
import { type RunningService, runningService } from '@parley/rpc';
import { createLogger } from '@parley/telemetry';
import { CertificateFiles } from '@parley/tls';
import type { AddressInfo } from 'node:net';
import type { Server } from 'node:tls';
import { AdminClients } from './admin/access/admin-clients.js';
import { ApiModule } from './api.module.js';
import { AUTH_CLIENT, EXCHANGE_CLIENT, ISSUER_CLIENT, USER_CLIENT } from './clients.js';
import { behaviourClientTokens } from './behaviour-clients.js';
import type { ApiServiceConfig } from './config.js';
import { FileRelay } from './file/file.relay.js';
import { createAdapter } from './http/server.js';

export { loadServiceConfig } from './config.js';

const log = createLogger('api');

/** Starts the REST edge: answers until stopped. @throws Error naming the port when it is taken */
export async function start(config: ApiServiceConfig): Promise<RunningService> {
  const certificate = config.transport.kind === 'tls' ? CertificateFiles.load(config.transport) : undefined;
  const app = await NestFactory.create<NestFastifyApplication>(ApiModule.with(config), await createAdapter(config.api, config.transport, certificate?.current), {
    logger: false,
    bodyParser: false,
    abortOnError: false,
  });
  const bus = app.get<Bus>(Bus);
  const clients = [AUTH_CLIENT, USER_CLIENT, EXCHANGE_CLIENT, ISSUER_CLIENT, ...behaviourClientTokens, FileRelay, AdminClients].map((client) => app.get<{ close(): void }>(client));
  const feed = app.get(RevocationFeed);
  feed.start();
  const rates = app.get(RateLimiter);
  rates.start();
  const release = async () => {
    certificate?.stop();
    await app.close();
    feed.stop();
    rates.stop();
    app.get(AppSettingsDirectory).close();
    for (const client of clients) client.close();
    await bus.close();
  };
  try {
    await app.listen({ host: config.api.host, port: config.api.port });
  } catch (error) {
    await release();
    if ((error as NodeJS.ErrnoException).code !== 'EADDRINUSE') throw error;
    throw new Error(`api cannot listen on ${config.api.host}:${config.api.port} (PARLEY_API_PORT): the port is taken`, { cause: error });
  }
  certificate?.watch((pem) => (app.getHttpServer() as unknown as Server).setSecureContext(pem));
  const { port } = app.getHttpServer().address() as AddressInfo;
  log.info({ port }, 'api is ready');
  return runningService({ name: 'api', address: `${config.api.host}:${port}` }, release);
}
