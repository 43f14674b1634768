import { Injectable } from '@nestjs/common';
import type { appAdmin } from '@parley/contracts';
import { DomainError } from '@parley/errors';
import { SecretHasher } from '@parley/tokens';
import { AppAdministrationService, found, newClientSecret } from '../apps/app-administration.service.js';
import type { Tx } from '../audit/acts.js';
import { type AppSecret, PrismaClient } from '../generated/client.js';
import { AppRevocationService } from '../revocation/app-revocation.service.js';
import { ClientSecretVault } from './client-secret.vault.js';

const VALID_AT_ONCE = 2;
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** Client secrets: a second one is made, the tenant's servers take it over, the first one is revoked. */
@Injectable()
export class SecretsService {
  constructor(
    private readonly prisma: PrismaClient,
    private readonly apps: AppAdministrationService,
    private readonly hasher: SecretHasher,
    private readonly vault: ClientSecretVault,
    private readonly revocation: AppRevocationService,
  ) {}

  /** The valid ones, newest first. @throws DomainError admin_not_found */
  async list({ tenant }: Pick<appAdmin.AppRef, 'tenant'>): Promise<appAdmin.ListSecretsResponse> {
    const { appId } = await found(this.prisma, tenant);
    return { secrets: (await valid(this.prisma, appId)).map(toSecret) };
  }

  /** @throws DomainError app_secret_limit | admin_not_found */
  async create({ expireOldAfterSeconds, ...of }: appAdmin.CreateSecretRequest): Promise<appAdmin.CreateSecretResponse> {
    const clientSecret = newClientSecret();
    const secretHash = await this.hasher.hash(clientSecret);
    const expiry = expireOldAfterSeconds === undefined ? undefined : new Date(Date.now() + Number(expireOldAfterSeconds) * 1_000);
    let made: AppSecret | undefined;
    await this.apps.change(of, 'secret.created', expiry ? { oldExpires: expiry.toISOString() } : {}, async ({ appId, ...row }, tx) => {
      const old = await valid(tx, appId);
      if (old.length >= VALID_AT_ONCE) throw new DomainError('app_secret_limit');
      // What has expired is of no use to anybody.
      await tx.appSecret.deleteMany({ where: { appId, secretId: { notIn: old.map((one) => one.secretId) } } });
      if (expiry) await tx.appSecret.updateMany({ where: { appId }, data: { expiresAt: expiry } });
      made = await tx.appSecret.create({ data: { appId, secretHash, sealed: await this.vault.seal(row, clientSecret) } });
      return {};
    });
    return { secret: toSecret(made!), clientSecret };
  }

  /** Ends every app token of the app too: nobody knows which of them were asked for with it. @throws DomainError admin_not_found | app_secret_last */
  async revoke({ secretId, ...of }: appAdmin.RevokeSecretRequest): Promise<appAdmin.Secret> {
    let revoked: AppSecret | undefined;
    await this.apps.change(of, 'secret.revoked', { secretId }, async ({ appId, tokenEpoch }, tx) => {
      const all = await valid(tx, appId);
      revoked = UUID.test(secretId) ? all.find((one) => one.secretId === secretId) : undefined;
      if (!revoked) throw new DomainError('admin_not_found');
      if (!all.some((one) => one !== revoked && one.expiresAt === null)) throw new DomainError('app_secret_last');
      await tx.appSecret.delete({ where: { appId_secretId: { appId, secretId } } });
      return { tokenEpoch: tokenEpoch + 1, tokensValidFrom: new Date() };
    });
    await this.revocation.announce(revoked!.appId);
    return toSecret(revoked!);
  }
}

function valid(tx: Tx, appId: number): Promise<AppSecret[]> {
  return tx.appSecret.findMany({ where: { appId, OR: [{ expiresAt: null }, { expiresAt: { gt: new Date() } }] }, orderBy: { createdAt: 'desc' } });
}

function toSecret(row: AppSecret): appAdmin.Secret {
  return {
    secretId: row.secretId,
    createdMs: BigInt(row.createdAt.getTime()),
    lastUsedMs: BigInt(row.lastUsedAt?.getTime() ?? 0),
    expiresMs: BigInt(row.expiresAt?.getTime() ?? 0),
  };
}
