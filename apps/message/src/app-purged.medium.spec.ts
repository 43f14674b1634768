import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { eventSubjects } from '@parley/bus';
import type { Pool } from '@parley/db';
import { Backbone, eventually } from '@parley/testkit';
import * as messageService from './start.js';

let backbone: Backbone;
let pool: Pool;

beforeAll(async () => {
  backbone = await Backbone.start();
  await backbone.service(messageService);
  pool = backbone.database.pool('message');
}, 60_000);
afterAll(() => backbone?.stop(), 30_000);

describe('the messages of an app that is purged', () => {
  it('are gone from every partition, with conversations and cursors, and nobody else\'s are', async () => {
    for (const app of [1, 2]) {
      await pool.query(`INSERT INTO conversation (app_id, conversation_id, user_a, user_b, name_a, name_b) VALUES ($1, 1, 1, 2, 'a', 'b')`, [app]);
      await pool.query(
        `INSERT INTO message (app_id, conversation_id, id, seq, sender_id, sender_resource, client_id, audience, body_type, meta)
         SELECT $1, 1, id_at(now() + (i % 3) * interval '7 days') + i, i, 1, '', i, 0, 0, '' FROM generate_series(1, 9000) i`,
        [app],
      );
      await pool.query(`INSERT INTO device (app_id, user_id, resource) VALUES ($1, 1, 'r')`, [app]);
    }
    const count = async (app: number) =>
      (await pool.query<{ n: number }>(
        'SELECT (SELECT count(*) FROM message WHERE app_id = $1)::int + (SELECT count(*) FROM conversation WHERE app_id = $1)::int + (SELECT count(*) FROM device WHERE app_id = $1)::int AS n',
        [app],
      )).rows[0]!.n;
    expect(await count(1)).toBe(9_002);
    await backbone.bus.publishEvent(eventSubjects.appPurged, 1, { appId: 1, org: 'acme', app: 'chat' });
    await eventually(async () => (await count(1)) === 0, { what: 'the purge' });
    expect(await count(2)).toBe(9_002);
  });
});
