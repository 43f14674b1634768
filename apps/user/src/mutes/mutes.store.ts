import { Injectable } from '@nestjs/common';
import { mutes } from '@parley/contracts';
import type { TenantRef } from '@parley/kernel';
import { Pool } from 'pg';

const { MUTE_KIND_CHAT, MUTE_KIND_GROUP, MUTE_KIND_ROOM } = mutes.MuteKind;
/** How the table names them. */
const names = new Map([
  [MUTE_KIND_CHAT, 'chat'],
  [MUTE_KIND_GROUP, 'groupchat'],
  [MUTE_KIND_ROOM, 'chatroom'],
]);
const kinds = new Map([...names].map(([kind, name]) => [name, kind]));

interface Row {
  username: string;
  kind: string;
  seconds: number;
}

/** Seconds that are left, by the database's clock: -1 for ever, 0 over. */
const SECONDS = `CASE WHEN m.until = 'infinity' THEN -1
  ELSE ceil(greatest(0, extract(epoch FROM m.until - now())))::int END AS seconds`;

/** Global mutes. Plain SQL: Prisma has no 'infinity'. */
@Injectable()
export class MutesStore {
  constructor(private readonly pool: Pool) {}

  /** Sets the kinds named and keeps the others; 0 seconds takes one away. In one statement. */
  async set(tenant: TenantRef, userId: bigint, wanted: readonly mutes.Mute[]): Promise<void> {
    await this.pool.query(
      `WITH wanted AS (SELECT * FROM unnest($3::text[], $4::int[]) AS w(kind, seconds)),
        gone AS (DELETE FROM global_mute m USING wanted w WHERE m.app_id = $1 AND m.user_id = $2 AND m.kind = w.kind AND w.seconds = 0)
      INSERT INTO global_mute (app_id, user_id, kind, until)
      SELECT $1, $2, w.kind, CASE WHEN w.seconds < 0 THEN 'infinity' ELSE now() + make_interval(secs => w.seconds) END
      FROM wanted w WHERE w.seconds <> 0
      ON CONFLICT (app_id, user_id, kind) DO UPDATE SET until = EXCLUDED.until`,
      [tenant.appId, userId, wanted.map((one) => names.get(one.kind)), wanted.map((one) => one.seconds)],
    );
  }

  async of(tenant: TenantRef, userId: bigint): Promise<mutes.Mute[]> {
    const { rows } = await this.pool.query<Row>({
      name: 'mutes_of',
      text: `SELECT m.kind, ${SECONDS} FROM global_mute m WHERE m.app_id = $1 AND m.user_id = $2 ORDER BY m.kind`,
      values: [tenant.appId, userId],
    });
    return rows.map(({ kind, seconds }) => ({ kind: kinds.get(kind)!, seconds }));
  }

  /** A page from an offset, oldest user first. */
  async page(tenant: TenantRef, offset: number, limit: number): Promise<mutes.UserMute[]> {
    const { rows } = await this.pool.query<Row>(
      `SELECT u.username, m.kind, ${SECONDS} FROM global_mute m JOIN app_user u USING (app_id, user_id)
      WHERE m.app_id = $1 ORDER BY m.user_id, m.kind OFFSET $2 LIMIT $3`,
      [tenant.appId, offset, limit],
    );
    return rows.map(({ username, kind, seconds }) => ({ username, mute: { kind: kinds.get(kind)!, seconds } }));
  }

  /** Forgets those that ended days ago. */
  async forgetOld(days: number): Promise<void> {
    await this.pool.query('DELETE FROM global_mute WHERE until < now() - make_interval(days => $1)', [days]);
  }
}
