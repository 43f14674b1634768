import type { Tenant } from '@parley/contracts';

/** The tenant of an app of a spec. Most specs give each test an app of its own. */
export function tenantOf(appId: number): Tenant {
  return { appId, appUuid: `00000000-0000-4000-8000-${String(appId).padStart(12, '0')}`, org: 'demo', app: `chat${appId}` };
}
