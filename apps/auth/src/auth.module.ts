import { type DynamicModule, Module } from '@nestjs/common';
import { Bus } from '@parley/bus';
import { prismaAdapter, transactionOptions } from '@parley/db';
import { SecretHasher } from '@parley/tokens';
import { administration } from './administration.providers.js';
import { AppStore } from './apps/app.store.js';
import { AppsService } from './apps/apps.service.js';
import { AuthRpc } from './auth.rpc.js';
import { AUTH_CONFIG, TOKEN_OWNERS, type TokenOwners, USERS, type Users } from './auth.tokens.js';
import type { ServiceConfig } from './config.js';
import { CertificatesRpc } from './certificates/certificates.rpc.js';
import { CertificatesService } from './certificates/certificates.service.js';
import { ExchangeRpc } from './exchange/exchange.rpc.js';
import { ExchangeService } from './exchange/exchange.service.js';
import { ForeignCredentials } from './exchange/foreign-credentials.js';
import { PrismaClient } from './generated/client.js';
import { IssuerStore } from './issuers/issuer.store.js';
import { IssuersRpc } from './issuers/issuers.rpc.js';
import { fetchJwks } from './issuers/jwks.fetch.js';
import { KeySets } from './issuers/key.sets.js';
import { TenantTokens } from './issuers/tenant.tokens.js';
import { KeyStore } from './keys/key.store.js';
import { KeysService } from './keys/keys.service.js';
import { KeysRpc } from './keys/keys.rpc.js';
import { AppRevocationService } from './revocation/app-revocation.service.js';
import { ClientSecretVault } from './secrets/client-secret.vault.js';
import { SecretBox } from './sealing/secret.box.js';
import { Attempts } from './tokens/attempts.js';
import { ClientSecretChecker } from './tokens/client-secret.checker.js';
import { TokensService } from './tokens/tokens.service.js';

/** The PostgreSQL schema that belongs to this service. */
export const SCHEMA = 'auth';

/** The whole wiring. `users`, `owners` and `bus` are opened and closed by the caller. */
@Module({})
export class AuthModule {
  static with(config: ServiceConfig, users: Users, owners: TokenOwners, bus: Bus): DynamicModule {
    const adapter = prismaAdapter({ url: config.infrastructure.databaseUrl, schema: SCHEMA });
    return {
      module: AuthModule,
      providers: [
        { provide: AUTH_CONFIG, useValue: config.auth },
        { provide: USERS, useValue: users },
        { provide: TOKEN_OWNERS, useValue: owners },
        { provide: KeySets, useValue: new KeySets((address) => fetchJwks(address, config.auth.jwksLoopback), config.auth.jwksRefetchSeconds * 1_000) },
        { provide: Bus, useValue: bus },
        { provide: PrismaClient, useValue: new PrismaClient({ adapter, transactionOptions }) },
        { provide: SecretHasher, useValue: new SecretHasher({ concurrency: config.auth.hashConcurrency, costLog2: config.auth.hashCostLog2 }) },
        { provide: SecretBox, useValue: new SecretBox(config.auth.keyEncryptionKeys) },
        // stores
        AppStore,
        KeyStore,
        IssuerStore,
        // behaviours
        AppsService,
        KeysService,
        AppRevocationService,
        ClientSecretChecker,
        Attempts,
        TokensService,
        ClientSecretVault,
        CertificatesService,
        ForeignCredentials,
        TenantTokens,
        ExchangeService,
        // doors
        AuthRpc,
        KeysRpc,
        CertificatesRpc,
        IssuersRpc,
        ExchangeRpc,
        ...administration,
      ],
    };
  }
}
