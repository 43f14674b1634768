import { Injectable } from '@nestjs/common';
import { Pool } from 'pg';

/** Somebody who watches a user and has a session on a gateway. */
export interface Listener {
  readonly target: bigint;
  readonly subscriber: bigint;
  /** Seconds since 1970. */
  readonly expiresAt: bigint;
  readonly gatewayId: string;
}

/** Who is to hear of a user, and where they are connected. */
@Injectable()
export class AudienceStore {
  constructor(private readonly pool: Pool) {}

  /** How many watch each; those whom nobody watches are left out. */
  async sizes(appId: number, targets: readonly bigint[]): Promise<Map<bigint, number>> {
    const { rows } = await this.pool.query<{ target_id: string; n: number }>({
      name: 'presence_audience_sizes',
      text: `SELECT target_id, count(*)::int AS n FROM presence_subscription
        WHERE app_id = $1 AND target_id = ANY($2::bigint[]) AND expires_at > clock_timestamp() GROUP BY 1`,
      values: [appId, targets.map(String)],
    });
    return new Map(rows.map((row) => [BigInt(row.target_id), row.n]));
  }

  /** Each once for every gateway that has a session of theirs. */
  async of(appId: number, targets: readonly bigint[]): Promise<Listener[]> {
    const { rows } = await this.pool.query<{ target_id: string; subscriber_id: string; expires: string; gateway_id: string }>({
      name: 'presence_audience',
      text: `SELECT DISTINCT s.target_id, s.subscriber_id, extract(epoch FROM s.expires_at)::bigint AS expires, left(d.session_id, 36) AS gateway_id
        FROM presence_subscription s
        CROSS JOIN LATERAL (SELECT v.session_id FROM device v
          WHERE v.app_id = s.app_id AND v.user_id = s.subscriber_id AND v.logged_out_at IS NULL LIMIT 100) d
        WHERE s.app_id = $1 AND s.target_id = ANY($2::bigint[]) AND s.expires_at > clock_timestamp()`,
      values: [appId, targets.map(String)],
    });
    return rows.map((row) => ({
      target: BigInt(row.target_id),
      subscriber: BigInt(row.subscriber_id),
      expiresAt: BigInt(row.expires),
      gatewayId: row.gateway_id,
    }));
  }
}
