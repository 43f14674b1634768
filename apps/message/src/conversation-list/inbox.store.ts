import { inTransaction } from '@parley/db';
import type { Pool } from 'pg';
import type { OwnConversation } from '../conversation/conversation-access.js';

/** What a user does to the entries of his list. Each call is one statement, and may be repeated. */
export class InboxStore {
  constructor(private readonly pool: Pool) {}

  /**
   * Pins to the top; a pinned one keeps its time. The count is taken under a lock of the user's, so that two devices cannot
   * exceed it together.
   * @returns milliseconds since 1970, or undefined when the user has pinned as many as he may
   */
  async pin(own: OwnConversation, nowMs: number, most: number): Promise<bigint | undefined> {
    return inTransaction(this.pool, async (client) => {
      await client.query("SELECT pg_advisory_xact_lock(hashtextextended('parley.inbox ' || $1::integer || ' ' || $2::bigint, 0))", [own.appId, own.user.id]);
      const { rows } = await client.query<{ top_ms: string }>(
        `INSERT INTO inbox AS e (app_id, user_id, conversation_id, top_ms)
         SELECT $1, $2, $3, $4 WHERE (SELECT count(*) FROM inbox o
            WHERE o.app_id = $1 AND o.user_id = $2 AND o.top_ms IS NOT NULL AND o.conversation_id <> $3) < $5
         ON CONFLICT (app_id, user_id, conversation_id) DO UPDATE SET top_ms = coalesce(e.top_ms, excluded.top_ms)
         RETURNING top_ms`,
        [own.appId, own.user.id, own.conversationId, nowMs, most],
      );
      return rows[0] && BigInt(rows[0].top_ms);
    });
  }

  async unpin(own: OwnConversation): Promise<void> {
    await this.pool.query('UPDATE inbox SET top_ms = NULL WHERE app_id = $1 AND user_id = $2 AND conversation_id = $3', keyOf(own));
  }

  async mark(own: OwnConversation, mark: number): Promise<void> {
    await this.pool.query(
      `INSERT INTO inbox AS e (app_id, user_id, conversation_id, marks) VALUES ($1, $2, $3, $4)
       ON CONFLICT (app_id, user_id, conversation_id) DO UPDATE SET marks = e.marks | excluded.marks`,
      [...keyOf(own), 1 << mark],
    );
  }

  async unmark(own: OwnConversation, mark: number): Promise<void> {
    await this.pool.query('UPDATE inbox SET marks = marks & ~($4::integer) WHERE app_id = $1 AND user_id = $2 AND conversation_id = $3', [
      ...keyOf(own),
      1 << mark,
    ]);
  }

  /** Off the list until something newer is said, with pin and marks; what was unread counts as read. */
  async delete(own: OwnConversation, withHistory: boolean): Promise<void> {
    await this.pool.query(
      `INSERT INTO inbox AS e (app_id, user_id, conversation_id, read_id, deleted_id, cleared_id)
       SELECT $1, $2, $3, c.last, c.last, CASE WHEN $4 THEN c.last ELSE 0 END
         FROM (SELECT greatest(last_id, last_content_id) AS last FROM conversation WHERE app_id = $1 AND conversation_id = $3) c
       ON CONFLICT (app_id, user_id, conversation_id) DO UPDATE
         SET read_id = greatest(e.read_id, excluded.read_id), deleted_id = greatest(e.deleted_id, excluded.deleted_id),
             cleared_id = greatest(e.cleared_id, excluded.cleared_id), top_ms = NULL, marks = 0`,
      [...keyOf(own), withHistory],
    );
  }
}

function keyOf(own: OwnConversation): unknown[] {
  return [own.appId, own.user.id, own.conversationId];
}
