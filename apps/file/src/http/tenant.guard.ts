import { type TenantRef, tenantFromAuthentication } from '@parley/kernel';
import type { IncomingHttpHeaders } from 'node:http';

/** The tenant that the edge has authenticated. A call without one is a fault of the caller. @throws Error, an internal error */
export function tenantFromHeaders(headers: IncomingHttpHeaders): TenantRef {
  const given = headers['x-parley-tenant'];
  if (typeof given !== 'string') throw new Error('call without a tenant');
  const tenant = JSON.parse(given) as TenantRef;
  if (!Number.isSafeInteger(tenant.appId) || tenant.appId <= 0) throw new Error('call without a tenant');
  return tenantFromAuthentication(tenant);
}
