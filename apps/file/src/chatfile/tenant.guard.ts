import type { Tenant } from '@parley/contracts';
import { type TenantRef, tenantFromAuthentication } from '@parley/kernel';

/**
 * The tenant of a call. Edges fill it from a verified token; a call without one is a fault of the caller.
 * @throws Error, answered as an internal error.
 */
export function tenantOf({ tenant }: { tenant: Tenant | undefined }): TenantRef {
  if (!tenant || tenant.appId <= 0) throw new Error('call without a tenant');
  return tenantFromAuthentication(tenant);
}
