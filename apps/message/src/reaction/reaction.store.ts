import type { Pool, PoolClient } from 'pg';

/** One kind of reaction to a message, as one user sees it. */
export interface ReactionSummary {
  readonly messageId: bigint;
  readonly reactionId: bigint;
  readonly reaction: string;
  readonly count: number;
  /** The asking user is one of those. */
  readonly mine: boolean;
  /** The first three. */
  readonly usernames: readonly string[];
}

export interface Reactor {
  readonly userId: bigint;
  readonly username: string;
}

const FIRST_USERS = 3;

/** Reactions to messages. What belongs to one change is done in the transaction that the caller holds. */
export class ReactionStore {
  constructor(private readonly pool: Pool) {}

  /**
   * Reactions to messages, kinds in the order of their coming. For history: MessageBody.meta and REST messages show them as
   * `reactionMeta`.
   * @param userId whose own reactions are marked
   */
  async reactionsOf(appId: number, messageIds: readonly bigint[], userId: bigint): Promise<Map<bigint, ReactionSummary[]>> {
    const found = new Map<bigint, ReactionSummary[]>();
    if (messageIds.length === 0) return found;
    for (const row of await summaries(this.pool, appId, messageIds, userId, undefined)) {
      const list = found.get(row.messageId) ?? [];
      found.set(row.messageId, list);
      list.push(row);
    }
    return found;
  }

  async summary(database: Pick<PoolClient, 'query'> | undefined, key: { appId: number; messageId: bigint; reaction: string }, userId: bigint): Promise<ReactionSummary | undefined> {
    return (await summaries(database ?? this.pool, key.appId, [key.messageId], userId, key.reaction))[0];
  }

  /** Who gave a reaction, after a cursor: time and id of the last one seen. */
  async reactors(key: { appId: number; messageId: bigint; reaction: string }, after: { atMicros: bigint; userId: bigint } | undefined, limit: number) {
    const { rows } = await this.pool.query<{ user_id: string; username: string; at_micros: string }>({
      name: 'reactors',
      text: `SELECT user_id, username, (extract(epoch FROM reacted_at) * 1000000)::bigint AS at_micros FROM reaction_by
        WHERE app_id = $1 AND message_id = $2 AND reaction = $3 AND ((extract(epoch FROM reacted_at) * 1000000)::bigint, user_id) > ($4, $5)
        ORDER BY 3, 1 LIMIT $6`,
      values: [key.appId, key.messageId, key.reaction, after?.atMicros ?? -1n, after?.userId ?? 0n, limit],
    });
    return rows.map((row) => ({ username: row.username, atMicros: BigInt(row.at_micros), userId: BigInt(row.user_id) }));
  }

  /**
   * Adds a user's reaction. The caller holds the message's conversation, so kinds can be counted.
   * @returns the kind's id and times; 'repeated' when he has given it already, 'full' when the message has all its kinds
   */
  async add(client: PoolClient, key: { appId: number; messageId: bigint; reaction: string }, by: Reactor, mostKinds: number) {
    const { rows: kinds } = await client.query<{ reaction: string }>('SELECT reaction FROM reaction WHERE app_id = $1 AND message_id = $2', [
      key.appId,
      key.messageId,
    ]);
    if (!kinds.some((kind) => kind.reaction === key.reaction) && kinds.length >= mostKinds) return 'full' as const;
    const { rows } = await client.query<{ reaction_id: string; created_ms: string; updated_ms: string }>(
      `INSERT INTO reaction AS r (app_id, message_id, reaction) VALUES ($1, $2, $3)
       ON CONFLICT (app_id, message_id, reaction) DO UPDATE SET updated_at = now()
       RETURNING reaction_id, (extract(epoch FROM created_at) * 1000)::bigint AS created_ms, (extract(epoch FROM updated_at) * 1000)::bigint AS updated_ms`,
      [key.appId, key.messageId, key.reaction],
    );
    const { rowCount } = await client.query(
      'INSERT INTO reaction_by (app_id, message_id, reaction, user_id, username) VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING',
      [key.appId, key.messageId, key.reaction, by.userId, by.username],
    );
    if (rowCount === 0) return 'repeated' as const;
    const row = rows[0]!;
    return { reactionId: BigInt(row.reaction_id), createdMs: BigInt(row.created_ms), updatedMs: BigInt(row.updated_ms) };
  }

  /** Takes a user's reaction back; false when he had not given it. A kind that nobody gives any more goes. */
  async remove(client: PoolClient, key: { appId: number; messageId: bigint; reaction: string }, userId: bigint): Promise<boolean> {
    const values = [key.appId, key.messageId, key.reaction];
    const { rowCount } = await client.query('DELETE FROM reaction_by WHERE app_id = $1 AND message_id = $2 AND reaction = $3 AND user_id = $4', [
      ...values,
      userId,
    ]);
    if (rowCount === 0) return false;
    await client.query(
      `DELETE FROM reaction r WHERE app_id = $1 AND message_id = $2 AND reaction = $3 AND NOT EXISTS (
         SELECT 1 FROM reaction_by b WHERE b.app_id = r.app_id AND b.message_id = r.message_id AND b.reaction = r.reaction)`,
      values,
    );
    return true;
  }
}

/** Reactions as MessageBody.meta and the messages of REST answers show them. */
export function reactionMeta(list: readonly ReactionSummary[]): { reaction: string; count: number; state: boolean; userList: readonly string[] }[] {
  return list.map((one) => ({ reaction: one.reaction, count: one.count, state: one.mine, userList: one.usernames }));
}

async function summaries(
  database: Pick<PoolClient, 'query'>,
  appId: number,
  messageIds: readonly bigint[],
  userId: bigint,
  reaction: string | undefined,
): Promise<ReactionSummary[]> {
  const { rows } = await database.query<{ message_id: string; reaction_id: string; reaction: string; count: number; mine: boolean; usernames: string[] }>({
    name: 'reaction-summaries',
    text: `SELECT r.message_id, r.reaction_id, r.reaction, count(*)::integer AS count, bool_or(b.user_id = $3) AS mine,
        (array_agg(b.username ORDER BY b.reacted_at, b.user_id))[1:${FIRST_USERS}] AS usernames
      FROM reaction r JOIN reaction_by b ON b.app_id = r.app_id AND b.message_id = r.message_id AND b.reaction = r.reaction
      WHERE r.app_id = $1 AND r.message_id = ANY($2::bigint[]) AND ($4::text IS NULL OR r.reaction = $4)
      GROUP BY r.message_id, r.reaction_id, r.reaction ORDER BY r.message_id, r.reaction_id`,
    values: [appId, messageIds, userId, reaction ?? null],
  });
  return rows.map((row) => ({
    messageId: BigInt(row.message_id),
    reactionId: BigInt(row.reaction_id),
    reaction: row.reaction,
    count: row.count,
    mine: row.mine,
    usernames: row.usernames,
  }));
}
