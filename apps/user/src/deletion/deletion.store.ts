import { Injectable } from '@nestjs/common';
import type { TenantRef } from '@parley/kernel';
import { BlocklistStore } from '../blocklist/blocklist.store.js';
import { ContactStore } from '../contacts/contact.store.js';
import { type AppUser, type Departure, PrismaClient } from '../generated/client.js';
import { RevocationStore } from '../revocation/revocation.store.js';

/** A hundred users with full lists of contacts, in ms. */
const DELETES_WITHIN_MS = 60_000;

/** Removes users, and keeps a note of each until its event has been taken. */
@Injectable()
export class DeletionStore {
  constructor(
    private readonly prisma: PrismaClient,
    private readonly revocations: RevocationStore,
    private readonly contacts: ContactStore,
    private readonly blocklists: BlocklistStore,
  ) {}

  /** Deletes those of the users that still exist, with their devices, and answers them, oldest first. */
  async delete(tenant: TenantRef, userIds: readonly bigint[]): Promise<AppUser[]> {
    const where = { appId: tenant.appId, userId: { in: [...userIds] } };
    return this.prisma.$transaction(async (tx) => {
      // Locked in the order of their keys, as logins do, so that the two never wait for each other in a circle.
      await tx.$queryRaw`SELECT 1 FROM app_user WHERE app_id = ${tenant.appId} AND user_id = ANY(${[...userIds]})
        ORDER BY app_id, user_id FOR UPDATE`;
      const rows = await tx.appUser.findMany({ where, orderBy: { userId: 'asc' } });
      await this.contacts.depart(tx, tenant, rows);
      await this.blocklists.depart(tx, tenant, rows);
      await tx.device.deleteMany({ where });
      await tx.appUser.deleteMany({ where });
      await tx.departure.createMany({
        data: rows.map(({ appId, userId, username }) => ({ appId, userId, username })),
      });
      await this.revocations.noteGone(tx, rows);
      return rows;
    }, { timeout: DELETES_WITHIN_MS });
  }

  /** Departures that nobody has been told of for that long, in ms. Over all apps: used by the service's own clean-up. */
  async unannounced(olderThanMs: number, limit: number): Promise<Departure[]> {
    return this.prisma.departure.findMany({
      where: { deletedAt: { lt: new Date(Date.now() - olderThanMs) } },
      orderBy: { deletedAt: 'asc' },
      take: limit,
    });
  }

  async forget(departure: { appId: number; userId: bigint }): Promise<void> {
    await this.prisma.departure.deleteMany({ where: { appId: departure.appId, userId: departure.userId } });
  }
}
