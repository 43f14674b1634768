import { Injectable } from '@nestjs/common';
import type { user } from '@parley/contracts';
import { DomainError } from '@parley/errors';
import type { TenantRef } from '@parley/kernel';
import { AccountStore } from '../accounts/account.store.js';
import { toUser } from '../accounts/user.view.js';
import { checkNickname } from '../registration/registration.rules.js';

/** The nickname that pushes show. */
@Injectable()
export class ProfileService {
  constructor(private readonly accounts: AccountStore) {}

  /** An empty one takes it away. @throws DomainError nickname_too_long | user_not_found */
  async setNickname(tenant: TenantRef, name: string, nickname: string): Promise<user.User> {
    const clean = checkNickname(nickname);
    const found = await this.accounts.find(tenant, name);
    const changed = found && (await this.accounts.change(tenant, found.userId, { nickname: clean }));
    if (!changed) throw new DomainError('user_not_found', { username: name });
    return toUser(changed);
  }
}
