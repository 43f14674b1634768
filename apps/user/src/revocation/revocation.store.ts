import { Injectable } from '@nestjs/common';
import type { TenantRef } from '@parley/kernel';
import { Pool } from 'pg';
import { type AppUser, Prisma, PrismaClient, type Revocation } from '../generated/client.js';
import { GONE_EPOCH, type RevocationCause, revocationCauses } from './revocation.causes.js';

/** What may change of a user together with the end of his tokens. */
export type AccountChange = Partial<Pick<AppUser, 'passwordHash' | 'activated'>>;

/** How long a revocation is remembered for edges that were away, in ms. Far beyond what they remember of epochs. */
const REMEMBERED_MS = 3_600_000;
/** Longer than any transaction that writes here, in ms: what commits late is still found by the next question. */
const OVERLAP_MS = 10_000;
/** Beyond it an edge is better off forgetting all it knows. */
const MOST_TOLD = 5_000;

/** Epochs of users, and the note of each that grew of late. */
@Injectable()
export class RevocationStore {
  constructor(
    private readonly prisma: PrismaClient,
    private readonly pool: Pool,
  ) {}

  /** Voids all tokens of a user, in one transaction with what else changes. Undefined when the user is gone. */
  async revoke(tenant: TenantRef, userId: bigint, cause: RevocationCause, change: AccountChange): Promise<AppUser | undefined> {
    return this.prisma.$transaction(async (tx) => {
      const now = new Date();
      const [row] = await tx.appUser.updateManyAndReturn({
        where: { appId: tenant.appId, userId },
        data: { ...change, tokenEpoch: { increment: 1 }, tokensValidFrom: now, modifiedAt: now },
      });
      if (row) await note(tx, [{ appId: row.appId, userId, epoch: row.tokenEpoch }], cause);
      return row;
    });
  }

  /** Notes that these users are gone; part of the transaction that deletes them. */
  async noteGone(tx: Prisma.TransactionClient, users: readonly Pick<AppUser, 'appId' | 'userId'>[]): Promise<void> {
    await note(tx, users.map(({ appId, userId }) => ({ appId, userId, epoch: GONE_EPOCH })), 'removed');
  }

  /** Revocations since a cursor (ms since 1970 by the database's clock), and the next cursor. */
  async recent(cursor: number): Promise<{ revocations: Omit<Revocation, 'revokedAt'>[]; cursor: number; complete: boolean }> {
    const { rows } = await this.pool.query<RecentRow>({
      name: 'recent_revocations',
      text: `SELECT n.now, r.app_id, r.user_id::text AS user_id, r.epoch, r.operation, r.reason
        FROM (SELECT clock_timestamp() AS now) n LEFT JOIN revocation r ON r.revoked_at >= $1
        ORDER BY r.revoked_at LIMIT $2`,
      values: [new Date(cursor > 0 ? cursor : Date.now() + OVERLAP_MS), MOST_TOLD + 1],
    });
    const now = rows[0]!.now.getTime();
    const next = now - OVERLAP_MS;
    if (cursor <= 0) return { revocations: [], cursor: next, complete: true };
    const complete = rows.length <= MOST_TOLD && cursor >= now - REMEMBERED_MS;
    const revocations = rows.flatMap(({ app_id, user_id, epoch, operation, reason }) =>
      app_id === null ? [] : [{ appId: app_id, userId: BigInt(user_id), epoch, operation, reason }],
    );
    return { revocations, cursor: next, complete };
  }

  /** Present epochs in the order asked; -1 for users that are gone or deactivated. */
  async epochs(holders: readonly { appId: number; userId: bigint }[]): Promise<number[]> {
    if (holders.length === 0) return [];
    const { rows } = await this.pool.query<{ ord: number; epoch: number }>({
      name: 'user_epochs',
      text: `SELECT h.ord::int AS ord, u.token_epoch AS epoch
        FROM unnest($1::int[], $2::bigint[]) WITH ORDINALITY AS h(app_id, user_id, ord) JOIN app_user u USING (app_id, user_id)
        WHERE u.activated`,
      values: [holders.map((one) => one.appId), holders.map((one) => String(one.userId))],
    });
    const epochs = new Array<number>(holders.length).fill(-1);
    for (const { ord, epoch } of rows) epochs[ord - 1] = epoch;
    return epochs;
  }

  /** Forgets what every edge has had time to read. */
  async forgetOld(): Promise<void> {
    await this.prisma.revocation.deleteMany({ where: { revokedAt: { lt: new Date(Date.now() - 2 * REMEMBERED_MS) } } });
  }
}

interface RecentRow {
  now: Date;
  /** Null in the one row that comes when there is nothing to tell. */
  app_id: number | null;
  user_id: string;
  epoch: number;
  operation: number;
  reason: string;
}

async function note(
  tx: Prisma.TransactionClient,
  users: readonly { appId: number; userId: bigint; epoch: number }[],
  cause: RevocationCause,
): Promise<void> {
  const { operation, reason } = revocationCauses[cause];
  for (const { appId, userId, epoch } of users) {
    await tx.$executeRaw`INSERT INTO revocation (app_id, user_id, epoch, operation, reason)
      VALUES (${appId}, ${userId}, ${epoch}, ${operation}, ${reason})
      ON CONFLICT (app_id, user_id) DO UPDATE SET epoch = EXCLUDED.epoch, operation = EXCLUDED.operation,
        reason = EXCLUDED.reason, revoked_at = clock_timestamp()`;
  }
}
