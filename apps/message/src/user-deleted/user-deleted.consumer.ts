import { type Bus, eventSubjects } from '@parley/bus';
import { SYSTEM_PARTY_ID } from '@parley/kernel';
import type { Pool } from 'pg';

const ROWS_AT_ONCE = 1_000;
/** Where a user's own things lie, each with the index that finds them. */
const OWN_TABLES = ['device_cursor', 'device', 'inbox', 'hidden_message'] as const;

/**
 * A deleted user's devices, cursors, list and system queue go; what he wrote stays readable for those he wrote to, until
 * retention takes it, and with it conversations that nobody has any more. Ids are never used again, so a later user of the same name starts with nothing.
 */
export async function consumeUserDeleted(bus: Bus, pool: Pool): Promise<void> {
  await bus.consumeEvents(eventSubjects.userDeleted, 'message-user-deleted', ({ appId, userId }) => forgetUser(pool, appId, userId));
}

/** A bounded number of rows at a time, so that nobody waits for it. May be repeated, and stopped anywhere. */
export async function forgetUser(pool: Pool, appId: number, userId: bigint): Promise<void> {
  await pool.query('INSERT INTO departed_user (app_id, user_id) VALUES ($1, $2) ON CONFLICT DO NOTHING', [appId, userId]);
  for (const table of OWN_TABLES) {
    await deleteAll(
      pool,
      `DELETE FROM ${table} WHERE ctid = ANY (ARRAY(SELECT ctid FROM ${table} WHERE app_id = $1 AND user_id = $2 LIMIT ${ROWS_AT_ONCE}))`,
      [appId, userId],
    );
  }
  // Nobody else has this timeline, so its rows need not wait for their partition. Its conversation stays for now,
  // without rows: news that are under way still find it.
  const { rows } = await pool.query<{ conversation_id: string }>(
    `SELECT conversation_id FROM conversation WHERE app_id = $1 AND user_a = ${SYSTEM_PARTY_ID} AND user_b = $2`,
    [appId, userId],
  );
  for (const { conversation_id } of rows) {
    await deleteAll(
      pool,
      `DELETE FROM message m USING (SELECT id FROM message WHERE app_id = $1 AND conversation_id = $2 ORDER BY id LIMIT ${ROWS_AT_ONCE}) old
        WHERE m.app_id = $1 AND m.conversation_id = $2 AND m.id = old.id`,
      [appId, conversation_id],
    );
  }
}

async function deleteAll(pool: Pool, text: string, values: unknown[]): Promise<void> {
  for (;;) {
    const { rowCount } = await pool.query(text, values);
    if ((rowCount ?? 0) < ROWS_AT_ONCE) return;
  }
}
