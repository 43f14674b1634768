import { Injectable } from '@nestjs/common';
import type { TenantRef } from '@parley/kernel';
import { BlocklistStore } from '../blocklist/blocklist.store.js';
import { ContactStore } from '../contacts/contact.store.js';
import { type AppUser, PrismaClient } from '../generated/client.js';
import { RevocationStore } from '../revocation/revocation.store.js';
import { DepartureStore } from './departure.store.js';

/** A hundred users with full lists of contacts, in ms. */
const DELETES_WITHIN_MS = 60_000;

/** Removes users and notes their departure. */
@Injectable()
export class DeletionStore {
  constructor(
    private readonly prisma: PrismaClient,
    private readonly revocations: RevocationStore,
    private readonly contacts: ContactStore,
    private readonly blocklists: BlocklistStore,
    private readonly departures: DepartureStore,
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
      await this.departures.note(tx, rows);
      await this.revocations.noteGone(tx, rows);
      return rows;
    }, { timeout: DELETES_WITHIN_MS });
  }
}
