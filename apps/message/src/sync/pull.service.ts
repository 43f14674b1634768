import type { message } from '@parley/contracts';
import { idToMilliseconds } from '@parley/kernel';
import { completeMeta } from '@parley/msync';
import type { Pool } from 'pg';

const MOST_ENTRIES = 200;
/** A page also ends here, so that it fits the bus and no client gets a huge frame. */
const MOST_BYTES = 256 * 1024;

interface Queue {
  conversation_id: string;
  self: boolean;
  after_id: string;
  after_seq: string;
  cleared_id: string;
  hides: boolean;
}

interface Row {
  id: string;
  seq: string;
  meta: Buffer | null;
}

/** Reads a page of one timeline as one device sees it. */
export class PullService {
  constructor(private readonly pool: Pool) {}

  async pull(request: message.PullRequest): Promise<message.PullResponse> {
    const queue = await this.#queue(request);
    if (!queue) return { conversationId: 0n, entries: [], lastId: 0n, lastSeq: 0n, hasMore: false };

    const after = request.afterId ?? BigInt(queue.after_id);
    const from = later(after, BigInt(queue.cleared_id));
    const limit = Math.min(Math.max(request.limit, 1), MOST_ENTRIES);
    const { rows: found } = await this.pool.query<Row>({
      name: 'pull',
      text: `SELECT id, seq,
          CASE WHEN state = 0 AND device_gets(sender_id, sender_resource, audience, to_resource, $5, $6, $7)
            AND NOT ($8 AND EXISTS (SELECT 1 FROM hidden_message h
              WHERE h.app_id = $1 AND h.user_id = $6 AND h.conversation_id = $2 AND h.id = m.id)) THEN meta END AS meta
        FROM message m WHERE app_id = $1 AND conversation_id = $2 AND id > $3 AND seq > 0 ORDER BY id LIMIT $4`,
      values: [
        request.tenant!.appId,
        queue.conversation_id,
        from,
        limit,
        queue.self,
        request.userId,
        request.resource,
        queue.hides,
      ],
    });
    const rows = upTo(MOST_BYTES, found);
    const last = rows.at(-1);
    return {
      conversationId: BigInt(queue.conversation_id),
      entries: rows.flatMap((row) => {
        if (row.meta === null) return [];
        const id = BigInt(row.id);
        return [{ id, seq: BigInt(row.seq), meta: completeMeta(id, BigInt(idToMilliseconds(id)), row.meta) }];
      }),
      lastId: last ? BigInt(last.id) : after,
      lastSeq: last ? BigInt(last.seq) : request.afterId === undefined ? BigInt(queue.after_seq) : 0n,
      hasMore: found.length === limit || rows.length < found.length,
    };
  }

  /**
   * The conversation and the device's cursor in it; the user must be one of the two. By name, a queue with something
   * unread comes first: a deleted user and a later one of the same name have a conversation each.
   */
  async #queue(request: message.PullRequest): Promise<Queue | undefined> {
    const byId = request.conversationId !== 0n;
    const { rows } = await this.pool.query<Queue>({
      name: byId ? 'queue-by-id' : 'queue-by-peer',
      text: `SELECT c.conversation_id, c.user_a = c.user_b AS self, coalesce(d.id, 0) AS after_id, coalesce(d.seq, 0) AS after_seq,
          coalesce(e.cleared_id, 0) AS cleared_id, coalesce(e.hides, false) AS hides
        FROM conversation c
        LEFT JOIN device_cursor d ON d.app_id = c.app_id AND d.user_id = $2 AND d.conversation_id = c.conversation_id AND d.resource = $3
        LEFT JOIN inbox e ON e.app_id = c.app_id AND e.user_id = $2 AND e.conversation_id = c.conversation_id
        WHERE c.app_id = $1 AND ${
          byId
            ? 'c.conversation_id = $4 AND (c.user_a = $2 OR c.user_b = $2)'
            : '((c.user_a = $2 AND c.name_b = $4) OR (c.user_b = $2 AND c.name_a = $4))'
        }
        ORDER BY c.last_id > coalesce(d.id, 0) DESC, c.last_id LIMIT 1`,
      values: [request.tenant!.appId, request.userId, request.resource, byId ? request.conversationId : request.peer],
    });
    return rows[0];
  }
}

function later(one: bigint, other: bigint): bigint {
  return one > other ? one : other;
}

/** The first rows that fit, at least one. */
function upTo(bytes: number, rows: readonly Row[]): readonly Row[] {
  let sum = 0;
  const end = rows.findIndex((row, i) => (sum += row.meta?.length ?? 0) > bytes && i > 0);
  return end === -1 ? rows : rows.slice(0, end);
}
