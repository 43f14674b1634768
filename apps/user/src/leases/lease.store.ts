import { Injectable } from '@nestjs/common';
import { Pool } from 'pg';

/** A session id begins with the id of its gateway: a UUID. */
const GATEWAY_ID_LENGTH = 36;

/** Which gateways live, and the devices of those that do not. */
@Injectable()
export class LeaseStore {
  constructor(private readonly pool: Pool) {}

  /** @returns whether the gateway had been given up meanwhile */
  async renew(gatewayId: string): Promise<boolean> {
    const kept = await this.pool.query({
      name: 'renew_lease',
      text: 'UPDATE gateway SET seen_at = clock_timestamp() WHERE gateway_id = $1 AND lost_at IS NULL',
      values: [gatewayId],
    });
    if (kept.rowCount === 1) return false;
    // New here, or given up: then there is a row. A statement of its own, so that giving up at this moment is not missed.
    const { rows } = await this.pool.query<{ known: boolean }>(
      `INSERT INTO gateway (gateway_id, seen_at) VALUES ($1, clock_timestamp())
      ON CONFLICT (gateway_id) DO UPDATE SET seen_at = EXCLUDED.seen_at, lost_at = NULL RETURNING xmax <> 0 AS known`,
      [gatewayId],
    );
    return rows[0]!.known;
  }

  /** Gives up gateways that were silent for that long. @returns how many */
  async giveUp(silentMs: number): Promise<number> {
    const { rowCount } = await this.pool.query(
      'UPDATE gateway SET lost_at = clock_timestamp() WHERE lost_at IS NULL AND seen_at < clock_timestamp() - make_interval(secs => $1)',
      [silentMs / 1_000],
    );
    return rowCount ?? 0;
  }

  /**
   * Signs out the devices whose gateway is lost or was never heard of. Reads all devices: only after a loss, or at a start.
   * A row that a login holds at this moment is about to change anyway.
   * @returns how many
   */
  async signOutLost(silentMs: number): Promise<number> {
    const { rowCount } = await this.pool.query(
      `UPDATE device d SET logged_out_at = clock_timestamp()
      FROM (SELECT o.app_id, o.user_id, o.resource, o.session_id FROM device o
        WHERE o.logged_out_at IS NULL AND o.session_id ~ '^[0-9a-f-]{36}:' AND o.logged_in_at < clock_timestamp() - make_interval(secs => $1)
          AND NOT EXISTS (SELECT 1 FROM gateway g WHERE g.gateway_id = left(o.session_id, ${GATEWAY_ID_LENGTH}) AND g.lost_at IS NULL)
        FOR UPDATE SKIP LOCKED) lost
      WHERE d.app_id = lost.app_id AND d.user_id = lost.user_id AND d.resource = lost.resource AND d.session_id = lost.session_id`,
      [silentMs / 1_000],
    );
    return rowCount ?? 0;
  }

  async forgetOld(): Promise<void> {
    await this.pool.query("DELETE FROM gateway WHERE lost_at < now() - interval '1 day'");
  }
}
