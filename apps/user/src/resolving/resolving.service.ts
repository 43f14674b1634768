import { Injectable } from '@nestjs/common';
import type { user } from '@parley/contracts';
import { foldUsername, isLegalUsername } from '@parley/kernel';
import { LRUCache } from 'lru-cache';
import { Pool } from 'pg';

/** How long another replica may still resolve a name whose user has been deleted. */
const FRESH_MS = 10_000;
const REMEMBERED = 100_000;

/** Names to user ids for the send path: one query per batch, and none for names seen a moment ago. */
@Injectable()
export class ResolvingService {
  // Only users that exist are remembered: a name must resolve as soon as it is registered.
  private readonly recent = new LRUCache<string, bigint>({ max: REMEMBERED, ttl: FRESH_MS });

  constructor(private readonly pool: Pool) {}

  /** Ids in the order asked; 0 = no such user. */
  async resolve(request: user.ResolveUsersRequest): Promise<user.ResolveUsersResponse> {
    const keys = request.names.map(({ appId, username }) => ({ appId, username: foldUsername(username) }));
    const found = new Map<string, bigint>();
    const missing = new Map<string, { appId: number; username: string }>();
    for (const key of keys) {
      const known = this.recent.get(cacheKey(key));
      if (known !== undefined) found.set(cacheKey(key), known);
      else if (isLegalUsername(key.username)) missing.set(cacheKey(key), key);
    }
    if (missing.size > 0) {
      for (const row of await this.query([...missing.values()])) {
        const key = cacheKey({ appId: row.app_id, username: row.username });
        const userId = BigInt(row.user_id);
        found.set(key, userId);
        this.recent.set(key, userId);
      }
    }
    return { userIds: keys.map((key) => found.get(cacheKey(key)) ?? 0n) };
  }

  /** Call when the user of that name is gone. */
  forget(appId: number, username: string): void {
    this.recent.delete(cacheKey({ appId, username }));
  }

  private async query(names: { appId: number; username: string }[]) {
    const { rows } = await this.pool.query<{ app_id: number; username: string; user_id: string }>({
      name: 'resolve_users',
      text: `SELECT u.app_id, u.username, u.user_id::text AS user_id
        FROM unnest($1::int[], $2::text[]) AS n(app_id, username) JOIN app_user u USING (app_id, username)`,
      values: [names.map((name) => name.appId), names.map((name) => name.username)],
    });
    return rows;
  }
}

function cacheKey(name: { appId: number; username: string }): string {
  return `${name.appId}:${name.username}`;
}
