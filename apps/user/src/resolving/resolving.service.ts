import { Injectable } from '@nestjs/common';
import type { user } from '@parley/contracts';
import { foldUsername, isLegalUsername } from '@parley/kernel';
import { Pool } from 'pg';

/** Names to user ids for the send path, one query for each batch. Who asks remembers them, and hears when one is freed. */
@Injectable()
export class ResolvingService {
  constructor(private readonly pool: Pool) {}

  /** Ids in the order asked; 0 = no such user. */
  async resolve(request: user.ResolveUsersRequest): Promise<user.ResolveUsersResponse> {
    const names = request.names.map(({ appId, username }) => ({ appId, username: foldUsername(username) }));
    const legal = names.filter(({ username }) => isLegalUsername(username));
    const found = new Map(legal.length === 0 ? [] : (await this.query(legal)).map((row) => [key(row.app_id, row.username), BigInt(row.user_id)]));
    return { userIds: names.map(({ appId, username }) => found.get(key(appId, username)) ?? 0n) };
  }

  private async query(names: readonly { appId: number; username: string }[]) {
    const { rows } = await this.pool.query<{ app_id: number; username: string; user_id: string }>({
      name: 'resolve_users',
      text: `SELECT u.app_id, u.username, u.user_id::text AS user_id
        FROM unnest($1::int[], $2::text[]) AS n(app_id, username) JOIN app_user u USING (app_id, username)`,
      values: [names.map((name) => name.appId), names.map((name) => name.username)],
    });
    return rows;
  }
}

function key(appId: number, username: string): string {
  return `${appId}:${username}`;
}
