import { Injectable } from '@nestjs/common';
import { DomainError } from '@parley/errors';
import { Pool, type PoolClient } from 'pg';
import { PresenceStore, type Watchable } from './presence.store.js';

export interface SubscriptionLimits {
  /** Users that one user may watch. */
  subscriptions: number;
  /** Users that may watch one user. */
  subscribers: number;
}

/** Who watches whom, until when. */
@Injectable()
export class SubscriptionStore {
  constructor(
    private readonly pool: Pool,
    private readonly presence: PresenceStore,
  ) {}

  /**
   * Watches these users, who are read after the subscription stands: whatever changes later is told. Beyond the limit the
   * subscriptions that end soonest give way.
   * @returns the states of those that exist
   * @throws DomainError user_not_found (the subscriber is gone) | presence_subscriptions_full | presence_subscribers_full;
   *   then nothing is changed
   */
  async add(appId: number, subscriber: bigint, targets: readonly bigint[], ttlSeconds: number, limits: SubscriptionLimits): Promise<Map<bigint, Watchable>> {
    if (targets.length > limits.subscriptions) throw new DomainError('presence_subscriptions_full', { limit: String(limits.subscriptions) });
    return this.presence.transaction(async (db) => {
      // In the order of their keys, as everybody does: counts below stay true until the commit.
      const locked = await db.query<{ user_id: string }>(
        'SELECT user_id FROM app_user WHERE app_id = $1 AND user_id = ANY($2) ORDER BY user_id FOR NO KEY UPDATE',
        [appId, [subscriber, ...targets]],
      );
      const existing = new Set(locked.rows.map((row) => BigInt(row.user_id)));
      if (!existing.has(subscriber)) throw new DomainError('user_not_found');
      const watched = targets.filter((target) => existing.has(target));
      await this.makeRoom(db, appId, subscriber, watched, limits.subscriptions);
      const unwatched = await this.unwatched(db, appId, subscriber, watched, limits.subscribers);
      await db.query(
        `INSERT INTO presence_subscription (app_id, subscriber_id, target_id, expires_at)
        SELECT $1, $2, t, clock_timestamp() + make_interval(secs => $4) FROM unnest($3::bigint[]) AS t
        ON CONFLICT (app_id, subscriber_id, target_id) DO UPDATE SET expires_at = EXCLUDED.expires_at`,
        [appId, subscriber, watched, ttlSeconds],
      );
      const states = await this.presence.read(appId, watched, db);
      await this.presence.noteTold(appId, [...states.values()].filter((one) => unwatched.has(one.userId)), db);
      // Looked at once more: a login that did not see this subscription yet may commit in between.
      await db.query("SELECT presence_changed($1, t, interval '500 ms' + random() * interval '500 ms') FROM unnest($2::bigint[]) AS t", [appId, watched]);
      return states;
    });
  }

  async remove(appId: number, subscriber: bigint, targets: readonly bigint[]): Promise<void> {
    await this.pool.query('DELETE FROM presence_subscription WHERE app_id = $1 AND subscriber_id = $2 AND target_id = ANY($3)', [appId, subscriber, targets]);
  }

  /** When the subscriptions to these users end, in seconds since 1970; those that stand. */
  async expiries(appId: number, subscriber: bigint, targets: readonly bigint[]): Promise<Map<bigint, bigint>> {
    const { rows } = await this.pool.query<{ target_id: string; expires: string }>(
      `SELECT target_id, extract(epoch FROM expires_at)::bigint AS expires FROM presence_subscription
      WHERE app_id = $1 AND subscriber_id = $2 AND target_id = ANY($3) AND expires_at > now()`,
      [appId, subscriber, targets],
    );
    return new Map(rows.map((row) => [BigInt(row.target_id), BigInt(row.expires)]));
  }

  async page(appId: number, subscriber: bigint, offset: number, limit: number): Promise<{ total: number; rows: { username: string; expiresAt: bigint }[] }> {
    const { rows } = await this.pool.query<{ total: number; username: string | null; expires: string }>(
      `WITH mine AS (SELECT target_id, expires_at FROM presence_subscription WHERE app_id = $1 AND subscriber_id = $2 AND expires_at > now()),
        page AS (SELECT * FROM mine ORDER BY target_id OFFSET $3 LIMIT $4)
      SELECT (SELECT count(*) FROM mine)::int AS total, u.username, extract(epoch FROM p.expires_at)::bigint AS expires
      FROM (SELECT 1) one LEFT JOIN page p ON true LEFT JOIN app_user u ON u.app_id = $1 AND u.user_id = p.target_id ORDER BY p.target_id`,
      [appId, subscriber, offset, limit],
    );
    return {
      total: rows[0]!.total,
      rows: rows.flatMap((row) => (row.username === null ? [] : [{ username: row.username, expiresAt: BigInt(row.expires) }])),
    };
  }

  /** Forgets what has ended, a bounded number at a time. */
  async forgetExpired(): Promise<void> {
    await this.pool.query(
      `DELETE FROM presence_subscription WHERE (app_id, subscriber_id, target_id) IN (
        SELECT app_id, subscriber_id, target_id FROM presence_subscription WHERE expires_at < now() ORDER BY expires_at LIMIT 5000)`,
    );
  }

  /** Live subscriptions to others than these, soonest to end first, until there is room. */
  private async makeRoom(db: PoolClient, appId: number, subscriber: bigint, wanted: readonly bigint[], most: number): Promise<void> {
    await db.query(
      `DELETE FROM presence_subscription WHERE app_id = $1 AND subscriber_id = $2 AND target_id IN (
        SELECT target_id FROM presence_subscription
        WHERE app_id = $1 AND subscriber_id = $2 AND expires_at > now() AND target_id <> ALL($3)
        ORDER BY expires_at DESC, target_id OFFSET $4)`,
      [appId, subscriber, wanted, most - wanted.length],
    );
  }

  /** Those whom nobody else watches. @throws DomainError presence_subscribers_full */
  private async unwatched(db: PoolClient, appId: number, subscriber: bigint, targets: readonly bigint[], most: number): Promise<Set<bigint>> {
    const { rows } = await db.query<{ target_id: string; username: string; others: number }>(
      `SELECT t AS target_id, u.username, o.others FROM unnest($2::bigint[]) AS t
      JOIN app_user u ON u.app_id = $1 AND u.user_id = t
      CROSS JOIN LATERAL (SELECT count(*)::int AS others FROM (
        SELECT 1 FROM presence_subscription s WHERE s.app_id = $1 AND s.target_id = t AND s.subscriber_id <> $3 AND s.expires_at > now() LIMIT $4) few) o`,
      [appId, targets, subscriber, most],
    );
    const full = rows.find((row) => row.others >= most);
    if (full) throw new DomainError('presence_subscribers_full', { username: full.username, limit: String(most) });
    return new Set(rows.filter((row) => row.others === 0).map((row) => BigInt(row.target_id)));
  }
}
