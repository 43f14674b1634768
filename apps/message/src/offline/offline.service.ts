import type { offline } from '@parley/contracts';
import type { RpcImplementation } from '@parley/rpc';
import type { Pool } from 'pg';
import type { KeptHistory } from '../retention/kept-history.js';

/** Beyond it the number tells nothing more, and counting would only cost. */
const MOST_COUNTED = 10_000;

/** Conversations of the user, and how far the furthest of his devices has acknowledged each. */
const REACHED = `SELECT c.conversation_id, greatest($3::bigint, coalesce(e.cleared_id, 0), coalesce(
      (SELECT max(d.id) FROM device_cursor d WHERE d.app_id = $1 AND d.user_id = $2 AND d.conversation_id = c.conversation_id), 0)) AS id, c.last_id
    FROM (SELECT conversation_id, last_id FROM conversation WHERE app_id = $1 AND user_a = $2
      UNION ALL SELECT conversation_id, last_id FROM conversation WHERE app_id = $1 AND user_b = $2 AND user_a <> $2) c
    LEFT JOIN inbox e ON e.app_id = $1 AND e.user_id = $2 AND e.conversation_id = c.conversation_id`;
/** What waits: messages that people see, sent by others and still there. */
const WAITS = 'm.sender_id <> $2 AND m.state = 0 AND m.seq > 0 AND is_content(m.body_type)';

/** Messages that wait for a user: none of his devices has acknowledged them. */
export class OfflineService {
  constructor(
    private readonly pool: Pool,
    private readonly kept: KeptHistory,
  ) {}

  methods(): RpcImplementation<typeof offline.OfflineServiceService> {
    return {
      countOffline: async (q) => ({ count: await this.count(q.appId, q.userId) }),
      getOfflineState: async (q) => ({ waiting: await this.isWaiting(q.appId, q.userId, q.messageId) }),
    };
  }

  /** At most 10,000. */
  async count(appId: number, userId: bigint): Promise<number> {
    const { rows } = await this.pool.query<{ n: number }>({
      name: 'count-offline',
      text: `SELECT count(*)::int AS n FROM (SELECT 1 FROM (${REACHED}) r
        CROSS JOIN LATERAL (SELECT 1 FROM message m
          WHERE m.app_id = $1 AND m.conversation_id = r.conversation_id AND m.id > r.id AND ${WAITS} LIMIT $4) waiting
        WHERE r.last_id > r.id LIMIT $4) few`,
      values: [appId, userId, await this.kept.floorId(appId), MOST_COUNTED],
    });
    return rows[0]!.n;
  }

  async isWaiting(appId: number, userId: bigint, messageId: bigint): Promise<boolean> {
    const { rowCount } = await this.pool.query({
      name: 'is-offline',
      text: `SELECT 1 FROM (${REACHED}) r JOIN message m ON m.app_id = $1 AND m.conversation_id = r.conversation_id AND m.id = $4
        WHERE r.last_id >= $4 AND $4 > r.id AND ${WAITS} LIMIT 1`,
      values: [appId, userId, await this.kept.floorId(appId), messageId],
    });
    return rowCount === 1;
  }
}
