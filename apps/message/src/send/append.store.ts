import type { Pool } from 'pg';
import type { Outgoing, Position } from './outgoing.js';

/** Appends batches to timelines in one transaction each (functions append_… of the migrations). */
export class AppendStore {
  constructor(
    private readonly pool: Pool,
    private readonly rememberDays: number,
  ) {}

  /**
   * @param batch at most 1024 messages, no two with the same sender, device and client id
   * @returns a position for each message, undefined where its conversation does not exist
   */
  append(batch: readonly Outgoing[]): Promise<(Position | undefined)[]> {
    return appendMessages(this.pool, batch, this.rememberDays);
  }
}

const PARAMETERS = `$1::integer[], $2::bigint[], $3::bigint[], $4::text[], $5::bigint[], $6::smallint[], $7::smallint[], $8::text[],
  $9::bytea[], $10::interval, $11::bigint[]`;

/** As AppendStore.append, in the transaction of a client where one is given. */
export async function appendMessages(
  database: Pick<Pool, 'query'>,
  batch: readonly Outgoing[],
  rememberDays: number,
): Promise<(Position | undefined)[]> {
  const [only] = batch;
  if (only && batch.length === 1 && only.expiry === undefined) return [await appendMessage(database, only, rememberDays)];
  // Only messages with a time to live need the statement that writes it down.
  const expiring = batch.some((m) => m.expiry !== undefined);
  const { rows } = await database.query<{ ord: string; id: string; seq: string; repeated: boolean }>({
    name: expiring ? 'append-expiring' : 'append',
    text: expiring
      ? `SELECT ord, id, seq, repeated FROM append_expiring_messages(${PARAMETERS}, $12::integer[], $13::boolean[])`
      : `SELECT ord, id, seq, repeated FROM append_messages(${PARAMETERS})`,
    values: [
      batch.map((m) => m.appId),
      batch.map((m) => m.conversationId),
      batch.map((m) => m.senderId),
      batch.map((m) => m.senderResource),
      batch.map((m) => BigInt.asIntN(64, m.clientId)),
      batch.map((m) => m.audience),
      batch.map((m) => m.bodyType),
      batch.map((m) => m.toResource),
      batch.map((m) => asBuffer(m.meta)),
      `${rememberDays} days`,
      batch.map((m) => m.ackId ?? null),
      ...(expiring ? [batch.map((m) => m.expiry?.ttlSeconds ?? null), batch.map((m) => m.expiry?.fromRead ?? null)] : []),
    ],
  });
  const positions = new Array<Position | undefined>(batch.length);
  for (const row of rows) {
    positions[Number(row.ord) - 1] = { id: BigInt(row.id), seq: BigInt(row.seq), repeated: row.repeated };
  }
  return positions;
}

/** What a message alone costs decides how fast a quiet server is: it has a function of its own. */
async function appendMessage(database: Pick<Pool, 'query'>, m: Outgoing, rememberDays: number): Promise<Position | undefined> {
  const { rows } = await database.query<{ id: string; seq: string; repeated: boolean }>({
    name: 'append-one',
    text: 'SELECT id, seq, repeated FROM append_message($1, $2, $3, $4, $5, $6::smallint, $7::smallint, $8, $9, $10::interval, $11)',
    values: [
      m.appId, m.conversationId, m.senderId, m.senderResource, BigInt.asIntN(64, m.clientId), m.audience, m.bodyType, m.toResource,
      asBuffer(m.meta), `${rememberDays} days`, m.ackId ?? null,
    ],
  });
  const [row] = rows;
  return row && { id: BigInt(row.id), seq: BigInt(row.seq), repeated: row.repeated };
}

/** pg encodes Buffers as bytea, but not plain Uint8Arrays inside an array. */
function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
