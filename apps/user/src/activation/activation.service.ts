import { Injectable } from '@nestjs/common';
import type { user } from '@parley/contracts';
import { DomainError } from '@parley/errors';
import type { TenantRef } from '@parley/kernel';
import { AccountStore } from '../accounts/account.store.js';
import { toUser } from '../accounts/user.view.js';
import { RevocationService } from '../revocation/revocation.service.js';

/** Bars users from the app, and lets them in again. */
@Injectable()
export class ActivationService {
  constructor(
    private readonly accounts: AccountStore,
    private readonly revocation: RevocationService,
  ) {}

  /** Deactivating voids his tokens and ends his sessions; after activation he needs new ones. @throws DomainError user_not_found */
  async set(tenant: TenantRef, name: string, activated: boolean): Promise<user.User> {
    const found = await this.accounts.find(tenant, name);
    const changed =
      found && activated
        ? await this.accounts.change(tenant, found.userId, { activated })
        : found && (await this.revocation.revoke(tenant, found.userId, 'deactivated', { activated }));
    if (!changed) throw new DomainError('user_not_found', { username: name });
    return toUser(changed);
  }
}
