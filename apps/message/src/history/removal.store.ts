import type { Pool } from 'pg';
import type { OwnConversation } from '../conversation/conversation-access.js';

/** Takes messages away: for one user, or for all. Nothing here deletes a row of a timeline. */
export class RemovalStore {
  constructor(private readonly pool: Pool) {}

  /** Hides those of the messages that are in this conversation. */
  async hide(own: OwnConversation, ids: readonly bigint[]): Promise<void> {
    await this.pool.query({
      name: 'hide-messages',
      text: `WITH hidden AS (
          INSERT INTO hidden_message (app_id, user_id, conversation_id, id)
          SELECT $1, $2, $3, m.id FROM message m WHERE m.app_id = $1 AND m.conversation_id = $3 AND m.id = ANY ($4::bigint[])
          ON CONFLICT DO NOTHING RETURNING 1)
        INSERT INTO inbox (app_id, user_id, conversation_id, hides)
        SELECT $1, $2, $3, true WHERE EXISTS (SELECT 1 FROM hidden)
        ON CONFLICT (app_id, user_id, conversation_id) DO UPDATE SET hides = true`,
      values: [own.appId, own.user.id, own.conversationId, ids],
    });
  }

  /** @param upTo the largest id that is cleared; what is not yet said cannot be */
  async clear(own: OwnConversation, upTo: bigint): Promise<void> {
    await this.pool.query({
      name: 'clear-history',
      text: `INSERT INTO inbox AS e (app_id, user_id, conversation_id, cleared_id)
        SELECT $1, $2, $3, least($4, greatest(c.last_id, c.last_content_id)) FROM conversation c
         WHERE c.app_id = $1 AND c.conversation_id = $3
        ON CONFLICT (app_id, user_id, conversation_id) DO UPDATE SET cleared_id = greatest(e.cleared_id, excluded.cleared_id)`,
      values: [own.appId, own.user.id, own.conversationId, upTo],
    });
  }

  /** Clears and takes off the list every conversation of the user, but not his system queue. */
  async clearEverything(appId: number, userId: bigint): Promise<void> {
    await this.pool.query({
      name: 'clear-everything',
      text: `INSERT INTO inbox AS e (app_id, user_id, conversation_id, read_id, cleared_id, deleted_id)
        SELECT $1, $2, c.conversation_id, c.last, c.last, c.last FROM (
          SELECT a.conversation_id, greatest(a.last_id, a.last_content_id) AS last FROM conversation a
           WHERE a.app_id = $1 AND a.user_a = $2
          UNION ALL
          SELECT b.conversation_id, greatest(b.last_id, b.last_content_id) FROM conversation b
           WHERE b.app_id = $1 AND b.user_b = $2 AND b.user_a <> $2 AND b.user_a <> 0) c
         ORDER BY c.conversation_id
        ON CONFLICT (app_id, user_id, conversation_id) DO UPDATE
          SET read_id = greatest(e.read_id, excluded.read_id), cleared_id = greatest(e.cleared_id, excluded.cleared_id),
              deleted_id = greatest(e.deleted_id, excluded.deleted_id), top_ms = NULL, marks = 0`,
      values: [appId, userId],
    });
  }

  /** @returns false when there is no such message, or it was taken away by other means */
  async removeForAll(appId: number, id: bigint): Promise<boolean> {
    const { rowCount } = await this.pool.query({
      name: 'remove-for-all',
      text: `WITH gone AS (
          UPDATE message SET state = 2, meta = '' WHERE app_id = $1 AND id = $2 AND state IN (0, 2) AND is_content(body_type)
          RETURNING app_id, conversation_id, id), unpinned AS (
          DELETE FROM pinned_message p USING gone g
           WHERE p.app_id = g.app_id AND p.conversation_id = g.conversation_id AND p.id = g.id)
        SELECT 1 FROM gone`,
      values: [appId, id],
    });
    return (rowCount ?? 0) > 0;
  }

  /** One row of the app by its id alone: the partition by range, the page by the block index on id. */
  async find(appId: number, id: bigint): Promise<FoundMessage | undefined> {
    const { rows } = await this.pool.query<FoundMessage>({
      name: 'find-message',
      text: `SELECT m.conversation_id, m.seq, m.state, m.edits, m.meta,
          CASE WHEN m.sender_id = c.user_a THEN c.name_a ELSE c.name_b END AS sender,
          CASE WHEN m.sender_id = c.user_a THEN c.name_b ELSE c.name_a END AS recipient
        FROM message m JOIN conversation c ON c.app_id = m.app_id AND c.conversation_id = m.conversation_id
        WHERE m.app_id = $1 AND m.id = $2 AND m.body_type < 48`,
      values: [appId, id],
    });
    return rows[0];
  }
}

export interface FoundMessage {
  readonly conversation_id: string;
  readonly seq: string;
  readonly state: number;
  readonly edits: number;
  readonly meta: Buffer;
  readonly sender: string;
  readonly recipient: string;
}
