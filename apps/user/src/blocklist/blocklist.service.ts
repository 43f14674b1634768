import { Injectable } from '@nestjs/common';
import { AppSettingsDirectory } from '@parley/app-settings';
import { BusError } from '@parley/bus';
import type { blocklist } from '@parley/contracts';
import { DomainError } from '@parley/errors';
import { foldUsername, type TenantRef } from '@parley/kernel';
import { AccountStore } from '../accounts/account.store.js';
import { toUser } from '../accounts/user.view.js';
import { ContactCourier } from '../contact-news/contact-courier.js';
import { decodeCursor, encodeCursor } from '../listing/cursor.js';
import { PolicyNews } from '../policy/policy.news.js';
import { BlocklistStore } from './blocklist.store.js';

const PAGE_MOST = 500;

/** Blocking and unblocking; answered when the send path knows of it. */
@Injectable()
export class BlocklistService {
  constructor(
    private readonly store: BlocklistStore,
    private readonly accounts: AccountStore,
    private readonly settings: AppSettingsDirectory,
    private readonly policy: PolicyNews,
    private readonly courier: ContactCourier,
  ) {}

  /** @throws DomainError user_not_found, contact_oneself, blocklist_limit */
  async block(tenant: TenantRef, request: blocklist.BlockUsersRequest): Promise<blocklist.BlockUsersResponse> {
    const most = await this.most(tenant);
    return this.changed(tenant, await this.store.block(tenant, namesOf(request), most, { resource: request.resource }));
  }

  /** @throws DomainError user_not_found, contact_oneself */
  async unblock(tenant: TenantRef, request: blocklist.BlockUsersRequest): Promise<blocklist.BlockUsersResponse> {
    return this.changed(tenant, await this.store.unblock(tenant, namesOf(request), { resource: request.resource }));
  }

  /** @throws DomainError user_not_found */
  async list(tenant: TenantRef, { username, limit, cursor }: blocklist.ListBlockedRequest): Promise<blocklist.ListBlockedResponse> {
    const size = Math.min(Math.max(limit, 1), PAGE_MOST);
    const rows = await this.store.page(tenant, await this.idOf(tenant, username), decodeCursor(cursor), size + 1);
    const page = rows.slice(0, size);
    const names = await this.store.namesOf(tenant, page.map((row) => row.blockedId));
    return {
      usernames: page.flatMap((row) => names.get(row.blockedId) ?? []),
      nextCursor: rows.length > size ? encodeCursor(page.at(-1)!.seq) : '',
    };
  }

  /** @throws DomainError user_not_found */
  async check(tenant: TenantRef, { username, others }: blocklist.CheckBlockedRequest): Promise<blocklist.CheckBlockedResponse> {
    const names = others.map(foldUsername);
    const userId = await this.idOf(tenant, username);
    const ids = new Map((await this.accounts.findMany(tenant, names)).map((row) => [row.username, row.userId]));
    const blocked = await this.store.among(tenant, userId, [...ids.values()]);
    return { blocked: names.map((name) => blocked.has(ids.get(name) ?? 0n)) };
  }

  private async changed(tenant: TenantRef, { owner, others, changed }: Awaited<ReturnType<BlocklistStore['block']>>): Promise<blocklist.BlockUsersResponse> {
    if (changed.length > 0) {
      this.courier.wake();
      await this.policy.betweenChanged(tenant, owner.userId, changed.map((one) => one.userId));
    }
    return { users: others.map((row) => toUser(row)) };
  }

  private async most(tenant: TenantRef): Promise<number> {
    try {
      return (await this.settings.of(tenant.appId)).blocklistMost;
    } catch (error) {
      if (error instanceof BusError) throw new DomainError('unavailable', {}, { cause: error });
      throw error;
    }
  }

  private async idOf(tenant: TenantRef, username: string): Promise<bigint> {
    const row = await this.accounts.find(tenant, username);
    if (!row) throw new DomainError('user_not_found', { username });
    return row.userId;
  }
}

function namesOf({ username, others }: blocklist.BlockUsersRequest): { owner: string; others: readonly string[] } {
  return { owner: username, others };
}
