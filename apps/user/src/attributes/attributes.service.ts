import { Injectable } from '@nestjs/common';
import { AppSettingsDirectory } from '@parley/app-settings';
import type { attributes } from '@parley/contracts';
import { DomainError } from '@parley/errors';
import { foldUsername, type TenantRef } from '@parley/kernel';
import { AccountStore } from '../accounts/account.store.js';
import { checkAttributes } from './attributes.rules.js';
import { AttributesStore } from './attributes.store.js';

const MOST_USERS = 100;

/** What users tell of themselves. All throw user_attributes_disabled where the app has switched it off. */
@Injectable()
export class AttributesService {
  constructor(
    private readonly accounts: AccountStore,
    private readonly store: AttributesStore,
    private readonly settings: AppSettingsDirectory,
  ) {}

  /**
   * @returns the pairs as stored
   * @throws DomainError user_not_found | user_attribute_too_long | user_attributes_too_large | app_attributes_too_large
   */
  async set(tenant: TenantRef, name: string, pairs: Readonly<Record<string, string>>): Promise<Record<string, string>> {
    const limits = await this.enabled(tenant);
    const checked = checkAttributes(pairs);
    const owner = await this.accounts.find(tenant, name);
    const stored =
      owner &&
      (await this.store.merge(tenant, owner.userId, checked, { ofUser: limits.userAttributesBytes, ofApp: limits.userAttributesAppBytes }));
    if (!stored) throw new DomainError('user_not_found', { username: name });
    return Object.fromEntries(checked);
  }

  /** In the order asked; empty for who has none or does not exist. @throws DomainError metadata_batch_too_large */
  async get(tenant: TenantRef, names: readonly string[], keys: readonly string[]): Promise<attributes.GetAttributesResponse> {
    await this.enabled(tenant);
    if (names.length > MOST_USERS) throw new DomainError('metadata_batch_too_large', { limit: String(MOST_USERS) });
    const users = await this.accounts.findMany(tenant, [...new Set(names.map(foldUsername))]);
    const byId = await this.store.of(tenant, users.map((one) => one.userId));
    const byName = new Map(users.map((one) => [one.username, byId.get(one.userId)]));
    const wanted = new Set(keys);
    return {
      users: names.map((username) => {
        const all = Object.entries(byName.get(foldUsername(username)) ?? {});
        return { username, attributes: Object.fromEntries(wanted.size === 0 ? all : all.filter(([key]) => wanted.has(key))) };
      }),
    };
  }

  /** @throws DomainError user_not_found */
  async delete(tenant: TenantRef, name: string): Promise<void> {
    await this.enabled(tenant);
    const owner = await this.accounts.find(tenant, name);
    if (!owner) throw new DomainError('user_not_found', { username: name });
    await this.store.delete(tenant, owner.userId);
  }

  async capacity(tenant: TenantRef): Promise<bigint> {
    await this.enabled(tenant);
    return this.store.capacity(tenant);
  }

  private async enabled(tenant: TenantRef) {
    const settings = await this.settings.of(tenant.appId);
    if (!settings.userAttributesEnabled) throw new DomainError('user_attributes_disabled', { appKey: `${tenant.org}#${tenant.app}` });
    return settings;
  }
}
