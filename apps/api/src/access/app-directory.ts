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

  constructor(private readonly client: Pick<AuthClient, 'resolveApp'>) {}

  /** @throws DomainError organization_application_not_found */
  async find(orgName: string, appName: string, path: string): Promise<KnownApp> {
    const org = orgName.toLowerCase();
    const app = appName.toLowerCase();
    const rest = path.split('/').slice(3).join('/');
    if (org.length > NAME_MAX_LENGTH || app.length > NAME_MAX_LENGTH) throw notFound(orgName, appName, rest);
    const known = this.#apps.get(`${org}#${app}`);
    if (known) return known;
    try {
      const { tenant, settings } = await this.client.resolveApp({ org, app });
      const found = { tenant: tenantFromAuthentication(tenant!), openRegistration: settings!.openRegistration };
      this.#apps.set(`${org}#${app}`, found);
      return found;
    } catch (error) {
      if (error instanceof DomainError && error.code === 'organization_application_not_found') throw notFound(orgName, appName, rest);
      throw error;
    }
  }
}

function notFound(org: string, app: string, path: string): DomainError {
  return new DomainError('organization_application_not_found', { org, app, path });
}
