import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { broadcasts } from '@parley/bus';
import { accounts, type revocation, user } from '@parley/contracts';
import type { RpcClient } from '@parley/rpc';
import { Backbone, tenantOf } from '@parley/testkit';
import * as userService from '../start.js';

const tenant = tenantOf(1);
const username = 'alice';
let backbone: Backbone;
let users: RpcClient<typeof user.UserServiceService>;
let account: RpcClient<typeof accounts.AccountServiceService>;
const told: revocation.Revocation[] = [];

beforeAll(async () => {
  backbone = await Backbone.start();
  const service = await backbone.service(userService);
  users = backbone.client(user.UserServiceClient, service);
  account = backbone.client(accounts.AccountServiceClient, service);
  backbone.bus.onBroadcast(broadcasts.revoked, ({ revocations }) => told.push(...revocations));
}, 60_000);
afterAll(() => backbone?.stop(), 30_000);

it.each<[string, () => Promise<unknown>, Partial<revocation.Revocation>]>([
  ['a new password', () => users.setPassword({ tenant, username, newPassword: 'other' }), { operation: 3 }],
  ['the end of all sessions', () => users.disconnect({ tenant, username, resource: '' }), { operation: 4, reason: 'kicked by administrator' }],
  ['the deactivation', () => account.setActivated({ tenant, username, activated: false }), { operation: 4, reason: 'user deactivated' }],
  ['the deletion', () => users.deleteUser({ tenant, username }), { operation: 1 }],
  ['the deletion with others', () => users.deleteUsers({ tenant, limit: 10, cursor: '' }), { operation: 1 }],
])('%s of a user is told to the edges before it is answered', async (_, end, revoked) => {
  const { userId } = await users.ensureUser({ tenant, username, autoCreate: true });
  await backbone.bus.flush();
  told.splice(0);
  await end();
  // What the server had for this connection by then.
  await backbone.bus.flush();
  expect(told).toEqual([expect.objectContaining({ appId: tenant.appId, userId, ...revoked })]);
});
