import { Injectable } from '@nestjs/common';
import type { push } from '@parley/contracts';
import { DomainError } from '@parley/errors';
import type { TenantRef } from '@parley/kernel';
import { Pool } from 'pg';
import type { Prisma } from '../generated/client.js';
import { unbinds } from './push-binding.rules.js';

type Db = Pick<Prisma.TransactionClient, '$queryRaw'>;
interface Row {
  user_id: string;
  device_id: string;
  notifier_name: string;
  device_token: string;
}

/** Where pushes go. What must hold between bindings of different users is held by the functions of the schema. */
@Injectable()
export class PushBindingStore {
  constructor(private readonly pool: Pool) {}

  /**
   * Binds or unbinds a device.
   * @param db the transaction that it is part of; in that it comes first, because it takes locks in an order of its own
   * @returns false when the user is gone
   * @throws DomainError unauthorized when his tokens are no longer of the epoch that was given
   */
  async set(db: Db, tenant: TenantRef, userId: bigint, change: push.PushBindingChange): Promise<boolean> {
    const { deviceId, notifierName, deviceToken, tokenEpoch } = change;
    if (unbinds(change)) {
      const [row] = await db.$queryRaw<{ known: boolean }[]>`SELECT unbind_push(${tenant.appId}::int, ${userId}, ${deviceId}, ${notifierName}) AS known`;
      return row!.known;
    }
    const [row] = await db.$queryRaw<{ verdict: number }[]>`SELECT
      bind_push(${tenant.appId}::int, ${userId}, ${deviceId}, ${notifierName}, ${deviceToken}, ${tokenEpoch ?? null}::int) AS verdict`;
    if (row!.verdict === TOKEN_REVOKED) throw new DomainError('unauthorized');
    return row!.verdict === BOUND;
  }

  /** Those of these users by user id, the last bound last. */
  async of(tenant: TenantRef, userIds: readonly bigint[]): Promise<Map<bigint, push.PushBinding[]>> {
    const found = new Map<bigint, push.PushBinding[]>();
    if (userIds.length === 0) return found;
    const { rows } = await this.pool.query<Row>({
      name: 'push_bindings_of',
      text: `SELECT user_id::text, device_id, notifier_name, device_token FROM push_binding
        WHERE app_id = $1 AND user_id = ANY($2::bigint[]) ORDER BY user_id, bound_at, device_id, notifier_name`,
      values: [tenant.appId, userIds.map(String)],
    });
    for (const row of rows) {
      const userId = BigInt(row.user_id);
      const own = found.get(userId) ?? [];
      own.push({ deviceId: row.device_id, notifierName: row.notifier_name, deviceToken: row.device_token });
      found.set(userId, own);
    }
    return found;
  }
}

/** Verdicts of bind_push. */
const BOUND = 1;
const TOKEN_REVOKED = 3;
