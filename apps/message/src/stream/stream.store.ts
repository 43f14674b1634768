import { inTransaction } from '@parley/db';
import type { Pool, PoolClient } from 'pg';
import type { StreamState } from './stream.rules.js';

/** A stream as its row says. */
export interface StreamRow {
  readonly appId: number;
  readonly messageId: bigint;
  /** undefined: nobody gets it. */
  readonly conversationId: bigint | undefined;
  readonly senderId: bigint;
  readonly sender: string;
  readonly recipientId: bigint | undefined;
  readonly recipient: string;
  readonly appKey: string;
  readonly textType: string;
  readonly ext: readonly Buffer[];
  readonly content: string;
  readonly seq: bigint;
  readonly state: StreamState;
  readonly sinceStartMs: number;
  readonly sinceLastMs: number;
}

interface Columns {
  app_id: number;
  message_id: string;
  conversation_id: string | null;
  sender_id: string;
  sender: string;
  recipient_id: string | null;
  recipient: string;
  app_key: string;
  text_type: string;
  ext: Buffer[];
  content: string;
  seq: string;
  state: StreamState;
  since_start_ms: number;
  since_last_ms: number;
}

const COLUMNS = `app_id, message_id, conversation_id, sender_id, sender, recipient_id, recipient, app_key, text_type, ext, content, seq, state,
  (extract(epoch FROM now() - started_at) * 1000)::float8 AS since_start_ms, (extract(epoch FROM now() - last_at) * 1000)::float8 AS since_last_ms`;
const REMEMBERED = '1 day';

/** Streams under way, and for a day those that are over. */
export class StreamStore {
  constructor(private readonly pool: Pool) {}

  /** @returns false when it is there already: the first chunk was tried before */
  async begin(stream: Omit<StreamRow, 'sinceStartMs' | 'sinceLastMs'>): Promise<boolean> {
    const { rowCount } = await this.pool.query(
      `INSERT INTO stream_message (app_id, message_id, conversation_id, sender_id, sender, recipient_id, recipient, app_key, text_type, ext, content, seq, state)
       VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13) ON CONFLICT DO NOTHING`,
      [
        ...[stream.appId, stream.messageId, stream.conversationId ?? null, stream.senderId, stream.sender, stream.recipientId ?? null],
        ...[stream.recipient, stream.appKey, stream.textType, stream.ext, stream.content, stream.seq, stream.state],
      ],
    );
    return rowCount === 1;
  }

  /** Runs `work` with the row of the stream locked, in one transaction; undefined: there is no such stream. */
  async locked<T>(appId: number, messageId: bigint, work: (stream: StreamRow | undefined, client: PoolClient) => Promise<T>): Promise<T> {
    return inTransaction(this.pool, async (client) => {
      const { rows } = await client.query<Columns>(`SELECT ${COLUMNS} FROM stream_message WHERE app_id = $1 AND message_id = $2 FOR UPDATE`, [appId, messageId]);
      return work(rows[0] && rowOf(rows[0]), client);
    });
  }

  /** Runs `work` with some of the streams that have had no chunk for so long, locked, in one transaction. */
  async overdue(limits: { betweenChunksMs: number; inAllMs: number }, most: number, work: (streams: StreamRow[], client: PoolClient) => Promise<void>): Promise<void> {
    await inTransaction(this.pool, async (client) => {
      const { rows } = await client.query<Columns>(
        `SELECT ${COLUMNS} FROM stream_message WHERE state = 0
           AND (last_at < now() - make_interval(secs => $1) OR started_at < now() - make_interval(secs => $2))
         ORDER BY app_id, message_id LIMIT $3 FOR UPDATE SKIP LOCKED`,
        [limits.betweenChunksMs / 1_000, limits.inAllMs / 1_000, most],
      );
      await work(rows.map(rowOf), client);
    });
  }

  async save(stream: StreamRow, client: PoolClient): Promise<void> {
    await client.query('UPDATE stream_message SET content = $3, seq = $4, state = $5, last_at = now() WHERE app_id = $1 AND message_id = $2', [
      stream.appId,
      stream.messageId,
      stream.content,
      stream.seq,
      stream.state,
    ]);
  }

  /** Puts the text so far into the timeline. @returns false when the message was taken away (recalled, expired) */
  async writeMessage(stream: StreamRow, meta: Buffer, client: PoolClient): Promise<boolean> {
    if (stream.conversationId === undefined) return true;
    const { rowCount } = await client.query(
      'UPDATE message SET meta = $4 WHERE app_id = $1 AND conversation_id = $2 AND id = $3 AND state = 0',
      [stream.appId, stream.conversationId, stream.messageId, meta],
    );
    return rowCount === 1;
  }

  async forgetOld(): Promise<void> {
    await this.pool.query('DELETE FROM stream_message WHERE state > 0 AND last_at < now() - $1::interval', [REMEMBERED]);
  }
}

function rowOf(row: Columns): StreamRow {
  return {
    appId: row.app_id,
    messageId: BigInt(row.message_id),
    conversationId: row.conversation_id === null ? undefined : BigInt(row.conversation_id),
    senderId: BigInt(row.sender_id),
    sender: row.sender,
    recipientId: row.recipient_id === null ? undefined : BigInt(row.recipient_id),
    recipient: row.recipient,
    appKey: row.app_key,
    textType: row.text_type,
    ext: row.ext,
    content: row.content,
    seq: BigInt(row.seq),
    state: row.state,
    sinceStartMs: row.since_start_ms,
    sinceLastMs: row.since_last_ms,
  };
}
