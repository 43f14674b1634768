import { Injectable } from '@nestjs/common';
import { DomainError } from '@parley/errors';
import type { TenantRef } from '@parley/kernel';
import { lockUsers } from '../accounts/user.lock.js';
import { noteNews, type Origin } from '../contact-news/news.store.js';
import { type AppUser, type Prisma, PrismaClient } from '../generated/client.js';

interface Change {
  readonly owner: AppUser;
  /** Those asked for, each once. */
  readonly others: AppUser[];
  /** Those of them for whom something changed. */
  readonly changed: AppUser[];
}

/** Whom users have blocked, changed under the locks of all concerned, together with the news. */
@Injectable()
export class BlocklistStore {
  constructor(private readonly prisma: PrismaClient) {}

  /**
   * Blocks all of them or none.
   * @param most users that one may block
   * @throws DomainError user_not_found, blocklist_limit
   */
  async block(tenant: TenantRef, names: { owner: string; others: readonly string[] }, most: number, origin: Origin): Promise<Change> {
    return this.change(tenant, names, async (tx, owner, others) => {
      const { appId, userId } = owner;
      const known = await blockedAmong(tx, owner, others);
      const fresh = others.filter((one) => !known.has(one.userId));
      if (fresh.length === 0) return fresh;
      if ((await tx.userBlock.count({ where: { appId, userId } })) + fresh.length > most) throw new DomainError('blocklist_limit');
      await tx.userBlock.createMany({ data: fresh.map((one) => ({ appId, userId, blockedId: one.userId })) });
      await noteNews(tx, tenant, 'blocked', owner, fresh, origin);
      return fresh;
    });
  }

  /** @throws DomainError user_not_found */
  async unblock(tenant: TenantRef, names: { owner: string; others: readonly string[] }, origin: Origin): Promise<Change> {
    return this.change(tenant, names, async (tx, owner, others) => {
      const { appId, userId } = owner;
      const known = await blockedAmong(tx, owner, others);
      const gone = others.filter((one) => known.has(one.userId));
      if (gone.length === 0) return gone;
      await tx.userBlock.deleteMany({ where: { appId, userId, blockedId: { in: gone.map((one) => one.userId) } } });
      await noteNews(tx, tenant, 'unblocked', owner, gone, origin);
      return gone;
    });
  }

  /** The latest first. `beforeSeq` 0 = from the latest. */
  async page(tenant: TenantRef, userId: bigint, beforeSeq: bigint, limit: number): Promise<{ blockedId: bigint; seq: bigint }[]> {
    return this.prisma.userBlock.findMany({
      where: { appId: tenant.appId, userId, ...(beforeSeq > 0n ? { seq: { lt: beforeSeq } } : {}) },
      orderBy: { seq: 'desc' },
      take: limit,
      select: { blockedId: true, seq: true },
    });
  }

  /** Which of these ids the user has blocked. */
  async among(tenant: TenantRef, userId: bigint, ids: readonly bigint[]): Promise<Set<bigint>> {
    const rows = await this.prisma.userBlock.findMany({ where: { appId: tenant.appId, userId, blockedId: { in: [...ids] } } });
    return new Set(rows.map((row) => row.blockedId));
  }

  /** Names of these ids. */
  async namesOf(tenant: TenantRef, ids: readonly bigint[]): Promise<Map<bigint, string>> {
    const rows = await this.prisma.appUser.findMany({ where: { appId: tenant.appId, userId: { in: [...ids] } } });
    return new Map(rows.map((row) => [row.userId, row.username]));
  }

  /** What users who are being deleted have blocked, and who has blocked them; part of that transaction. */
  async depart(tx: Prisma.TransactionClient, { appId }: TenantRef, departing: readonly AppUser[]): Promise<void> {
    const ids = departing.map((one) => one.userId);
    await tx.userBlock.deleteMany({ where: { appId, OR: [{ userId: { in: ids } }, { blockedId: { in: ids } }] } });
  }

  private async change(
    tenant: TenantRef,
    names: { owner: string; others: readonly string[] },
    what: (tx: Prisma.TransactionClient, owner: AppUser, others: AppUser[]) => Promise<AppUser[]>,
  ): Promise<Change> {
    return this.prisma.$transaction(async (tx) => {
      const [owner, ...asked] = (await lockUsers(tx, tenant, [names.owner, ...names.others])) as [AppUser, ...AppUser[]];
      const others = [...new Set(asked)];
      if (others.includes(owner)) throw new DomainError('contact_oneself');
      return { owner, others, changed: await what(tx, owner, others) };
    });
  }
}

async function blockedAmong(tx: Prisma.TransactionClient, { appId, userId }: AppUser, others: readonly AppUser[]): Promise<Set<bigint>> {
  const rows = await tx.userBlock.findMany({ where: { appId, userId, blockedId: { in: others.map((one) => one.userId) } } });
  return new Set(rows.map((row) => row.blockedId));
}
