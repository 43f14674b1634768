import { Injectable } from '@nestjs/common';
import type { user } from '@parley/contracts';
import { DomainError } from '@parley/errors';
import type { TenantRef } from '@parley/kernel';
import { SecretHasher } from '@parley/tokens';
import { AccountStore } from '../accounts/account.store.js';
import { toUser } from '../accounts/user.view.js';
import { isTooLongPassword } from '../registration/registration.rules.js';
import { RevocationService } from '../revocation/revocation.service.js';

/** Changes and checks passwords. */
@Injectable()
export class PasswordService {
  constructor(
    private readonly accounts: AccountStore,
    private readonly hasher: SecretHasher,
    private readonly revocation: RevocationService,
  ) {}

  /**
   * Sets a new password; tokens issued before stop working and sessions end.
   * @throws DomainError new_password_required, password_too_long, entity_user_not_found
   */
  async set(tenant: TenantRef, name: string, newPassword: string): Promise<void> {
    if (newPassword === '') throw new DomainError('new_password_required');
    if (isTooLongPassword(newPassword)) throw new DomainError('password_too_long');
    const row = await this.accounts.find(tenant, name);
    if (!row) throw new DomainError('entity_user_not_found');
    const passwordHash = await this.hasher.hash(newPassword, tenant.appId);
    const changed = await this.revocation.revoke(tenant, row.userId, 'passwordChanged', { passwordHash });
    if (!changed) throw new DomainError('entity_user_not_found');
  }

  /** @throws DomainError token_user_not_found, invalid_password (also for a user without one), user_not_activated */
  async verify(tenant: TenantRef, name: string, password: string): Promise<user.User> {
    const row = await this.accounts.find(tenant, name);
    if (!row) throw new DomainError('token_user_not_found');
    // A longer one cannot be right, and hashing it would be a gift to whoever sends it.
    const right = row.passwordHash !== null && !isTooLongPassword(password) && (await this.hasher.verify(password, row.passwordHash, tenant.appId));
    if (!right) throw new DomainError('invalid_password');
    if (!row.activated) throw new DomainError('user_not_activated');
    return toUser(row);
  }
}
