import { broadcasts, type Bus } from '@parley/bus';
import { DomainError } from '@parley/errors';
import { type TenantRef, tenantFromAuthentication } from '@parley/kernel';
import { LRUCache } from 'lru-cache';
import type { AuthClient } from '../clients.js';

const CACHE_ENTRIES = 10_000;
const CACHE_MS = 10_000;
const NAME_MAX_LENGTH = 64;

export interface KnownApp {
  readonly tenant: TenantRef;
  readonly openRegistration: boolean;
}

/** Apps by the names in a path, as the auth service knows them. */
export class AppDirectory {
  readonly #apps = new LRUCache<string, KnownApp>({ max: CACHE_ENTRIES, ttl: CACHE_MS });

  /** Counts the changes heard of: an answer that was asked for before one may be old. */
  #changes = 0;

  /** @param bus tells of apps that are suspended, purged or changed */
  constructor(
    private readonly client: Pick<AuthClient, 'resolveApp'>,
    bus: Pick<Bus, 'onBroadcast'>,
  ) {
    bus.onBroadcast(broadcasts.appChanged, ({ appId }) => this.#forget(appId));
  }

  /** @throws DomainError organization_application_not_found | app_suspended */
  async find(orgName: string, appName: string, path: string): Promise<KnownApp> {
    const org = orgName.toLowerCase();
    const app = appName.toLowerCase();
    const rest = path.split('/').slice(3).join('/');
    if (org.length > NAME_MAX_LENGTH || app.length > NAME_MAX_LENGTH) throw notFound(orgName, appName, rest);
    const known = this.#apps.get(`${org}#${app}`);
    if (known) return known;
    const asOf = this.#changes;
    try {
      const { tenant, settings } = await this.client.resolveApp({ org, app });
      const found = { tenant: tenantFromAuthentication(tenant!), openRegistration: settings!.openRegistration };
      if (asOf === this.#changes) this.#apps.set(`${org}#${app}`, found);
      return found;
    } catch (error) {
      if (error instanceof DomainError && error.code === 'organization_application_not_found') throw notFound(orgName, appName, rest);
      throw error;
    }
  }

  #forget(appId: number): void {
    this.#changes++;
    for (const [key, { tenant }] of this.#apps.entries()) if (tenant.appId === appId) this.#apps.delete(key);
  }
}

function notFound(org: string, app: string, path: string): DomainError {
  return new DomainError('organization_application_not_found', { org, app, path });
}
