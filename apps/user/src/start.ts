import 'reflect-metadata';
import { fileURLToPath } from 'node:url';
import { NestFactory } from '@nestjs/core';
import { Bus, eventSubjects, requests } from '@parley/bus';
import { accounts, attributes, blocklist, contacts, mutes, presence, push, tokenOwner, user, userUsage } from '@parley/contracts';
import { createPool, migrate, purgeApp } from '@parley/db';
import { type RunningService, runningService, serveHealth, startRpcServer } from '@parley/rpc';
import { createLogger } from '@parley/telemetry';
import { AccountRpc } from './accounts/account.rpc.js';
import { AttributesRpc } from './attributes/attributes.rpc.js';
import { BlocklistRpc } from './blocklist/blocklist.rpc.js';
import type { ServiceConfig } from './config.js';
import { ContactCourier } from './contact-news/contact-courier.js';
import { ContactRpc } from './contacts/contact.rpc.js';
import { PrismaClient } from './generated/client.js';
import { Housekeeping } from './housekeeping.js';
import { LeaseService } from './leases/lease.service.js';
import { PresenceRpc } from './presence/presence.rpc.js';
import { PresenceTeller } from './presence/presence.teller.js';
import { PolicyService } from './policy/policy.service.js';
import { MutesRpc } from './mutes/mutes.rpc.js';
import { PushRpc } from './push-binding/push.rpc.js';
import { ResolvingService } from './resolving/resolving.service.js';
import { RevocationService } from './revocation/revocation.service.js';
import { SessionsService } from './sessions/sessions.service.js';
import { TokenOwnerRpc } from './token-owner/token-owner.rpc.js';
import { UsageRpc } from './usage/usage.rpc.js';
import { UsageService } from './usage/usage.service.js';
import { SCHEMA, UserModule } from './user.module.js';
import { UserRpc } from './user.rpc.js';

export { loadServiceConfig, type ServiceConfig, userConfig } from './config.js';

const log = createLogger('user');
const MIGRATIONS = fileURLToPath(new URL('../prisma/migrations', import.meta.url));

/** Starts the user service: brings its schema up to date, then answers on gRPC and NATS. */
export async function start(config: ServiceConfig): Promise<RunningService> {
  const { databaseUrl, natsUrl } = config.infrastructure;
  await migrate({ url: databaseUrl, schema: SCHEMA, folder: MIGRATIONS });
  const pool = createPool({ url: databaseUrl, schema: SCHEMA, max: config.user.poolSize });
  const bus = await Bus.connect({ url: natsUrl, name: 'user' });
  const context = await NestFactory.createApplicationContext(UserModule.with(config, pool, bus), { logger: false, abortOnError: false });

  const rpc = await startRpcServer({
    address: config.user.listen ?? config.addresses.userRpc,
    services: [
      [user.UserServiceService, context.get(UserRpc).methods()],
      [tokenOwner.TokenOwnerServiceService, context.get(TokenOwnerRpc).methods()],
      [accounts.AccountServiceService, context.get(AccountRpc).methods()],
      [attributes.AttributeServiceService, context.get(AttributesRpc).methods()],
      [mutes.MuteServiceService, context.get(MutesRpc).methods()],
      [push.PushServiceService, context.get(PushRpc).methods()],
      [presence.PresenceServiceService, context.get(PresenceRpc).methods()],
      [contacts.ContactServiceService, context.get(ContactRpc).methods()],
      [blocklist.BlocklistServiceService, context.get(BlocklistRpc).methods()],
      [userUsage.UserUsageServiceService, context.get(UsageRpc).methods()],
    ],
  });
  const sessions = context.get(SessionsService);
  const resolving = context.get(ResolvingService);
  const policy = context.get(PolicyService);
  const revocation = context.get(RevocationService);
  const leases = context.get(LeaseService);
  const served = [
    bus.serve(requests.openSessions, (request) => sessions.open(request)),
    bus.serve(requests.closeSessions, (request) => sessions.close(request)),
    bus.serve(requests.renewLease, (request) => leases.renew(request)),
    bus.serve(requests.resolveUsers, (request) => resolving.resolve(request)),
    bus.serve(requests.userPolicy, (request) => policy.answer(request)),
    bus.serve(requests.userEpochs, (request) => revocation.epochs(request)),
    bus.serve(requests.userRevocations, (request) => revocation.recent(request)),
  ];
  await bus.consumeEvents(eventSubjects.appPurged, 'user-app-purged', ({ appId }) => purgeApp(pool, appId));
  const courier = context.get(ContactCourier);
  courier.start();
  const rounds = [context.get(Housekeeping), leases, context.get(PresenceTeller), context.get(UsageService)].map((part) => part.rounds);
  for (const one of rounds) one.start();
  // Whoever asks as soon as this service is ready is answered.
  await bus.flush();
  const health = await serveHealth(config.user, [() => pool.query('SELECT 1'), () => bus.ping()]);
  log.info({ address: rpc.address }, 'user service is ready');

  const stop = async () => {
    await health?.close();
    for (const subscription of served) subscription.unsubscribe();
    await rpc.stop();
    await Promise.all([courier, ...rounds].map((one) => one.stop()));
    await bus.close();
    await context.get(PrismaClient).$disconnect();
    await context.close();
    await pool.end();
  };
  return runningService({ name: 'user', address: rpc.address, healthAddress: health?.address }, stop);
}
