import { type DynamicModule, Module } from '@nestjs/common';
import { Bus } from '@parley/bus';
import { prismaAdapter } from '@parley/db';
import { SecretHasher } from '@parley/tokens';
import { administration } from './administration.providers.js';
import { AppStore } from './apps/app.store.js';
import { AppsService } from './apps/apps.service.js';
import { AuthRpc } from './auth.rpc.js';
import { AUTH_CONFIG, USERS, type Users } from './auth.tokens.js';
import type { ServiceConfig } from './config.js';
import { PrismaClient } from './generated/client.js';
import { KeyStore } from './keys/key.store.js';
import { KeysService } from './keys/keys.service.js';
import { KeysRpc } from './keys/keys.rpc.js';
import { AppRevocationService } from './revocation/app-revocation.service.js';
import { SecretBox } from './sealing/secret.box.js';
import { ClientSecretChecker } from './tokens/client-secret.checker.js';
import { TokensService } from './tokens/tokens.service.js';

/** The PostgreSQL schema that belongs to this service. */
export const SCHEMA = 'auth';

/** The whole wiring. `users` and `bus` are opened and closed by the caller. */
@Module({})
export class AuthModule {
  static with(config: ServiceConfig, users: Users, bus: Bus): DynamicModule {
    const adapter = prismaAdapter({ url: config.infrastructure.databaseUrl, schema: SCHEMA });
    return {
      module: AuthModule,
      providers: [
        { provide: AUTH_CONFIG, useValue: config.auth },
        { provide: USERS, useValue: users },
        { provide: Bus, useValue: bus },
        { provide: PrismaClient, useValue: new PrismaClient({ adapter }) },
        { provide: SecretHasher, useValue: new SecretHasher({ concurrency: config.auth.hashConcurrency }) },
        { provide: SecretBox, useValue: new SecretBox(config.auth.keyEncryptionKeys) },
        // stores
        AppStore,
        KeyStore,
        // behaviours
        AppsService,
        KeysService,
        AppRevocationService,
        ClientSecretChecker,
        TokensService,
        // doors
        AuthRpc,
        KeysRpc,
        ...administration,
      ],
    };
  }
}
