import { Injectable } from '@nestjs/common';
import type { TenantRef } from '@parley/kernel';
import { Pool } from 'pg';

/** Reads of contacts, by keys only, however long the list. */
@Injectable()
export class ContactListStore {
  constructor(private readonly pool: Pool) {}

  /** Contacts of a user after one of them, in the order of their user ids. */
  async page(tenant: TenantRef, userId: bigint, afterId: bigint, limit: number): Promise<{ id: bigint; username: string; remark: string }[]> {
    const { rows } = await this.pool.query<{ id: string; username: string; remark: string }>({
      name: 'contacts_page',
      text: `SELECT u.user_id::text AS id, u.username, p.remark FROM (
          (SELECT c.high_id AS other_id, c.low_remark AS remark FROM contact_pair c
            WHERE c.app_id = $1 AND c.low_id = $2 AND c.high_id > $3 AND c.state = 2 ORDER BY c.high_id LIMIT $4)
          UNION ALL
          (SELECT c.low_id, c.high_remark FROM contact_pair c
            WHERE c.app_id = $1 AND c.high_id = $2 AND c.low_id > $3 AND c.state = 2 ORDER BY c.low_id LIMIT $4)
        ) p JOIN app_user u ON u.app_id = $1 AND u.user_id = p.other_id ORDER BY p.other_id LIMIT $4`,
      values: [tenant.appId, String(userId), String(afterId), limit],
    });
    return rows.map((row) => ({ ...row, id: BigInt(row.id) }));
  }

  /** Which of these folded names are contacts of the user. */
  async among(tenant: TenantRef, userId: bigint, usernames: readonly string[]): Promise<Set<string>> {
    const { rows } = await this.pool.query<{ username: string }>({
      name: 'contacts_among',
      text: `SELECT u.username FROM app_user u JOIN contact_pair c
          ON c.app_id = u.app_id AND c.low_id = least(u.user_id, $2) AND c.high_id = greatest(u.user_id, $2) AND c.state = 2
        WHERE u.app_id = $1 AND u.username = ANY($3)`,
      values: [tenant.appId, String(userId), usernames],
    });
    return new Set(rows.map((row) => row.username));
  }
}
