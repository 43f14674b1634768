import { Injectable } from '@nestjs/common';
import type { TenantRef } from '@parley/kernel';
import { Pool } from 'pg';
import { type Departure, Prisma, PrismaClient } from '../generated/client.js';
import { DEPARTED_REMEMBERED_MS } from './departure.rules.js';

export type Departed = Pick<Departure, 'appId' | 'userId' | 'username'>;

/** Who was deleted: until all have been told of it, and for as long as tokens may come that name him. */
@Injectable()
export class DepartureStore {
  constructor(
    private readonly prisma: PrismaClient,
    private readonly pool: Pool,
  ) {}

  /** Part of the transaction that deletes these users. By the clock, not the time of its begin: it may be a long one. */
  async note(tx: Prisma.TransactionClient, users: readonly Departed[]): Promise<void> {
    await tx.$executeRaw`INSERT INTO departure (app_id, user_id, username, deleted_at)
      SELECT d.*, clock_timestamp() FROM unnest(${users.map((one) => one.appId)}::int[], ${users.map((one) => one.userId)}::bigint[], ${users.map((one) => one.username)}::text[]) d`;
  }

  /** Departures that not all have been told of for that long, in ms. Over all apps: used by the service's own clean-up. */
  async untold(olderThanMs: number, limit: number): Promise<Departed[]> {
    return this.prisma.departure.findMany({
      where: { toldAt: null, deletedAt: { lt: new Date(Date.now() - olderThanMs) } },
      orderBy: { deletedAt: 'asc' },
      take: limit,
    });
  }

  async told({ appId, userId }: Departed): Promise<void> {
    await this.prisma.departure.updateMany({ where: { appId, userId }, data: { toldAt: new Date() } });
  }

  /** When the last user of that folded name was deleted. */
  async lastOf(tenant: TenantRef, username: string): Promise<Date | undefined> {
    const last = await this.prisma.departure.findFirst({ where: { appId: tenant.appId, username }, orderBy: { deletedAt: 'desc' } });
    return last?.deletedAt;
  }

  /** Those of the folded names whose user was deleted within that time, in ms. */
  async among(tenant: TenantRef, usernames: readonly string[], withinMs: number): Promise<string[]> {
    const { rows } = await this.pool.query<{ username: string }>({
      name: 'recent_departures',
      text: `SELECT DISTINCT username FROM departure
        WHERE app_id = $1 AND username = ANY($2::text[]) AND deleted_at > clock_timestamp() - make_interval(secs => $3)`,
      values: [tenant.appId, usernames, withinMs / 1_000],
    });
    return rows.map((row) => row.username);
  }

  async forgetOld(): Promise<void> {
    await this.prisma.departure.deleteMany({ where: { toldAt: { not: null }, deletedAt: { lt: new Date(Date.now() - DEPARTED_REMEMBERED_MS) } } });
  }
}
