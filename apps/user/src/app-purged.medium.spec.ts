import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { eventSubjects } from '@parley/bus';
import type { Pool } from '@parley/db';
import { Backbone, eventually } from '@parley/testkit';
import * as userService from './start.js';

let backbone: Backbone;
let pool: Pool;

beforeAll(async () => {
  backbone = await Backbone.start();
  await backbone.service(userService);
  pool = backbone.database.pool('users');
}, 60_000);
afterAll(() => backbone?.stop(), 30_000);

describe('the users of an app that is purged', () => {
  it('are gone with all that they had, and nobody else is', async () => {
    for (const app of [1, 2]) {
      await pool.query("INSERT INTO app_user (app_id, username) SELECT $1, 'user-' || i FROM generate_series(1, 7000) i", [app]);
      await pool.query("INSERT INTO device (app_id, user_id, resource, platform, device_uuid, device_name, session_id, logged_in_at) SELECT app_id, user_id, 'r', 'web', '', '', 's', now() FROM app_user WHERE app_id = $1", [app]);
    }
    const count = async (app: number) =>
      (await pool.query<{ n: number }>('SELECT (SELECT count(*) FROM app_user WHERE app_id = $1)::int + (SELECT count(*) FROM device WHERE app_id = $1)::int AS n', [app])).rows[0]!.n;
    expect(await count(1)).toBe(14_000);
    await backbone.bus.publishEvent(eventSubjects.appPurged, 1, { appId: 1, org: 'acme', app: 'chat' });
    await eventually(async () => (await count(1)) === 0, { what: 'the purge' });
    expect(await count(2)).toBe(14_000);
  });
});
