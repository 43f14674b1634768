import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Pool } from '@parley/db';
import { Database } from '@parley/testkit';
import { join } from 'node:path';

/** Tables with a user in them that outlive him, each with its reason. */
const OUTLIVE_HIM: Readonly<Record<string, string>> = {
  app_user: 'is the user',
  departure: 'tells that he is gone, and for a month that tokens for his name are not those of whoever takes it',
  revocation: 'ends his tokens at the edges',
  active_user: 'counts that somebody was there that day',
  active_user_month: 'counts that somebody was there that month',
};
/** Emptied by the deletion itself: a foreign key would cost every login, and the other side of contacts gets news. */
const EMPTIED_BY_HAND = ['device', 'user_block', 'contact_pair', 'contact_news'];

/**
 * A user of the same name inherits nothing because nothing is left. This reads the schema itself, so a table that is new
 * and was not thought of fails here.
 */
describe('what a user owns in this service', () => {
  let database: Database;
  let pool: Pool;

  beforeAll(async () => {
    database = await Database.start();
    pool = await database.migrated('users', join(import.meta.dirname, '../../prisma/migrations'));
  }, 90_000);
  afterAll(() => database?.stop(), 30_000);

  it('goes with him: every column that names a user cascades', async () => {
    const { rows } = await pool.query<{ table: string; column: string; cascades: boolean }>(`
      SELECT c.relname AS "table", a.attname AS "column", EXISTS (
        SELECT 1 FROM pg_constraint f
        WHERE f.conrelid = c.oid AND f.contype = 'f' AND f.confdeltype = 'c' AND f.confrelid = 'app_user'::regclass AND a.attnum = ANY (f.conkey)
      ) AS cascades
      FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace JOIN pg_attribute a ON a.attrelid = c.oid
      WHERE n.nspname = 'users' AND c.relkind IN ('r', 'p') AND a.attnum > 0 AND NOT a.attisdropped
        AND (a.attname ~ '(^|_)(user|owner|peer|target|subscriber|contact|blocked|friend|blocker)(_id)?$' AND a.atttypid IN ('bigint'::regtype, 'text'::regtype)
          OR a.attname ~ 'username')
      ORDER BY 1, 2`);
    const left = rows.filter(({ table, cascades }) => !cascades && !(table in OUTLIVE_HIM) && !EMPTIED_BY_HAND.includes(table));
    expect(left).toEqual([]);
    expect(rows.map(({ table }) => table)).toEqual(expect.arrayContaining(['device', 'global_mute', 'user_attributes']));
  });

  it('goes with him: rows of every table, and what they count for', async () => {
    const user = async () =>
      (await pool.query<{ id: string }>("INSERT INTO app_user (app_id, username) VALUES (7, 'alice') RETURNING user_id AS id")).rows[0]!.id;
    const alice = await user();
    await pool.query("INSERT INTO user_attributes VALUES (7, $1, '{\"nickname\":\"A\"}', 9)", [alice]);
    await pool.query("INSERT INTO global_mute VALUES (7, $1, 'chat', 'infinity'), (7, $1, 'chatroom', now())", [alice]);
    const bytes = async () => (await pool.query<{ n: string }>('SELECT attribute_bytes AS n FROM app_usage WHERE app_id = 7')).rows[0]!.n;
    expect(await bytes()).toBe('9');

    await pool.query('DELETE FROM app_user WHERE app_id = 7 AND user_id = $1', [alice]);

    for (const table of ['user_attributes', 'global_mute']) expect((await pool.query(`SELECT * FROM ${table}`)).rows).toEqual([]);
    expect(await bytes()).toBe('0');
    expect(await user()).not.toBe(alice);
  });

  it('cannot be written for a user who is gone', async () => {
    await expect(pool.query("INSERT INTO global_mute VALUES (7, 999999, 'chat', 'infinity')")).rejects.toMatchObject({ code: '23503' });
  });
});
