import { Injectable } from '@nestjs/common';
import { Pool } from 'pg';

export interface DayRow {
  readonly day: string;
  readonly active: string;
  readonly peak: string;
  readonly registered: string | null;
}

export interface MonthRow {
  readonly month: string;
  readonly active: string;
}

const TODAY = "(clock_timestamp() AT TIME ZONE 'UTC')::date";
/** Rows that one statement takes away. */
const BATCH = 5_000;

/** Figures of use. Every query of an app begins with it. */
@Injectable()
export class UsageStore {
  constructor(private readonly pool: Pool) {}

  /** Notes how many devices are signed in, of every app: the most of a day is kept. Reads all devices. */
  async samplePeaks(): Promise<void> {
    await this.pool.query(`INSERT INTO usage_day AS u (app_id, day, peak_connections)
      SELECT d.app_id, ${TODAY}, count(*) FROM device d WHERE d.logged_out_at IS NULL GROUP BY 1 ORDER BY 1
      ON CONFLICT (app_id, day) DO UPDATE SET peak_connections = EXCLUDED.peak_connections WHERE u.peak_connections < EXCLUDED.peak_connections`);
  }

  /** Notes how many users every app has. Reads all users. */
  async sampleRegistered(): Promise<void> {
    await this.pool.query(`INSERT INTO usage_day AS u (app_id, day, registered_users)
      SELECT a.app_id, ${TODAY}, count(*) FROM app_user a GROUP BY 1 ORDER BY 1
      ON CONFLICT (app_id, day) DO UPDATE SET registered_users = EXCLUDED.registered_users WHERE u.registered_users IS DISTINCT FROM EXCLUDED.registered_users`);
  }

  /** Both, of one app. @returns its users */
  async sampleApp(appId: number): Promise<bigint> {
    const { rows } = await this.pool.query<{ registered: string }>(
      `INSERT INTO usage_day AS u (app_id, day, peak_connections, registered_users)
      SELECT $1, ${TODAY}, (SELECT count(*) FROM device d WHERE d.app_id = $1 AND d.logged_out_at IS NULL), (SELECT count(*) FROM app_user a WHERE a.app_id = $1)
      ON CONFLICT (app_id, day) DO UPDATE SET peak_connections = greatest(u.peak_connections, EXCLUDED.peak_connections), registered_users = EXCLUDED.registered_users
      RETURNING registered_users AS registered`,
      [appId],
    );
    return BigInt(rows[0]!.registered);
  }

  /** Every day from `from` to `to`. */
  async days(appId: number, from: string, to: string): Promise<DayRow[]> {
    const { rows } = await this.pool.query<DayRow>(
      `SELECT to_char(d.day, 'YYYY-MM-DD') AS day, coalesce(u.active_users, 0) + a.n AS active, coalesce(u.peak_connections, 0) AS peak, u.registered_users AS registered
      FROM generate_series($2::date, $3::date, interval '1 day') AS d(day)
      LEFT JOIN usage_day u ON u.app_id = $1 AND u.day = d.day::date
      CROSS JOIN LATERAL (SELECT count(*) AS n FROM active_user a WHERE a.app_id = $1 AND a.day = d.day::date) a ORDER BY d.day`,
      [appId, from, to],
    );
    return rows;
  }

  /** Every month that has one of these days. */
  async months(appId: number, from: string, to: string): Promise<MonthRow[]> {
    const { rows } = await this.pool.query<MonthRow>(
      `SELECT to_char(m.month, 'YYYY-MM') AS month, coalesce(u.active_users, 0) + a.n AS active
      FROM generate_series(date_trunc('month', $2::timestamp), $3::timestamp, interval '1 month') AS m(month)
      LEFT JOIN usage_month u ON u.app_id = $1 AND u.month = m.month::date
      CROSS JOIN LATERAL (SELECT count(*) AS n FROM active_user_month a WHERE a.app_id = $1 AND a.month = m.month::date) a ORDER BY m.month`,
      [appId, from, to],
    );
    return rows;
  }

  /** Turns rows of days and months that are over (for an hour) into figures. Replicas may do it together. */
  async close(): Promise<void> {
    while (((await this.closeSome('active_user', 'day', 'usage_day')) ?? 0) === BATCH);
    while (((await this.closeSome('active_user_month', 'month', 'usage_month')) ?? 0) === BATCH);
  }

  private async closeSome(rows: 'active_user' | 'active_user_month', period: 'day' | 'month', figures: 'usage_day' | 'usage_month'): Promise<number> {
    const { rows: counted } = await this.pool.query<{ n: number }>(
      `WITH gone AS (
        DELETE FROM ${rows} r USING (
          SELECT o.app_id, o.${period}, o.user_id FROM ${rows} o
          WHERE o.${period} < date_trunc('${period}', clock_timestamp() AT TIME ZONE 'UTC' - interval '1 hour')::date LIMIT ${BATCH} FOR UPDATE SKIP LOCKED) old
        WHERE r.app_id = old.app_id AND r.${period} = old.${period} AND r.user_id = old.user_id RETURNING r.app_id, r.${period}),
      added AS (
        INSERT INTO ${figures} AS f (app_id, ${period}, active_users)
        SELECT g.app_id, g.${period}, count(*) FROM gone g GROUP BY 1, 2 ORDER BY 1, 2
        ON CONFLICT (app_id, ${period}) DO UPDATE SET active_users = f.active_users + EXCLUDED.active_users)
      SELECT count(*)::int AS n FROM gone`,
    );
    return counted[0]!.n;
  }
}
