import type { Pool } from 'pg';

/** A conversation in the list of one user. */
export interface ListedRow {
  readonly conversation_id: string;
  readonly peer: string;
  readonly last_content_id: string;
  readonly top_ms: string | null;
  readonly marks: number;
  readonly unread: number;
  /** The newest message that this user sees; null = none. */
  readonly last_id: string | null;
  readonly last_meta: Buffer | null;
}

export interface ListQuery {
  readonly appId: number;
  readonly userId: bigint;
  readonly limit: number;
  readonly skip: number;
  /** Behind this one: position in the order (newest content, or time of pinning), and conversation. */
  readonly after: { readonly position: bigint; readonly conversationId: bigint } | undefined;
  readonly topOnly: boolean;
  readonly marks: number;
  readonly withoutEmpty: boolean;
  /** Messages sent over REST put their conversation into the list. */
  readonly rest: boolean;
  readonly most: number;
  /** The smallest id to be seen. */
  readonly floor: bigint;
}

/** Counts stop here. */
export const MOST_UNREAD = 999;

/**
 * SQL of one page, shown here for the test of its plan: the user's conversations by index, sorted, and for those of the page
 * alone the newest message and the count. Receipts between the messages are read over, up to a bound.
 */
export const listQuery = `
  WITH mine AS (
    SELECT a.conversation_id, a.name_b AS peer, a.last_content_id, CASE WHEN $8 THEN a.last_content_id ELSE a.last_device_content_id END AS act
      FROM conversation a WHERE a.app_id = $1 AND a.user_a = $2
    UNION ALL
    SELECT b.conversation_id, b.name_a, b.last_content_id, CASE WHEN $8 THEN b.last_content_id ELSE b.last_device_content_id END
      FROM conversation b WHERE b.app_id = $1 AND b.user_b = $2 AND b.user_a <> $2 AND b.user_a <> 0
  ), listed AS (
    SELECT DISTINCT ON (m.peer) m.*, e.top_ms, coalesce(e.marks, 0) AS marks,
           greatest(e.cleared_id, $9::bigint - 1, 0) AS from_id, greatest(e.read_id, e.cleared_id, $9::bigint - 1, 0) AS read_id, coalesce(e.hides, false) AS hides
      FROM mine m LEFT JOIN inbox e ON e.app_id = $1 AND e.user_id = $2 AND e.conversation_id = m.conversation_id
     WHERE m.act > coalesce(e.deleted_id, 0) OR e.top_ms IS NOT NULL OR e.marks <> 0
     ORDER BY m.peer, m.last_content_id DESC
  ), kept AS (
    SELECT * FROM listed l ORDER BY l.top_ms IS NULL, l.last_content_id DESC LIMIT $10
  ), placed AS (
    SELECT k.*, CASE WHEN $5 THEN coalesce(k.top_ms, 0) ELSE k.last_content_id END AS position FROM kept k
     WHERE (NOT $5 OR k.top_ms IS NOT NULL) AND k.marks & $6 = $6
  )
  SELECT p.conversation_id, p.peer, p.last_content_id, p.top_ms, p.marks, p.position, u.n::integer AS unread, l.id AS last_id, l.meta AS last_meta
    FROM placed p
    LEFT JOIN LATERAL (
      SELECT s.id, s.meta FROM (
        SELECT m.* FROM message m WHERE m.app_id = $1 AND m.conversation_id = p.conversation_id AND m.id > p.from_id
         ORDER BY m.id DESC LIMIT 500) s
       WHERE is_shown(s.body_type, s.state, s.audience, s.to_resource, s.sender_id, $2)
         AND NOT (p.hides AND EXISTS (SELECT 1 FROM hidden_message h
           WHERE h.app_id = $1 AND h.user_id = $2 AND h.conversation_id = p.conversation_id AND h.id = s.id))
       LIMIT 1) l ON true
    CROSS JOIN LATERAL (
      SELECT count(*) AS n FROM (
        SELECT 1 FROM (
          SELECT m.* FROM message m WHERE m.app_id = $1 AND m.conversation_id = p.conversation_id AND m.id > p.read_id
           ORDER BY m.id LIMIT 5000) s
         WHERE s.sender_id <> $2 AND s.seq > 0 AND is_shown(s.body_type, s.state, s.audience, s.to_resource, s.sender_id, $2)
           AND NOT (p.hides AND EXISTS (SELECT 1 FROM hidden_message h
             WHERE h.app_id = $1 AND h.user_id = $2 AND h.conversation_id = p.conversation_id AND h.id = s.id))
         LIMIT ${MOST_UNREAD}) few) u
   WHERE ($3::bigint IS NULL OR (p.position, p.conversation_id) < ($3, $4)) AND (NOT $7 OR l.id IS NOT NULL)
   ORDER BY p.position DESC, p.conversation_id DESC LIMIT $11 OFFSET $12`;

/** Reads the list of a user's conversations. */
export class ListStore {
  constructor(private readonly pool: Pool) {}

  async page(q: ListQuery): Promise<(ListedRow & { position: string })[]> {
    const { rows } = await this.pool.query<ListedRow & { position: string }>({
      name: 'conversation-list',
      text: listQuery,
      values: [
        q.appId,
        q.userId,
        q.after?.position ?? null,
        q.after?.conversationId ?? 0n,
        q.topOnly,
        q.marks,
        q.withoutEmpty,
        q.rest,
        q.floor,
        q.most,
        q.limit,
        q.skip,
      ],
    });
    return rows;
  }
}
