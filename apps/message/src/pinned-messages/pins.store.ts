import { inTransaction } from '@parley/db';
import type { Pool } from 'pg';
import type { OwnConversation } from '../conversation/conversation-access.js';

export interface PinnedRow {
  readonly id: string;
  readonly operator: string;
  readonly pinned_ms: string;
  readonly meta: Buffer;
}

/** Pinned messages of conversations. */
export class PinStore {
  constructor(private readonly pool: Pool) {}

  /**
   * Pins a message that the user sees. Counted under a lock of the conversation's, without those whose message is gone.
   * @returns `missing` when he sees no such message, `full` when as many are pinned as may be
   */
  async pin(own: OwnConversation, id: bigint, floor: bigint, nowMs: number, most: number): Promise<'pinned' | 'missing' | 'full'> {
    return inTransaction(this.pool, async (client) => {
      await client.query("SELECT pg_advisory_xact_lock(hashtextextended('parley.pins ' || $1::integer || ' ' || $2::bigint, 0))", [own.appId, own.conversationId]);
      const { rows } = await client.query<{ seen: boolean; pinned: boolean; count: number }>(
        `SELECT EXISTS (SELECT 1 FROM message m WHERE m.app_id = $1 AND m.conversation_id = $2 AND m.id = $3 AND m.id > $4 AND m.id >= $6
              AND is_shown(m.body_type, m.state, m.audience, m.to_resource, m.sender_id, $5)
              AND NOT EXISTS (SELECT 1 FROM hidden_message h WHERE h.app_id = $1 AND h.user_id = $5 AND h.conversation_id = $2 AND h.id = $3)) AS seen,
           EXISTS (SELECT 1 FROM pinned_message p WHERE p.app_id = $1 AND p.conversation_id = $2 AND p.id = $3) AS pinned,
           (SELECT count(*)::integer FROM pinned_message p JOIN message m ON m.app_id = p.app_id AND m.conversation_id = p.conversation_id AND m.id = p.id
             WHERE p.app_id = $1 AND p.conversation_id = $2 AND m.state = 0 AND m.id >= $6) AS count`,
        [own.appId, own.conversationId, id, own.clearedId, own.user.id, floor],
      );
      const { seen, pinned, count } = rows[0]!;
      const outcome = !seen ? 'missing' : !pinned && count >= most ? 'full' : 'pinned';
      if (outcome === 'pinned') {
        await client.query(
          'INSERT INTO pinned_message (app_id, conversation_id, id, operator, pinned_ms) VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING',
          [own.appId, own.conversationId, id, own.user.name, nowMs],
        );
      }
      return outcome;
    });
  }

  /** @returns false when it was not pinned */
  async unpin(own: OwnConversation, id: bigint): Promise<boolean> {
    const { rowCount } = await this.pool.query('DELETE FROM pinned_message WHERE app_id = $1 AND conversation_id = $2 AND id = $3', [
      own.appId,
      own.conversationId,
      id,
    ]);
    return (rowCount ?? 0) > 0;
  }

  /** Those whose message this user sees, the one pinned last first. @param before time and id of the last one of the page before */
  async list(own: OwnConversation, floor: bigint, before: { ms: bigint; id: bigint } | undefined, limit: number): Promise<PinnedRow[]> {
    const { rows } = await this.pool.query<PinnedRow>({
      name: 'pinned-messages',
      text: `SELECT p.id, p.operator, p.pinned_ms, m.meta FROM pinned_message p
        JOIN message m ON m.app_id = p.app_id AND m.conversation_id = p.conversation_id AND m.id = p.id
        WHERE p.app_id = $1 AND p.conversation_id = $2 AND p.id > $3 AND p.id >= $4 AND ($5::bigint IS NULL OR (p.pinned_ms, p.id) < ($5, $6))
          AND is_shown(m.body_type, m.state, m.audience, m.to_resource, m.sender_id, $7)
          AND NOT EXISTS (SELECT 1 FROM hidden_message h WHERE h.app_id = $1 AND h.user_id = $7 AND h.conversation_id = $2 AND h.id = p.id)
        ORDER BY p.pinned_ms DESC, p.id DESC LIMIT $8`,
      values: [own.appId, own.conversationId, own.clearedId, floor, before?.ms ?? null, before?.id ?? 0n, own.user.id, limit],
    });
    return rows;
  }
}
