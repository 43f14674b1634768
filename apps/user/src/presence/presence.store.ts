import { Injectable } from '@nestjs/common';
import { inTransaction } from '@parley/db';
import { Pool, type PoolClient } from 'pg';
import { type DeviceSeen, fingerprint, type Published, shown, type Shown, type Statuses, withStatus } from './presence.rules.js';

export interface Watchable {
  readonly userId: bigint;
  readonly username: string;
  readonly shown: Shown;
  readonly told: string | undefined;
  readonly toldMs: number;
}

interface Row {
  user_id: string;
  username: string;
  ext: string | null;
  statuses: Statuses | null;
  published_ms: string | null;
  told: string | null;
  told_ms: string | null;
  now_ms: string;
  devices: { r: string; i: number; o: number | null }[] | null;
}

type Db = Pick<PoolClient, 'query'>;

/** States of users, and what they have published. Times by the database's clock, in ms since 1970. */
@Injectable()
export class PresenceStore {
  constructor(private readonly pool: Pool) {}

  /** Those of the users that exist. */
  async read(appId: number, userIds: readonly bigint[], db: Db = this.pool): Promise<Map<bigint, Watchable>> {
    if (userIds.length === 0) return new Map();
    const { rows } = await db.query<Row>({
      name: 'presence_read',
      text: `SELECT u.user_id, u.username, p.ext, p.statuses, ${ms('p.published_at')} AS published_ms, p.told, ${ms('p.told_at')} AS told_ms,
          ${ms('clock_timestamp()')} AS now_ms, d.devices
        FROM unnest($2::bigint[]) AS q(user_id)
        JOIN app_user u ON u.app_id = $1 AND u.user_id = q.user_id
        LEFT JOIN presence p ON p.app_id = $1 AND p.user_id = q.user_id
        LEFT JOIN LATERAL (SELECT json_agg(json_build_object('r', v.resource, 'i', ${ms('v.logged_in_at')}, 'o', ${ms('v.logged_out_at')})) AS devices
          FROM device v WHERE v.app_id = $1 AND v.user_id = q.user_id) d ON true`,
      values: [appId, userIds.map(String)],
    });
    return new Map(rows.map((row) => [BigInt(row.user_id), toWatchable(row)]));
  }

  /** Locks the user, so that two devices that publish at once both count. @returns false when he is gone */
  async publish(appId: number, userId: bigint, resource: string, status: number, ext: string): Promise<boolean> {
    return this.transaction(async (db) => {
      const owner = await db.query('SELECT 1 FROM app_user WHERE app_id = $1 AND user_id = $2 FOR NO KEY UPDATE', [appId, userId]);
      if (owner.rowCount === 0) return false;
      const before = await db.query<{ statuses: Statuses }>('SELECT statuses FROM presence WHERE app_id = $1 AND user_id = $2', [appId, userId]);
      const statuses = withStatus(before.rows[0]?.statuses ?? {}, resource, status, Date.now());
      await db.query(
        `INSERT INTO presence (app_id, user_id, ext, statuses, published_at) VALUES ($1, $2, $3, $4, clock_timestamp())
        ON CONFLICT (app_id, user_id) DO UPDATE SET ext = EXCLUDED.ext, statuses = EXCLUDED.statuses, published_at = EXCLUDED.published_at`,
        [appId, userId, ext, JSON.stringify(statuses)],
      );
      await db.query(
        `SELECT presence_changed($1, $2, random() * interval '200 ms')
        WHERE EXISTS (SELECT 1 FROM presence_subscription WHERE app_id = $1 AND target_id = $2)`,
        [appId, userId],
      );
      return true;
    });
  }

  /** Notes what those who watch have been told. Users who are gone meanwhile are left out. */
  async noteTold(appId: number, told: readonly Watchable[], db: Db = this.pool): Promise<void> {
    if (told.length === 0) return;
    const sorted = [...told].sort((a, b) => (a.userId < b.userId ? -1 : 1));
    await db.query(
      `INSERT INTO presence (app_id, user_id, told, told_at)
      SELECT $1, n.user_id, n.told, clock_timestamp() FROM unnest($2::bigint[], $3::text[]) AS n(user_id, told)
      JOIN app_user u ON u.app_id = $1 AND u.user_id = n.user_id
      ON CONFLICT (app_id, user_id) DO UPDATE SET told = EXCLUDED.told, told_at = EXCLUDED.told_at`,
      [appId, sorted.map((one) => one.userId), sorted.map((one) => fingerprint(one.shown))],
    );
  }

  transaction<T>(work: (db: PoolClient) => Promise<T>): Promise<T> {
    return inTransaction(this.pool, work);
  }
}

function ms(column: string): string {
  return `(extract(epoch FROM ${column}) * 1000)::bigint`;
}

function toWatchable(row: Row): Watchable {
  const devices: DeviceSeen[] = (row.devices ?? []).map(({ r, i, o }) => ({ resource: r, loggedInMs: i, loggedOutMs: o ?? undefined }));
  const published: Published = { ext: row.ext ?? '', statuses: row.statuses ?? {}, publishedMs: Number(row.published_ms ?? 0) };
  return {
    userId: BigInt(row.user_id),
    username: row.username,
    shown: shown(devices, published, Number(row.now_ms)),
    told: row.told ?? undefined,
    toldMs: Number(row.told_ms ?? 0),
  };
}
