import { Injectable } from '@nestjs/common';
import type { user } from '@parley/contracts';
import { DomainError } from '@parley/errors';
import type { TenantRef } from '@parley/kernel';
import { AccountStore } from '../accounts/account.store.js';
import { toUser } from '../accounts/user.view.js';
import { PushBindingStore } from '../push-binding/push-binding.store.js';
import { decodeCursor, encodeCursor, pageSize } from './cursor.js';

/** Reads users: one by name, all by pages. */
@Injectable()
export class ListingService {
  constructor(
    private readonly accounts: AccountStore,
    private readonly bindings: PushBindingStore,
  ) {}

  /** @throws DomainError user_not_found */
  async get(tenant: TenantRef, name: string): Promise<user.User> {
    const row = await this.accounts.find(tenant, name);
    if (!row) throw new DomainError('user_not_found', { username: name });
    return toUser(row, (await this.bindings.of(tenant, [row.userId])).get(row.userId));
  }

  /** A page, oldest user first; the cursor is empty on the last one. @throws DomainError illegal_argument for a foreign cursor */
  async list(tenant: TenantRef, limit: number, cursor: string): Promise<user.ListUsersResponse> {
    const size = pageSize(limit);
    const rows = await this.accounts.page(tenant, decodeCursor(cursor), size + 1);
    const page = rows.slice(0, size);
    const bindings = await this.bindings.of(tenant, page.map((row) => row.userId));
    const users = page.map((row) => toUser(row, bindings.get(row.userId)));
    return { users, nextCursor: rows.length > size ? encodeCursor(page.at(-1)!.userId) : '' };
  }
}
