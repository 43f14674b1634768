import type { PoolClient } from 'pg';
import { appendMessages } from '../send/append.store.js';
import type { Delivery } from '../send/live-delivery.js';
import type { Audience, Position } from '../send/outgoing.js';
import type { Conversation } from './timeline.js';

/** What became of a message. Stored as a number: see the migration message_state. */
export const MessageState = { there: 0, recalled: 1, removed: 2, expired: 3 } as const;
export type MessageState = (typeof MessageState)[keyof typeof MessageState];

/** A row of a timeline. */
export interface TimelineRow {
  readonly id: bigint;
  readonly seq: bigint;
  readonly senderId: bigint;
  readonly senderResource: string;
  readonly audience: Audience;
  readonly bodyType: number;
  readonly toResource: string | null;
  readonly state: number;
  readonly edits: number;
  /** Encoded Meta without id and timestamp; empty when the message was taken away. */
  readonly meta: Buffer;
}

/** One transaction that holds the rows of its conversations. */
export class TimelineChange {
  readonly appended: { delivery: Delivery; position: Position }[] = [];
  /** The store's clock, milliseconds since 1970. */
  readonly nowMs: number;
  /** No other change that asked to be alone with the same message was under way when this one began. */
  readonly alone: boolean;

  constructor(
    readonly client: PoolClient,
    private readonly conversations: ReadonlyMap<bigint, Conversation>,
    private readonly options: { nowMs: number; rememberDays: number; alone: boolean },
  ) {
    this.nowMs = options.nowMs;
    this.alone = options.alone;
  }

  conversation(id: bigint): Conversation {
    return this.conversations.get(id)!;
  }

  /** Messages of the conversation, by id. */
  async messages({ appId, conversationId }: Conversation, ids: readonly bigint[]): Promise<Map<bigint, TimelineRow>> {
    const { rows } = await this.client.query<Row>({
      name: 'timeline-rows',
      text: `SELECT ${COLUMNS} FROM message WHERE app_id = $1 AND conversation_id = $2 AND id = ANY($3::bigint[])`,
      values: [appId, conversationId, ids],
    });
    return new Map(rows.map((row) => [BigInt(row.id), rowOf(row)]));
  }

  /** The row that an earlier try left: of the same client id, kind (MSYNC's type) and message that it is about. */
  async firstTry(
    { appId, conversationId }: Conversation,
    by: { senderId: bigint; senderResource: string; clientId: bigint; kind: number; messageId: bigint },
  ): Promise<TimelineRow | undefined> {
    const { rows } = await this.client.query<Row>({
      name: 'timeline-first-try',
      text: `SELECT ${COLUMNS} FROM message WHERE app_id = $1 AND conversation_id = $2 AND client_id = $3
        AND sender_id = $4 AND sender_resource = $5 AND id > id_at(now() - $6::interval) AND body_type >> 4 = $7 AND ack_id = $8 LIMIT 1`,
      values: [appId, conversationId, BigInt.asIntN(64, by.clientId), by.senderId, by.senderResource, `${this.options.rememberDays} days`, by.kind, by.messageId],
    });
    return rows[0] && rowOf(rows[0]);
  }

  /**
   * Takes messages away for everybody: their content, that of their edits, their time to live and their reactions. The rows
   * stay, since positions have no holes.
   */
  async takeAway({ appId, conversationId }: Conversation, ids: readonly bigint[], state: MessageState): Promise<void> {
    const key = [appId, conversationId, ids];
    await this.client.query(
      `UPDATE message SET state = $4, meta = '' WHERE app_id = $1 AND conversation_id = $2 AND state = 0
         AND (id = ANY($3::bigint[]) OR (ack_id = ANY($3::bigint[]) AND body_type >> 4 = 8))`,
      [...key, state],
    );
    await this.client.query('DELETE FROM message_expiry WHERE app_id = $1 AND conversation_id = $2 AND message_id = ANY($3::bigint[])', key);
    await this.client.query('DELETE FROM reaction WHERE app_id = $1 AND message_id = ANY($2::bigint[])', [appId, ids]);
  }

  /** Appends to one of the held conversations; it is told after the commit. */
  async append(delivery: Delivery): Promise<Position> {
    const [position] = await appendMessages(this.client, [delivery], this.options.rememberDays);
    if (!position) throw new Error('a conversation that is held does not exist');
    this.appended.push({ delivery, position });
    return position;
  }

  /** A row of an earlier try: it may be that nobody heard of it. */
  tellAgain(delivery: Delivery, row: TimelineRow): void {
    this.appended.push({ delivery, position: { id: row.id, seq: row.seq, repeated: true } });
  }
}

const COLUMNS = 'id, seq, sender_id, sender_resource, audience, body_type, to_resource, state, edits, meta';

interface Row {
  id: string;
  seq: string;
  sender_id: string;
  sender_resource: string;
  audience: number;
  body_type: number;
  to_resource: string | null;
  state: number;
  edits: number;
  meta: Buffer;
}

function rowOf(row: Row): TimelineRow {
  return {
    id: BigInt(row.id),
    seq: BigInt(row.seq),
    senderId: BigInt(row.sender_id),
    senderResource: row.sender_resource,
    audience: row.audience as Audience,
    bodyType: row.body_type,
    toResource: row.to_resource,
    state: row.state,
    edits: row.edits,
    meta: row.meta,
  };
}
