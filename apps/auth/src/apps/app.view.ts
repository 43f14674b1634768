import type { appAdmin } from '@parley/contracts';
import type { App } from '../generated/client.js';

/** An app as its administrators see it. */
export function toApp(row: App): appAdmin.App {
  return {
    tenant: { appId: row.appId, appUuid: row.uuid, org: row.org, app: row.app },
    clientId: row.clientId,
    description: row.description,
    state: row.state,
    purgeMs: BigInt(row.purgeAt?.getTime() ?? 0),
    createdMs: BigInt(row.createdAt.getTime()),
  };
}
