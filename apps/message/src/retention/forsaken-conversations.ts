import type { PoolClient } from 'pg';

const USERS_AT_ONCE = 100;

/**
 * Removes conversations of which nothing is kept and both sides are gone: deleted users, senders that were only a name, the system.
 * Nobody can write in one again, since ids are never given twice. Looks at each deleted user once a day, until he has none left.
 * @param floor messages with smaller ids are kept by no app
 */
export async function removeForsaken(client: PoolClient, floor: bigint): Promise<void> {
  for (;;) {
    const { rows } = await client.query<{ app_id: number; user_id: string }>(
      `UPDATE departed_user SET look_at = now() + interval '1 day'
        WHERE (app_id, user_id) IN (SELECT app_id, user_id FROM departed_user WHERE look_at <= now() ORDER BY look_at LIMIT ${USERS_AT_ONCE})
        RETURNING app_id, user_id`,
    );
    if (rows.length === 0) return;
    const users = [rows.map((row) => row.app_id), rows.map((row) => row.user_id)];
    await client.query(
      `WITH side AS (
         SELECT c.app_id, c.conversation_id, c.user_b AS other FROM unnest($1::integer[], $2::bigint[]) AS u(app_id, user_id)
           JOIN conversation c ON c.app_id = u.app_id AND c.user_a = u.user_id
         UNION
         SELECT c.app_id, c.conversation_id, c.user_a FROM unnest($1::integer[], $2::bigint[]) AS u(app_id, user_id)
           JOIN conversation c ON c.app_id = u.app_id AND c.user_b = u.user_id)
       DELETE FROM conversation c USING side s
        WHERE c.app_id = s.app_id AND c.conversation_id = s.conversation_id AND c.last_id < $3
          AND (s.other <= 0 OR EXISTS (SELECT 1 FROM departed_user d WHERE d.app_id = s.app_id AND d.user_id = s.other))
          AND NOT EXISTS (SELECT 1 FROM message m WHERE m.app_id = c.app_id AND m.conversation_id = c.conversation_id)`,
      [...users, floor],
    );
    await client.query(
      `DELETE FROM departed_user d USING unnest($1::integer[], $2::bigint[]) AS u(app_id, user_id)
        WHERE d.app_id = u.app_id AND d.user_id = u.user_id
          AND NOT EXISTS (SELECT 1 FROM conversation c WHERE c.app_id = u.app_id AND c.user_a = u.user_id)
          AND NOT EXISTS (SELECT 1 FROM conversation c WHERE c.app_id = u.app_id AND c.user_b = u.user_id)`,
      users,
    );
  }
}
