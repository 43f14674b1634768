import { Inject, Injectable } from '@nestjs/common';
import type { appAdmin, Tenant } from '@parley/contracts';
import { DomainError } from '@parley/errors';
import { SecretHasher } from '@parley/tokens';
import { randomBytes } from 'node:crypto';
import { AdministratorStore } from '../administrators/administrator.store.js';
import { Acts, type Tx } from '../audit/acts.js';
import { AUTH_CONFIG } from '../auth.tokens.js';
import type { AuthConfig } from '../config.js';
import { type App, PrismaClient } from '../generated/client.js';
import { afterCursor, pageOf, pageSize } from '../paging/cursor.js';
import { newAppName } from './app.rules.js';
import { toApp } from './app.view.js';
import { ClientSecretVault } from '../secrets/client-secret.vault.js';
import { AppsService } from './apps.service.js';

type OfApp = Pick<appAdmin.AppRef, 'actor' | 'tenant'>;

/** Apps as their administrators make, see and change them. */
@Injectable()
export class AppAdministrationService {
  constructor(
    private readonly prisma: PrismaClient,
    private readonly administrators: AdministratorStore,
    private readonly hasher: SecretHasher,
    private readonly acts: Acts,
    private readonly known: AppsService,
    private readonly vault: ClientSecretVault,
    @Inject(AUTH_CONFIG) private readonly config: AuthConfig,
  ) {}

  /** With its first client secret. @throws DomainError app_name_illegal | app_name_taken | app_limit */
  async create({ actor, org, app: name, description }: appAdmin.CreateAppRequest): Promise<appAdmin.CreateAppResponse> {
    const app = newAppName(name);
    const clientSecret = newClientSecret();
    const secretHash = await this.hasher.hash(clientSecret);
    const limit = this.config.appsPerOrganisation;
    const row = await this.acts.run(actor!, { name: 'app.created', org, app, target: app }, async (tx) => {
      // Counted under the lock, so that two at once do not both take the last place.
      await tx.$queryRaw`SELECT 1 FROM organisation WHERE name = ${org} FOR UPDATE`;
      if ((await tx.app.count({ where: { org } })) >= limit) throw new DomainError('app_limit', { limit: String(limit) });
      const data = [{ org, app, description, clientId: `YXA6${randomBytes(16).toString('base64url')}` }];
      const [made] = await tx.app.createManyAndReturn({ data, skipDuplicates: true });
      if (!made) throw new DomainError('app_name_taken', { app });
      await tx.appSecret.create({ data: { appId: made.appId, secretHash, sealed: await this.vault.seal(made, clientSecret) } });
      return made;
    });
    return { app: toApp(row), clientSecret };
  }

  /** Those that the actor may see, by name. */
  async list({ actor, org, limit, cursor }: appAdmin.ListAppsRequest): Promise<appAdmin.ListAppsResponse> {
    const size = pageSize(limit);
    const after = afterCursor(cursor);
    const who = await this.administrators.get(actor!.org, actor!.adminId);
    const rows = await this.prisma.app.findMany({
      where: {
        org,
        ...(after === undefined ? {} : { app: { gt: after } }),
        ...(who.allApps ? {} : { appId: { in: who.apps.map(({ appId }) => appId) } }),
      },
      orderBy: { app: 'asc' },
      take: size + 1,
    });
    const { page, nextCursor } = pageOf(rows, size, (row) => row.app);
    return { apps: page.map(toApp), nextCursor };
  }

  /** @throws DomainError admin_not_found */
  async get({ tenant }: OfApp): Promise<appAdmin.App> {
    return toApp(await found(this.prisma, tenant));
  }

  /** @throws DomainError admin_not_found */
  async update({ description, ...of }: appAdmin.UpdateAppRequest): Promise<appAdmin.App> {
    return this.change(of, 'app.changed', { description }, async () => ({ description }));
  }

  /**
   * Changes an app's row under its lock, with its line in the audit log, and tells everybody who remembers the app.
   * @param rule what changes, from the row as it is; nothing when it is already so
   * @throws DomainError admin_not_found and what the rule throws
   */
  async change(
    { actor, tenant }: OfApp,
    name: string,
    detail: NonNullable<Parameters<Acts['run']>[1]['detail']>,
    rule: (row: App, tx: Tx, note: (detail: Record<string, string>) => void) => Promise<Parameters<Tx['app']['update']>[0]['data']>,
  ): Promise<appAdmin.App> {
    const { appId, org, app } = tenant!;
    const changed = await this.acts.run(actor!, { name, org, app, target: app, detail }, async (tx, note) => {
      await tx.$queryRaw`SELECT 1 FROM app WHERE app_id = ${appId} FOR UPDATE`;
      const data = await rule(await found(tx, tenant), tx, (more) => note({ detail: more }));
      return tx.app.update({ where: { appId }, data });
    });
    await this.known.changed(appId);
    return toApp(changed);
  }
}

/** What a tenant's server proves itself with: random, and shown once. */
export function newClientSecret(): string {
  return `YXA6${randomBytes(24).toString('base64url')}`;
}

/** @throws DomainError admin_not_found when it was purged meanwhile */
export async function found(tx: Tx, tenant: Tenant | undefined): Promise<App> {
  if (!tenant || tenant.appId <= 0) throw new Error('call without a tenant');
  const row = await tx.app.findUnique({ where: { appId: tenant.appId } });
  if (!row) throw new DomainError('admin_not_found');
  return row;
}
