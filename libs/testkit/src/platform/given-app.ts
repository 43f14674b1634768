import { appAdmin, auth } from '@parley/contracts';
import { rpcClient } from '@parley/rpc';
import { randomBytes } from 'node:crypto';
import { RestClient } from '../rest/rest.client.js';
import type { Platform } from './endpoints.js';

const RPC_DEADLINE_MS = 30_000;

export interface AppWanted {
  /** An organisation of its own when absent. */
  org?: string;
  app?: string;
  /** Default false. */
  openRegistration?: boolean;
  /** Choices of the app (docs/app-settings.md) beyond the defaults. */
  settings?: Record<string, boolean | number>;
}

/** As an operator of the platform would. */
const OPERATOR = { org: '-', adminId: '', kind: 'key', login: 'testkit', role: 'owner', sessionId: '', origin: { address: '', userAgent: '' } };

/** Makes an app, with its organisation where that is missing; to the test it is a platform with that app's token. */
export async function givenApp(platform: Platform, { org, app, openRegistration = false, settings }: AppWanted = {}): Promise<Platform> {
  const wanted = {
    org: org ?? `org-${randomBytes(5).toString('hex')}`,
    app: app ?? `app-${randomBytes(5).toString('hex')}`,
    clientId: randomBytes(9).toString('hex'),
    clientSecret: randomBytes(18).toString('hex'),
  };
  const rpc = rpcClient(auth.AuthServiceClient, platform.endpoints.authRpc);
  const admin = rpcClient(appAdmin.AppAdminServiceClient, platform.endpoints.authRpc);
  try {
    const { tenant } = await rpc.ensureApp({ ...wanted, openRegistration }, { deadlineMs: RPC_DEADLINE_MS });
    if (settings) await admin.changeSettings({ actor: OPERATOR, tenant, changesJson: JSON.stringify(settings), ceilings: false }, { deadlineMs: RPC_DEADLINE_MS });
  } finally {
    rpc.close();
    admin.close();
  }
  const endpoints = { ...platform.endpoints, ...wanted, appKey: `${wanted.org}#${wanted.app}` };
  return { endpoints, rest: new RestClient(endpoints) };
}
