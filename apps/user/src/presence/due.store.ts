import { Injectable } from '@nestjs/common';
import { Pool } from 'pg';

export interface Due {
  readonly appId: number;
  readonly userId: bigint;
  /** How often something had happened when it was claimed. */
  readonly marks: bigint;
}

/** Whose claim is not finished by then is looked at again: its replica died. */
const CLAIMED_FOR = "interval '10 s'";

/** Users who are to be looked at, shared by all replicas. */
@Injectable()
export class DueStore {
  constructor(private readonly pool: Pool) {}

  /** Takes those that are due, oldest first; another replica does not get them meanwhile. */
  async claim(most: number): Promise<Due[]> {
    const { rows } = await this.pool.query<{ app_id: number; user_id: string; marks: string }>({
      name: 'presence_claim',
      text: `UPDATE presence_due d SET due_at = clock_timestamp() + ${CLAIMED_FOR}
        FROM (SELECT app_id, user_id FROM presence_due WHERE due_at <= clock_timestamp() ORDER BY due_at LIMIT $1 FOR UPDATE SKIP LOCKED) c
        WHERE d.app_id = c.app_id AND d.user_id = c.user_id RETURNING d.app_id, d.user_id, d.marks`,
      values: [most],
    });
    return rows.map((row) => ({ appId: row.app_id, userId: BigInt(row.user_id), marks: BigInt(row.marks) }));
  }

  /**
   * Done with them, or to be looked at again in so many ms. What happened since the claim is looked at soon; a row that is
   * being marked at this moment is left as it is, and comes again.
   */
  async finish(done: readonly (Due & { againInMs: number | undefined })[]): Promise<void> {
    if (done.length === 0) return;
    await this.pool.query({
      name: 'presence_finish',
      text: `WITH done AS (SELECT * FROM unnest($1::int[], $2::bigint[], $3::bigint[], $4::int[]) AS w(app_id, user_id, marks, again_ms)),
        held AS (SELECT d.app_id, d.user_id, d.marks = done.marks AND done.again_ms IS NULL AS over,
            CASE WHEN d.marks <> done.marks THEN least(coalesce(done.again_ms, 500), 500) ELSE done.again_ms END AS again_ms
          FROM presence_due d JOIN done USING (app_id, user_id) FOR UPDATE OF d SKIP LOCKED),
        gone AS (DELETE FROM presence_due d USING held h WHERE h.over AND d.app_id = h.app_id AND d.user_id = h.user_id)
      UPDATE presence_due d SET due_at = clock_timestamp() + make_interval(secs => h.again_ms / 1000.0)
      FROM held h WHERE NOT h.over AND d.app_id = h.app_id AND d.user_id = h.user_id`,
      values: [done.map((one) => one.appId), done.map((one) => one.userId), done.map((one) => one.marks), done.map((one) => one.againInMs ?? null)],
    });
  }
}
