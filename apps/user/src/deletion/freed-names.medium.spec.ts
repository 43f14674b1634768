import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { broadcasts, type Bus, requests } from '@parley/bus';
import { user } from '@parley/contracts';
import type { RpcClient } from '@parley/rpc';
import { Backbone, eventually, tenantOf } from '@parley/testkit';
import type { Pool } from 'pg';
import * as userService from '../start.js';

const tenant = tenantOf(1);
let backbone: Backbone;
let users: RpcClient<typeof user.UserServiceService>[];
let bus: Bus;
let pool: Pool;

beforeAll(async () => {
  backbone = await Backbone.start();
  ({ bus } = backbone);
  const replicas = [await backbone.service(userService), await backbone.service(userService)];
  users = replicas.map((replica) => backbone.client(user.UserServiceClient, replica));
  pool = backbone.database.pool('users', { max: 3 });
}, 90_000);
afterAll(() => backbone?.stop(), 30_000);

const register = (name: string, replica = 0) => users[replica]!.registerUsers({ tenant, users: [{ username: name, password: 'secret', nickname: '' }], single: true });

/** The names that whoever remembers them has heard are free. `heard` waits for all that is on its way. */
async function listener() {
  const names: string[] = [];
  const subscription = bus.onBroadcast(broadcasts.namesFreed, (news) => names.push(...news.names.map((one) => one.username)));
  await bus.flush();
  return {
    heard: async () => (await bus.flush(), names.splice(0)),
    close: () => subscription.unsubscribe(),
  };
}

describe('a name that is freed', () => {
  it('is told before the deletion is answered, and again before its next user is there; other registrations tell nothing', async () => {
    const { heard, close } = await listener();
    await register('alice');
    expect(await heard()).toEqual([]);
    await users[0]!.deleteUser({ tenant, username: 'alice' });
    expect(await heard()).toEqual(['alice']);
    await register('alice', 1);
    await register('bob', 1);
    expect(await heard()).toEqual(['alice']);
    close();
  });

  it('is told by whoever registers it when the replica that deleted died before it could', async () => {
    const { heard, close } = await listener();
    // What such a replica leaves.
    await pool.query("INSERT INTO departure (app_id, user_id, username) VALUES (1, 1000000, 'carol')");
    await register('carol');
    expect(await heard()).toEqual(['carol']);
    close();
  });

  it('leads every replica to its new user at once', async () => {
    await register('dave');
    const resolve = async () => (await Promise.all([0, 1, 2, 3].map(() => bus.request(requests.resolveUsers, { names: [{ appId: 1, username: 'dave' }] })))).map(({ userIds }) => userIds[0]);
    await resolve();
    await users[0]!.deleteUser({ tenant, username: 'dave' });
    expect(new Set(await resolve())).toEqual(new Set([0n]));
    const { created } = await register('dave', 1);
    expect(new Set(await resolve())).toEqual(new Set([created[0]!.userId]));
  });

  it('voids the tokens of before also when its registration waited for the deletion', async () => {
    await register('erin');
    const deleting = await pool.connect();
    try {
      await deleting.query('BEGIN');
      await deleting.query("WITH gone AS (DELETE FROM app_user WHERE username = 'erin' RETURNING app_id, user_id, username) INSERT INTO departure (app_id, user_id, username) SELECT * FROM gone");
      const registering = pool.query("INSERT INTO app_user (app_id, username) VALUES (1, 'erin') ON CONFLICT (app_id, username) DO NOTHING");
      const waits = "SELECT FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND query LIKE 'INSERT INTO app_user%'";
      await eventually(async () => (await pool.query(waits)).rowCount === 1, { what: 'the registration waits' });
      await deleting.query('COMMIT');
      await registering;
    } finally {
      deleting.release();
    }
    const { rows } = await pool.query("SELECT tokens_valid_from = (SELECT max(deleted_at) FROM departure WHERE username = 'erin') AS since FROM app_user WHERE username = 'erin'");
    expect(rows).toEqual([{ since: true }]);
  });
});
