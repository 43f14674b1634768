import { Inject, Injectable } from '@nestjs/common';
import type { auth } from '@parley/contracts';
import { DomainError } from '@parley/errors';
import { SecretHasher } from '@parley/tokens';
import { LRUCache } from 'lru-cache';
import { AUTH_CONFIG } from '../auth.tokens.js';
import type { AuthConfig } from '../config.js';
import type { App } from '../generated/client.js';
import { foldAppName, isLegalAppName } from './app.rules.js';
import { AppStore } from './app.store.js';

const REMEMBERED = 10_000;

/** The apps of this installation. Those that exist are remembered for a while; unknown ones are looked up each time. */
@Injectable()
export class AppsService {
  private readonly byName: LRUCache<string, App>;
  private readonly byId: LRUCache<number, App>;

  constructor(
    private readonly store: AppStore,
    private readonly hasher: SecretHasher,
    @Inject(AUTH_CONFIG) config: AuthConfig,
  ) {
    // A ttl of 0 would mean "for ever" to the cache.
    const options = { max: REMEMBERED, ttl: Math.max(config.appCacheMs, 1) };
    this.byName = new LRUCache(options);
    this.byId = new LRUCache(options);
  }

  /**
   * The app behind an AppKey, with what the edges need to know.
   * @throws DomainError organization_application_not_found
   */
  async resolve(orgName: string, appName: string): Promise<auth.ResolveAppResponse> {
    const org = foldAppName(orgName);
    const app = foldAppName(appName);
    const known = this.byName.get(`${org}#${app}`);
    const row = known ?? (isLegalAppName(org) && isLegalAppName(app) ? await this.store.byName(org, app) : undefined);
    if (!row) throw new DomainError('organization_application_not_found', { org: orgName, app: appName });
    if (!known) this.remember(row);
    return {
      tenant: toTenant(row),
      settings: { openRegistration: row.openRegistration, tokenTtlSeconds: BigInt(row.tokenTtlSeconds) },
    };
  }

  /**
   * The app of a tenant, with its credentials.
   * @throws DomainError organization_application_not_found
   */
  async get(tenant: auth.ResolveAppResponse['tenant']): Promise<App> {
    if (!tenant || tenant.appId <= 0) throw new Error('call without a tenant');
    const known = this.byId.get(tenant.appId);
    const row = known ?? (await this.store.byId(tenant.appId));
    if (!row) throw new DomainError('organization_application_not_found', { org: tenant.org, app: tenant.app });
    if (!known) this.remember(row);
    return row;
  }

  /**
   * Makes the organisation and the app if they are missing, and gives the app these credentials.
   * @throws DomainError illegal_argument: names that cannot stand in an AppKey, empty credentials.
   */
  async ensure(request: auth.EnsureAppRequest): Promise<auth.EnsureAppResponse> {
    const org = foldAppName(request.org);
    const app = foldAppName(request.app);
    if (!isLegalAppName(org) || !isLegalAppName(app)) throw illegal('org and app are 1 to 64 of a-z 0-9 _ - .');
    const { clientId, clientSecret, openRegistration } = request;
    if (clientId === '' || clientSecret === '') throw illegal('client_id and client_secret must be provided');
    const existing = await this.store.byName(org, app);
    const unchanged =
      existing?.clientId === clientId &&
      existing.openRegistration === openRegistration &&
      (await this.hasher.verify(clientSecret, existing.clientSecretHash));
    const row = unchanged
      ? existing
      : await this.store.ensure({ org, app, clientId, clientSecretHash: await this.hasher.hash(clientSecret), openRegistration });
    this.remember(row);
    return { tenant: toTenant(row) };
  }

  private remember(row: App): void {
    this.byName.set(`${row.org}#${row.app}`, row);
    this.byId.set(row.appId, row);
  }
}

function toTenant(row: App): NonNullable<auth.ResolveAppResponse['tenant']> {
  return { appId: row.appId, appUuid: row.uuid, org: row.org, app: row.app };
}

function illegal(detail: string): DomainError {
  return new DomainError('illegal_argument', { detail });
}
