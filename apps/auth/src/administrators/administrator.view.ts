import type { organisations } from '@parley/contracts';
import type { Administrator, AdministratorApp, App } from '../generated/client.js';

export type AdministratorRow = Administrator & { apps: (AdministratorApp & { app: Pick<App, 'app'> })[] };

/** What an administrator is read with. */
export const WITH_APPS = { apps: { include: { app: { select: { app: true } } } } } as const;

/** An administrator as others see him: never with a hash. */
export function toAdministrator(row: AdministratorRow): organisations.Administrator {
  return {
    adminId: row.adminId,
    org: row.org,
    kind: row.kind,
    login: row.login,
    label: row.label,
    role: row.role,
    allApps: row.allApps,
    apps: row.apps.map(({ app }) => app.app).sort(),
    disabled: row.disabled,
    createdBy: row.createdBy,
    createdMs: BigInt(row.createdAt.getTime()),
    lastUsedMs: BigInt(row.lastUsedAt?.getTime() ?? 0),
    expiresMs: BigInt(row.expiresAt?.getTime() ?? 0),
  };
}
