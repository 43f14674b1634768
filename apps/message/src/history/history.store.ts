import type { Pool } from 'pg';
import type { OwnConversation } from '../conversation/conversation-access.js';
import type { Walk } from './history.rules.js';

export interface HistoryRow {
  readonly id: bigint;
  readonly senderId: bigint;
  readonly bodyType: number;
  /** Without id and timestamp; null where the row is not shown. */
  readonly meta: Buffer | null;
}

/** Which of the messages that a user sees are asked for. */
export interface Filter {
  /** Stored types; none = all. */
  readonly contentTypes: readonly number[];
  readonly senderId: bigint | undefined;
}

/** Receipts of some messages, by id. */
export interface Receipts {
  readonly delivered: ReadonlySet<bigint>;
  readonly read: ReadonlySet<bigint>;
}

const READ_ACK = 4;

/** Reads timelines as history shows them. */
export class HistoryStore {
  constructor(private readonly pool: Pool) {}

  /** The next rows of the walk, those that are not shown without their meta. */
  async rows(own: OwnConversation, walk: Walk, filter: Filter, count: number): Promise<HistoryRow[]> {
    const { rows } = await this.pool.query<{ id: string; sender_id: string; body_type: number; meta: Buffer | null }>({
      name: 'history-rows',
      text: `SELECT id, sender_id, body_type, meta FROM history_rows($1::integer, $2::bigint, $3::bigint, $4::boolean, $5::bigint, $6::bigint,
        $7::smallint[], $8::bigint, $9::boolean, $10::integer)`,
      values: [
        own.appId,
        own.conversationId,
        own.user.id,
        walk.forward,
        walk.after > own.clearedId ? walk.after : own.clearedId,
        walk.before,
        filter.contentTypes.length > 0 ? filter.contentTypes : null,
        filter.senderId ?? null,
        own.hides,
        count,
      ],
    });
    return rows.map((row) => ({ id: BigInt(row.id), senderId: BigInt(row.sender_id), bodyType: row.body_type, meta: row.meta }));
  }

  /** Which of these messages were delivered and read, by the receipts in the same timeline. */
  async receipts(own: OwnConversation, ids: readonly bigint[]): Promise<Receipts> {
    const delivered = new Set<bigint>();
    const read = new Set<bigint>();
    if (ids.length === 0) return { delivered, read };
    const { rows } = await this.pool.query<{ ack_id: string; kind: number }>({
      name: 'history-receipts',
      text: 'SELECT ack_id, kind FROM history_receipts($1::integer, $2::bigint, $3::bigint[], $4::bigint)',
      values: [own.appId, own.conversationId, ids, ids.reduce((a, b) => (a < b ? a : b))],
    });
    for (const row of rows) (row.kind === READ_ACK ? read : delivered).add(BigInt(row.ack_id));
    return { delivered, read };
  }
}
