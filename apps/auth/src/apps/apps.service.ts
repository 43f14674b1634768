import { Inject, Injectable } from '@nestjs/common';
import { type AppSettings, effectiveSettings, type StoredSettings } from '@parley/app-settings';
import { broadcasts, Bus } from '@parley/bus';
import type { auth } from '@parley/contracts';
import { DomainError } from '@parley/errors';
import { createLogger } from '@parley/telemetry';
import { SecretHasher } from '@parley/tokens';
import { LRUCache } from 'lru-cache';
import { AUTH_CONFIG } from '../auth.tokens.js';
import type { AuthConfig } from '../config.js';
import type { AppSecret } from '../generated/client.js';
import { ClientSecretVault } from '../secrets/client-secret.vault.js';
import { foldAppName, isLegalAppName } from './app.rules.js';
import { AppStore, type KnownApp } from './app.store.js';

const log = createLogger('auth');
const REMEMBERED = 10_000;

/** The apps of this installation. Those that exist are remembered for a while; unknown ones are looked up each time. */
@Injectable()
export class AppsService {
  private readonly byName: LRUCache<string, KnownApp>;
  private readonly byId: LRUCache<number, KnownApp>;
  /** Counts the changes heard of. */
  private changes = 0;
  /** Uses noted by this replica in the last minute. */
  private readonly usesNoted = new LRUCache<string, true>({ max: REMEMBERED, ttl: 60_000 });

  constructor(
    private readonly store: AppStore,
    private readonly hasher: SecretHasher,
    private readonly bus: Bus,
    private readonly vault: ClientSecretVault,
    @Inject(AUTH_CONFIG) config: AuthConfig,
  ) {
    // A ttl of 0 would mean "for ever" to the cache.
    const options = { max: REMEMBERED, ttl: Math.max(config.appCacheMs, 1) };
    this.byName = new LRUCache(options);
    this.byId = new LRUCache(options);
    bus.onBroadcast(broadcasts.appChanged, ({ appId }) => this.forget(appId));
  }

  /**
   * The app behind an AppKey, with what the edges need to know.
   * @throws DomainError organization_application_not_found | app_suspended
   */
  async resolve(orgName: string, appName: string): Promise<auth.ResolveAppResponse> {
    const row = await this.find(orgName, appName);
    const settings = settingsOf(row);
    return {
      tenant: toTenant(row),
      settings: { openRegistration: settings.openRegistration, tokenTtlSeconds: BigInt(settings.tokenTtlSeconds) },
    };
  }

  /** The app of that name. @throws DomainError organization_application_not_found | app_suspended */
  async find(orgName: string, appName: string): Promise<KnownApp> {
    const org = foldAppName(orgName);
    const app = foldAppName(appName);
    const row = this.byName.get(`${org}#${app}`) ?? (await this.read(() => (isLegalAppName(org) && isLegalAppName(app) ? this.store.byName(org, app) : undefined)));
    if (!row) throw new DomainError('organization_application_not_found', { org: orgName, app: appName });
    checkActive(row);
    return row;
  }

  /** What holds for an app, for services that remember it. Read from the store: the asker has just been told of a change. */
  async settings({ appId }: auth.AppStateRequest): Promise<auth.AppStateResponse> {
    const row = await this.store.byId(appId);
    if (!row) return { found: false, suspended: true, settingsJson: '', ceilingsJson: '', issuers: [] };
    return {
      found: true,
      suspended: row.state !== 'active',
      settingsJson: JSON.stringify(row.settings),
      ceilingsJson: JSON.stringify(row.ceilings),
      issuers: row.tokenIssuers.map(({ issuer }) => issuer),
    };
  }

  /**
   * The app of a tenant, with its credentials.
   * @throws DomainError organization_application_not_found | app_suspended
   */
  async get(tenant: auth.ResolveAppResponse['tenant']): Promise<KnownApp> {
    if (!tenant || tenant.appId <= 0) throw new Error('call without a tenant');
    const row = this.byId.get(tenant.appId) ?? (await this.read(() => this.store.byId(tenant.appId)));
    if (!row) throw new DomainError('organization_application_not_found', { org: tenant.org, app: tenant.app });
    checkActive(row);
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
      settingsOf(existing).openRegistration === openRegistration &&
      existing.secrets.every((secret) => secret.sealed !== null || !this.vault.canSeal) &&
      (await this.hasSecret(existing, clientSecret));
    const row = unchanged
      ? existing
      : await this.store.ensure({
          org,
          app,
          clientId,
          secretHash: await this.hasher.hash(clientSecret),
          sealed: await this.vault.seal({ org, app }, clientSecret),
          settings: { openRegistration },
        });
    if (!unchanged) await this.changed(row.appId);
    return { tenant: toTenant(row) };
  }

  /** Tells everybody who remembers the app that it is not what it was; this replica forgets it before the caller goes on. */
  async changed(appId: number): Promise<void> {
    this.forget(appId);
    await this.bus.tell(broadcasts.appChanged, { appId });
  }

  /** Notes when a secret was last used, to the minute; whether that succeeds is no concern of the caller. */
  secretUsed(secret: AppSecret): void {
    if (this.usesNoted.has(secret.secretId)) return;
    this.usesNoted.set(secret.secretId, true);
    this.store.secretUsed(secret).catch((error: unknown) => log.warn({ err: error }, 'the use of a client secret was not noted'));
  }

  private async hasSecret(app: KnownApp, secret: string): Promise<boolean> {
    for (const { secretHash } of app.secrets) if (await this.hasher.verify(secret, secretHash)) return true;
    return false;
  }

  /** Reads and remembers, unless a change was heard of meanwhile: what was read may be older than it. */
  private async read(reading: () => Promise<KnownApp | undefined> | undefined): Promise<KnownApp | undefined> {
    const asOf = this.changes;
    const row = await reading();
    if (row && asOf === this.changes) this.remember(row);
    return row;
  }

  private forget(appId: number): void {
    this.changes++;
    const known = this.byId.get(appId);
    this.byId.delete(appId);
    if (known) this.byName.delete(`${known.org}#${known.app}`);
  }

  private remember(row: KnownApp): void {
    this.byName.set(`${row.org}#${row.app}`, row);
    this.byId.set(row.appId, row);
  }
}

/** The settings that hold for an app. */
export function settingsOf(row: Pick<KnownApp, 'settings' | 'ceilings'>): AppSettings {
  return effectiveSettings(row.settings as StoredSettings, row.ceilings as StoredSettings);
}

/** @throws DomainError app_suspended */
function checkActive({ state }: KnownApp): void {
  if (state !== 'active') throw new DomainError('app_suspended');
}

/** The tenant as contracts carry it. */
export function toTenant(row: KnownApp): NonNullable<auth.ResolveAppResponse['tenant']> {
  return { appId: row.appId, appUuid: row.uuid, org: row.org, app: row.app };
}

function illegal(detail: string): DomainError {
  return new DomainError('illegal_argument', { detail });
}
