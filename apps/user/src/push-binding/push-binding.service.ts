import { Injectable } from '@nestjs/common';
import type { push } from '@parley/contracts';
import { DomainError } from '@parley/errors';
import type { TenantRef } from '@parley/kernel';
import { AccountStore } from '../accounts/account.store.js';
import { type AppUser, PrismaClient } from '../generated/client.js';
import { checkPushBinding } from './push-binding.rules.js';
import { PushBindingStore } from './push-binding.store.js';

/** The devices of a user to which pushes go. */
@Injectable()
export class PushBindingService {
  constructor(
    private readonly accounts: AccountStore,
    private readonly store: PushBindingStore,
    private readonly prisma: PrismaClient,
  ) {}

  /**
   * A token that somebody else had is his no longer.
   * @returns all bindings of the user
   * @throws DomainError push_user_not_found | push_parameter_invalid | unauthorized
   */
  async set(tenant: TenantRef, name: string, change: push.PushBindingChange | undefined): Promise<push.PushBinding[]> {
    if (!change) throw new DomainError('push_parameter_invalid', { name: 'device_id' });
    const checked = checkPushBinding(change);
    const { userId } = await this.user(tenant, name);
    if (!(await this.store.set(this.prisma, tenant, userId, checked))) throw new DomainError('push_user_not_found');
    return this.of(tenant, userId);
  }

  /** @throws DomainError push_user_not_found */
  async list(tenant: TenantRef, name: string): Promise<push.PushBinding[]> {
    return this.of(tenant, (await this.user(tenant, name)).userId);
  }

  private async of(tenant: TenantRef, userId: bigint): Promise<push.PushBinding[]> {
    return (await this.store.of(tenant, [userId])).get(userId) ?? [];
  }

  private async user(tenant: TenantRef, name: string): Promise<AppUser> {
    const found = await this.accounts.find(tenant, name);
    if (!found) throw new DomainError('push_user_not_found');
    return found;
  }
}
