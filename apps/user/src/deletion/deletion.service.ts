import { Injectable } from '@nestjs/common';
import { Bus, eventSubjects } from '@parley/bus';
import type { user } from '@parley/contracts';
import { DomainError } from '@parley/errors';
import type { TenantRef } from '@parley/kernel';
import { createLogger } from '@parley/telemetry';
import { AccountStore } from '../accounts/account.store.js';
import { toUser } from '../accounts/user.view.js';
import { ContactCourier } from '../contact-news/contact-courier.js';
import { decodeCursor, encodeCursor, pageSize } from '../listing/cursor.js';
import { PresenceFarewell } from '../presence/presence.farewell.js';
import { NameNews } from '../resolving/name.news.js';
import { RevocationService } from '../revocation/revocation.service.js';
import { DeletionStore } from './deletion.store.js';
import { type Departed, DepartureStore } from './departure.store.js';

const log = createLogger('user');

/** Deletes users for good: their row, devices and sessions; a later user of the same name inherits nothing. */
@Injectable()
export class DeletionService {
  constructor(
    private readonly accounts: AccountStore,
    private readonly store: DeletionStore,
    private readonly bus: Bus,
    private readonly revocation: RevocationService,
    private readonly departures: DepartureStore,
    private readonly names: NameNews,
    private readonly farewell: PresenceFarewell,
    private readonly courier: ContactCourier,
  ) {}

  /** @throws DomainError delete_user_not_found */
  async deleteOne(tenant: TenantRef, name: string): Promise<user.User> {
    const row = await this.accounts.find(tenant, name);
    const [deleted] = row ? await this.remove(tenant, [row.userId]) : [];
    if (!deleted) throw new DomainError('delete_user_not_found', { appUuid: tenant.appUuid });
    return deleted;
  }

  /** Deletes the oldest users, or those after a cursor. The next cursor is empty when nobody is left. @throws DomainError illegal_argument */
  async deleteOldest(tenant: TenantRef, limit: number, cursor: string): Promise<user.ListUsersResponse> {
    const size = pageSize(limit);
    const rows = await this.accounts.page(tenant, decodeCursor(cursor), size + 1);
    const users = await this.remove(tenant, rows.slice(0, size).map((row) => row.userId));
    return { users, nextCursor: rows.length > size ? encodeCursor(rows[size - 1]!.userId) : '' };
  }

  /** Tells again of deletions whose event was not taken the first time. Runs now and then in every replica. */
  async announceLeftOver(olderThanMs: number): Promise<void> {
    const untold = await this.departures.untold(olderThanMs, 500);
    await this.names.freed(untold);
    for (const departed of untold) await this.announce(departed);
  }

  private async remove(tenant: TenantRef, userIds: readonly bigint[]): Promise<user.User[]> {
    if (userIds.length === 0) return [];
    const farewell = await this.farewell.of(tenant, userIds);
    const rows = await this.store.delete(tenant, userIds);
    this.courier.wake();
    this.farewell.say(tenant, farewell, rows.map((row) => row.userId));
    await Promise.all([this.revocation.announceGone(rows), this.names.freed(rows)]);
    const announced = await Promise.allSettled(rows.map((row) => this.announce(row)));
    const failed = announced.filter((result) => result.status === 'rejected');
    if (failed.length > 0) log.warn({ err: failed[0]!.reason, count: failed.length }, 'UserDeleted will be told later');
    return rows.map((row) => toUser(row));
  }

  private async announce(departed: Departed): Promise<void> {
    const { appId, userId, username } = departed;
    const value = { appId, userId, username };
    await this.bus.publishEvent(eventSubjects.userDeleted, appId, value, { dedupeId: `deleted.${userId}` });
    await this.departures.told(departed);
  }
}
