import type { Pool } from 'pg';
import type { Audience } from '../send/outgoing.js';

/** A message as its trace needs it. */
export interface TracedMessage {
  readonly conversationId: bigint;
  readonly seq: bigint;
  readonly senderId: bigint;
  readonly senderResource: string;
  readonly audience: Audience;
  /** Set when one device of the recipient is addressed. */
  readonly toResource: string | null;
  readonly bodyType: number;
  readonly state: number;
  readonly a: { readonly id: bigint; readonly name: string; readonly readAllId: bigint };
  readonly b: { readonly id: bigint; readonly name: string; readonly readAllId: bigint };
}

/** A row that refers to the message: a receipt, a recall, an edit. */
export interface Reference {
  readonly id: bigint;
  readonly bodyType: number;
  readonly senderId: bigint;
  readonly senderResource: string;
  readonly meta: Buffer;
}

export interface MarkRow {
  readonly kind: number;
  readonly userId: bigint;
  readonly resource: string;
  readonly atMs: number;
}

/** Rows read for one trace, of each kind, at most. */
const MOST_REFERENCES = 200;
const MOST_MARKS = 500;

/** Reads what is known of one message, by indexes only and never more than a few hundred rows. */
export class TraceStore {
  constructor(private readonly pool: Pool) {}

  async message(appId: number, id: bigint): Promise<TracedMessage | undefined> {
    const { rows } = await this.pool.query<Record<string, string> & { audience: Audience; body_type: number; state: number; to_resource: string | null }>(
      `SELECT m.conversation_id, m.seq, m.sender_id, m.sender_resource, m.audience, m.to_resource, m.body_type, m.state, c.user_a, c.user_b, c.name_a, c.name_b,
          coalesce(a.read_all_id, 0) AS read_a, coalesce(b.read_all_id, 0) AS read_b
        FROM message m
        JOIN conversation c ON c.app_id = m.app_id AND c.conversation_id = m.conversation_id
        LEFT JOIN inbox a ON a.app_id = c.app_id AND a.user_id = c.user_a AND a.conversation_id = c.conversation_id
        LEFT JOIN inbox b ON b.app_id = c.app_id AND b.user_id = c.user_b AND b.conversation_id = c.conversation_id
        WHERE m.id = $2 AND m.app_id = $1`,
      [appId, id],
    );
    const row = rows[0];
    return (
      row && {
        conversationId: BigInt(row['conversation_id']!),
        seq: BigInt(row['seq']!),
        senderId: BigInt(row['sender_id']!),
        senderResource: row['sender_resource']!,
        audience: row.audience,
        toResource: row.to_resource,
        bodyType: row.body_type,
        state: row.state,
        a: { id: BigInt(row['user_a']!), name: row['name_a']!, readAllId: BigInt(row['read_a']!) },
        b: { id: BigInt(row['user_b']!), name: row['name_b']!, readAllId: BigInt(row['read_b']!) },
      }
    );
  }

  async references(appId: number, conversationId: bigint, id: bigint): Promise<Reference[]> {
    const { rows } = await this.pool.query<{ id: string; body_type: number; sender_id: string; sender_resource: string; meta: Buffer }>(
      `SELECT id, body_type, sender_id, sender_resource, meta FROM message
        WHERE app_id = $1 AND conversation_id = $2 AND ack_id = $3 ORDER BY id LIMIT ${MOST_REFERENCES}`,
      [appId, conversationId, id],
    );
    return rows.map((row) => ({
      id: BigInt(row.id),
      bodyType: row.body_type,
      senderId: BigInt(row.sender_id),
      senderResource: row.sender_resource,
      meta: row.meta,
    }));
  }

  /** The first mark of each kind and device that covers the message. */
  async marks(appId: number, conversationId: bigint, id: bigint): Promise<MarkRow[]> {
    const { rows } = await this.pool.query<{ kind: number; user_id: string; resource: string; at_ms: string }>(
      `SELECT kind, user_id, resource, (extract(epoch FROM min(at)) * 1000)::bigint AS at_ms
        FROM (SELECT kind, user_id, resource, from_id, at FROM message_mark
          WHERE app_id = $1 AND conversation_id = $2 AND to_id >= $3 ORDER BY to_id LIMIT ${MOST_MARKS}) near
        WHERE from_id <= $3 GROUP BY kind, user_id, resource`,
      [appId, conversationId, id],
    );
    return rows.map((row) => ({ kind: row.kind, userId: BigInt(row.user_id), resource: row.resource, atMs: Number(row.at_ms) }));
  }

  /** Devices whose acknowledged position has passed the message. */
  async cursors(appId: number, conversationId: bigint, userIds: readonly bigint[], id: bigint): Promise<{ userId: bigint; resource: string }[]> {
    const { rows } = await this.pool.query<{ user_id: string; resource: string }>(
      `SELECT user_id, resource FROM device_cursor WHERE app_id = $1 AND user_id = ANY($2::bigint[]) AND conversation_id = $3 AND id >= $4
        ORDER BY user_id, resource LIMIT ${MOST_REFERENCES}`,
      [appId, userIds, conversationId, id],
    );
    return rows.map((row) => ({ userId: BigInt(row.user_id), resource: row.resource }));
  }
}
