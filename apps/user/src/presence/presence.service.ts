import { Injectable } from '@nestjs/common';
import { AppSettingsDirectory } from '@parley/app-settings';
import type { presence } from '@parley/contracts';
import { DomainError } from '@parley/errors';
import { foldUsername, type TenantRef } from '@parley/kernel';
import { AccountStore } from '../accounts/account.store.js';
import type { AppUser } from '../generated/client.js';
import { stateOf } from './presence.news.js';
import { EXT_MAX_BYTES, SUBSCRIPTION_MAX_SECONDS } from './presence.rules.js';
import { PresenceStore } from './presence.store.js';
import { SubscriptionStore } from './subscription.store.js';

const MOST_TARGETS = 100;
const MOST_LISTED = 500;

/** Publishes and watches presence. All throw presence_disabled, and user_not_found for the user who asks. */
@Injectable()
export class PresenceService {
  constructor(
    private readonly accounts: AccountStore,
    private readonly store: PresenceStore,
    private readonly subscriptions: SubscriptionStore,
    private readonly settings: AppSettingsDirectory,
  ) {}

  /** @throws DomainError presence_ext_too_long */
  async publish(tenant: TenantRef, name: string, resource: string, status: number, ext: string): Promise<void> {
    if (Buffer.byteLength(ext) > EXT_MAX_BYTES) throw new DomainError('presence_ext_too_long');
    const { user } = await this.asker(tenant, name);
    const done = await this.store.publish(tenant.appId, user.userId, storable(resource), status, storable(ext));
    if (!done) throw new DomainError('user_not_found', { username: name });
  }

  /** In the order asked. @throws DomainError presence_too_many_targets, presence_self, presence_subscriptions_full, presence_subscribers_full */
  async subscribe(tenant: TenantRef, name: string, targets: readonly string[], ttlSeconds: number): Promise<presence.PresenceStates> {
    if (targets.length > MOST_TARGETS) throw new DomainError('presence_too_many_targets');
    const { user, settings } = await this.asker(tenant, name);
    const names = [...new Set(targets.map(foldUsername))];
    if (names.includes(user.username)) throw new DomainError('presence_self');
    const users = await this.accounts.findMany(tenant, names);
    const ttl = Math.min(Math.max(ttlSeconds, 1), SUBSCRIPTION_MAX_SECONDS);
    const limits = { subscriptions: settings.presenceSubscriptionsMost, subscribers: settings.presenceSubscribersMost };
    const states = await this.subscriptions.add(tenant.appId, user.userId, users.map((one) => one.userId), ttl, limits);
    const expiresAt = BigInt(Math.floor(Date.now() / 1_000) + ttl);
    const byName = new Map([...states.values()].map((one) => [one.username, one]));
    return {
      states: names.map((username) => {
        const found = byName.get(username);
        return { state: found ? stateOf(username, found.shown) : nobody(username), expiresAt: found ? expiresAt : 0n };
      }),
    };
  }

  async unsubscribe(tenant: TenantRef, name: string, targets: readonly string[]): Promise<void> {
    if (targets.length > MOST_TARGETS) throw new DomainError('presence_too_many_unsubscribed');
    const { user } = await this.asker(tenant, name);
    const users = await this.accounts.findMany(tenant, [...new Set(targets.map(foldUsername))]);
    await this.subscriptions.remove(tenant.appId, user.userId, users.map((one) => one.userId));
  }

  /** In the order asked; who is unknown or never was there has no device. @throws DomainError presence_too_many_queried */
  async states(tenant: TenantRef, name: string, targets: readonly string[]): Promise<presence.PresenceStates> {
    if (targets.length > MOST_TARGETS) throw new DomainError('presence_too_many_queried');
    const { user } = await this.asker(tenant, name);
    const names = targets.map(foldUsername);
    const users = await this.accounts.findMany(tenant, [...new Set(names)]);
    const ids = users.map((one) => one.userId);
    const [states, expiries] = await Promise.all([
      this.store.read(tenant.appId, ids),
      this.subscriptions.expiries(tenant.appId, user.userId, ids),
    ]);
    const byName = new Map([...states.values()].map((one) => [one.username, one]));
    return {
      states: names.map((username) => {
        const found = byName.get(username);
        if (!found) return { state: nobody(username), expiresAt: 0n };
        return { state: stateOf(username, found.shown), expiresAt: expiries.get(found.userId) ?? 0n };
      }),
    };
  }

  async list(tenant: TenantRef, name: string, page: number, pageSize: number): Promise<presence.ListPresenceSubscriptionsResponse> {
    const { user } = await this.asker(tenant, name);
    const size = Math.min(Math.max(pageSize, 1), MOST_LISTED);
    const { total, rows } = await this.subscriptions.page(tenant.appId, user.userId, (Math.max(page, 1) - 1) * size, size);
    return { total, subscriptions: rows };
  }

  private async asker(tenant: TenantRef, name: string): Promise<{ user: AppUser; settings: Awaited<ReturnType<AppSettingsDirectory['of']>> }> {
    const settings = await this.settings.of(tenant.appId);
    if (!settings.presenceEnabled) throw new DomainError('presence_disabled');
    const user = await this.accounts.find(tenant, name);
    if (!user) throw new DomainError('user_not_found', { username: name });
    return { user, settings };
  }
}

function nobody(username: string): presence.PresenceState {
  return { username, changedAt: 0n, ext: '', statuses: {} };
}

/** PostgreSQL takes no NUL in a text. */
function storable(text: string): string {
  return text.replaceAll('\0', '');
}
