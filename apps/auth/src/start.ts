import 'reflect-metadata';
import { fileURLToPath } from 'node:url';
import { NestFactory } from '@nestjs/core';
import { Bus, requests } from '@parley/bus';
import { adminAccess, appAdmin, auth, certificates, exchange, issuers, keys as keysContract, organisations, registrations, tokenOwner, user } from '@parley/contracts';
import { migrate } from '@parley/db';
import { rpcClient, type RunningService, runningService, serveHealth, startRpcServer } from '@parley/rpc';
import { createLogger } from '@parley/telemetry';
import { AdminRpc } from './admin.rpc.js';
import { AppsService } from './apps/apps.service.js';
import { AuthModule, SCHEMA } from './auth.module.js';
import { AuthRpc } from './auth.rpc.js';
import { CertificatesRpc } from './certificates/certificates.rpc.js';
import type { ServiceConfig } from './config.js';
import { ExchangeRpc } from './exchange/exchange.rpc.js';
import { ExchangeService } from './exchange/exchange.service.js';
import { PrismaClient } from './generated/client.js';
import { Housekeeping } from './housekeeping.js';
import { IssuersRpc } from './issuers/issuers.rpc.js';
import { KeysRpc } from './keys/keys.rpc.js';
import { KeysService } from './keys/keys.service.js';
import { OperatorService } from './operator/operator.service.js';
import { RegistrationsRpc } from './registrations/registrations.rpc.js';
import { AppRevocationService } from './revocation/app-revocation.service.js';

export { authConfig, loadServiceConfig, type ServiceConfig } from './config.js';

const log = createLogger('auth');
const MIGRATIONS = fileURLToPath(new URL('../prisma/migrations', import.meta.url));

/** Starts the auth service: brings its schema up to date, makes sure of a signing key, then answers on gRPC. */
export async function start(config: ServiceConfig): Promise<RunningService> {
  await migrate({ url: config.infrastructure.databaseUrl, schema: SCHEMA, folder: MIGRATIONS });
  const users = rpcClient(user.UserServiceClient, config.addresses.userRpc);
  const owners = rpcClient(tokenOwner.TokenOwnerServiceClient, config.addresses.userRpc);
  const bus = await Bus.connect({ url: config.infrastructure.natsUrl, name: 'auth' });
  const context = await NestFactory.createApplicationContext(AuthModule.with(config, users, owners, bus), { logger: false, abortOnError: false });
  const keys = context.get(KeysService);
  try {
    await keys.load();
    await context.get(OperatorService).ensureFirst();
  } catch (error) {
    // Most likely the key encryption key is missing, or the operator's password is weak: nothing is left open.
    await bus.close();
    users.close();
    owners.close();
    await context.close();
    throw error;
  }

  const prisma = context.get(PrismaClient);
  const rpc = await startRpcServer({
    address: config.auth.listen ?? config.addresses.authRpc,
    services: [
      [auth.AuthServiceService, context.get(AuthRpc).methods()],
      [keysContract.KeyServiceService, context.get(KeysRpc).methods()],
      [adminAccess.AdminAccessServiceService, context.get(AdminRpc).accessMethods()],
      [organisations.OrganisationServiceService, context.get(AdminRpc).organisationMethods()],
      [registrations.RegistrationServiceService, context.get(RegistrationsRpc).methods()],
      [appAdmin.AppAdminServiceService, context.get(AdminRpc).appMethods()],
      [certificates.CertificateServiceService, context.get(CertificatesRpc).methods()],
      [issuers.IssuerServiceService, context.get(IssuersRpc).methods()],
      [exchange.TokenExchangeServiceService, context.get(ExchangeRpc).methods()],
    ],
  });
  const apps = context.get(AppsService);
  const revocation = context.get(AppRevocationService);
  const served = [
    bus.serve(requests.appSettings, (request) => apps.settings(request)),
    bus.serve(requests.exchangeTokens, (request) => context.get(ExchangeService).exchange(request)),
    bus.serve(requests.appEpochs, (request) => revocation.epochs(request)),
    bus.serve(requests.appRevocations, (request) => revocation.recent(request)),
  ];
  const housekeeping = context.get(Housekeeping);
  housekeeping.rounds.start();
  // Whoever asks as soon as this service is ready is answered.
  await bus.flush();
  const health = await serveHealth(config.auth, [() => prisma.$queryRaw`SELECT 1`, () => bus.ping()]);
  log.info({ address: rpc.address }, 'auth service is ready');

  const stop = async () => {
    await health?.close();
    for (const subscription of served) subscription.unsubscribe();
    await rpc.stop();
    await keys.stop();
    await housekeeping.rounds.stop();
    await bus.close();
    users.close();
    owners.close();
    await prisma.$disconnect();
    await context.close();
  };
  return runningService({ name: 'auth', address: rpc.address, healthAddress: health?.address }, stop);
}
