import { Injectable } from '@nestjs/common';
import type { user } from '@parley/contracts';
import { DomainError } from '@parley/errors';
import type { TenantRef } from '@parley/kernel';
import { AccountStore } from '../accounts/account.store.js';
import { toUser } from '../accounts/user.view.js';
import { decodeCursor, encodeCursor, pageSize } from './cursor.js';

/** Reads users: one by name, all by pages. */
@Injectable()
export class ListingService {
  constructor(private readonly accounts: AccountStore) {}

  /** @throws DomainError user_not_found */
  async get(tenant: TenantRef, name: string): Promise<user.User> {
    const row = await this.accounts.find(tenant, name);
    if (!row) throw new DomainError('user_not_found', { username: name });
    return toUser(row);
  }

  /** A page, oldest user first; the cursor is empty on the last one. @throws DomainError illegal_argument for a foreign cursor */
  async list(tenant: TenantRef, limit: number, cursor: string): Promise<user.ListUsersResponse> {
    const size = pageSize(limit);
    const rows = await this.accounts.page(tenant, decodeCursor(cursor), size + 1);
    const page = rows.slice(0, size);
    return { users: page.map(toUser), nextCursor: rows.length > size ? encodeCursor(page.at(-1)!.userId) : '' };
  }
}
