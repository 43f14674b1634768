import { foldUsername, isLegalUsername, type TenantRef } from '@parley/kernel';
import { Injectable } from '@nestjs/common';
import { type AppUser, PrismaClient } from '../generated/client.js';

export interface NewAccount {
  username: string;
  passwordHash: string | null;
  nickname: string;
}

/** Users of one app by name. Every query begins with the app. */
@Injectable()
export class AccountStore {
  constructor(private readonly prisma: PrismaClient) {}

  /** The user of that name in any case; undefined also for a name that nobody can have. */
  async find(tenant: TenantRef, name: string): Promise<AppUser | undefined> {
    const username = foldUsername(name);
    if (!isLegalUsername(username)) return undefined;
    const row = await this.prisma.appUser.findUnique({
      where: { appId_username: { appId: tenant.appId, username } },
    });
    return row ?? undefined;
  }

  /** The user of that uuid in this app. */
  async findByUuid(tenant: TenantRef, uuid: string): Promise<AppUser | undefined> {
    return (await this.prisma.appUser.findUnique({ where: { appId_uuid: { appId: tenant.appId, uuid } } })) ?? undefined;
  }

  /** The users among these folded names, in no particular order. */
  async findMany(tenant: TenantRef, usernames: readonly string[]): Promise<AppUser[]> {
    const legal = usernames.filter(isLegalUsername);
    if (legal.length === 0) return [];
    return this.prisma.appUser.findMany({ where: { appId: tenant.appId, username: { in: legal } } });
  }

  /** Stores new users and answers those stored; a name that is taken is left out. */
  async insert(tenant: TenantRef, accounts: readonly NewAccount[]): Promise<AppUser[]> {
    if (accounts.length === 0) return [];
    return this.prisma.appUser.createManyAndReturn({
      data: accounts.map((account) => ({ appId: tenant.appId, ...account })),
      skipDuplicates: true,
    });
  }

  /** Changes what is the user's own. Undefined when he is gone. */
  async change(tenant: TenantRef, userId: bigint, change: Partial<Pick<AppUser, 'nickname' | 'activated'>>): Promise<AppUser | undefined> {
    const [row] = await this.prisma.appUser.updateManyAndReturn({
      where: { appId: tenant.appId, userId },
      data: { ...change, modifiedAt: new Date() },
    });
    return row;
  }

  /** Up to `limit` users after a user id, oldest first. */
  async page(tenant: TenantRef, afterUserId: bigint, limit: number): Promise<AppUser[]> {
    return this.prisma.appUser.findMany({
      where: { appId: tenant.appId, userId: { gt: afterUserId } },
      orderBy: { userId: 'asc' },
      take: limit,
    });
  }
}
