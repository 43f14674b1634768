import { Injectable } from '@nestjs/common';
import type { accounts, push, user } from '@parley/contracts';
import { DomainError } from '@parley/errors';
import type { TenantRef } from '@parley/kernel';
import { AccountStore } from '../accounts/account.store.js';
import { toUser } from '../accounts/user.view.js';
import { type AppUser, PrismaClient } from '../generated/client.js';
import { checkPushBinding } from '../push-binding/push-binding.rules.js';
import { PushBindingStore } from '../push-binding/push-binding.store.js';
import { checkNickname } from '../registration/registration.rules.js';
import { checkPushLanguage, checkPushNicknames, checkPushStyle } from './profile.rules.js';

type Change = Pick<accounts.UpdateUserRequest, 'nickname' | 'pushStyle' | 'pushBinding'>;

/** What a user or his server changes of him: how pushes to him look, and where they go. */
@Injectable()
export class ProfileService {
  constructor(
    private readonly accounts: AccountStore,
    private readonly bindings: PushBindingStore,
    private readonly prisma: PrismaClient,
  ) {}

  /**
   * Changes what is given, all or nothing.
   * @throws DomainError user_not_found | nickname_too_long | push_parameter_invalid | unauthorized
   */
  async update(tenant: TenantRef, name: string, { nickname, pushStyle, pushBinding }: Change): Promise<user.User> {
    const change = {
      nickname: nickname === undefined ? undefined : checkNickname(nickname),
      pushStyle: pushStyle === undefined ? undefined : checkPushStyle(pushStyle),
    };
    const binding = pushBinding && checkPushBinding(pushBinding);
    const found = await this.accounts.find(tenant, name);
    const changed =
      found &&
      (await this.prisma.$transaction(async (tx) => {
        if (binding && !(await this.bindings.set(tx, tenant, found.userId, binding))) return undefined;
        return this.accounts.change(tenant, found.userId, change, tx);
      }));
    if (!changed) throw new DomainError('user_not_found', { username: name });
    return toUser(changed, (await this.bindings.of(tenant, [changed.userId])).get(changed.userId));
  }

  /** Those set, in the order asked; unknown users are left out. @throws DomainError push_nickname… */
  async setPushNicknames(tenant: TenantRef, wanted: readonly push.PushNickname[]): Promise<push.PushNickname[]> {
    const nicknames = checkPushNicknames(wanted);
    const set = await this.accounts.setNicknames(tenant, nicknames);
    return [...nicknames].flatMap(([username, nickname]) => (set.has(username) ? [{ username, nickname }] : []));
  }

  /** The language of pushes, as it is stored; empty is none. @throws DomainError push_user_not_found | push_parameter_invalid */
  async setPushLanguage(tenant: TenantRef, name: string, language: string): Promise<string> {
    const pushLanguage = checkPushLanguage(language);
    const { userId } = await this.user(tenant, name);
    const changed = await this.accounts.change(tenant, userId, { pushLanguage });
    if (!changed) throw new DomainError('push_user_not_found');
    return changed.pushLanguage;
  }

  /** @throws DomainError push_user_not_found */
  async pushLanguage(tenant: TenantRef, name: string): Promise<string> {
    return (await this.user(tenant, name)).pushLanguage;
  }

  private async user(tenant: TenantRef, name: string): Promise<AppUser> {
    const found = await this.accounts.find(tenant, name);
    if (!found) throw new DomainError('push_user_not_found');
    return found;
  }
}
