import { Injectable } from '@nestjs/common';
import { mutes } from '@parley/contracts';
import { DomainError } from '@parley/errors';
import type { TenantRef } from '@parley/kernel';
import { AccountStore } from '../accounts/account.store.js';
import type { AppUser } from '../generated/client.js';
import { PolicyNews } from '../policy/policy.news.js';
import { MutesStore } from './mutes.store.js';

const MOST_LISTED = 50;
/** Deeper than anybody pages by hand; the store counts its way there. */
const MOST_PAGES = 20_000;
const KINDS = [mutes.MuteKind.MUTE_KIND_CHAT, mutes.MuteKind.MUTE_KIND_GROUP, mutes.MuteKind.MUTE_KIND_ROOM];

/** Users who may not send in the whole app. */
@Injectable()
export class MutesService {
  constructor(
    private readonly accounts: AccountStore,
    private readonly store: MutesStore,
    private readonly news: PolicyNews,
  ) {}

  /** Holds for messages sent after it is answered. @throws DomainError mute_user_not_found */
  async set(tenant: TenantRef, name: string, wanted: readonly mutes.Mute[]): Promise<void> {
    const { userId } = await this.user(tenant, name);
    const known = new Map(wanted.filter(({ kind }) => KINDS.includes(kind)).map((one) => [one.kind, one]));
    try {
      await this.store.set(tenant, userId, [...known.values()]);
    } catch (error) {
      // Deleted in this moment.
      if ((error as { code?: string }).code === FOREIGN_KEY) throw new DomainError('mute_user_not_found');
      throw error;
    }
    await this.news.senderChanged(tenant, userId);
  }

  /** One for each kind, 0 where there is none. @throws DomainError mute_user_not_found */
  async get(tenant: TenantRef, name: string): Promise<mutes.Mute[]> {
    const { userId } = await this.user(tenant, name);
    const found = new Map((await this.store.of(tenant, userId)).map((one) => [one.kind, one]));
    return KINDS.map((kind) => found.get(kind) ?? { kind, seconds: 0 });
  }

  async list(tenant: TenantRef, page: number, pageSize: number): Promise<mutes.UserMute[]> {
    const size = Math.min(Math.max(pageSize, 1), MOST_LISTED);
    const pages = Math.min(Math.max(page, 1), MOST_PAGES);
    return this.store.page(tenant, (pages - 1) * size, size);
  }

  private async user(tenant: TenantRef, name: string): Promise<AppUser> {
    const found = await this.accounts.find(tenant, name);
    if (!found) throw new DomainError('mute_user_not_found');
    return found;
  }
}

/** PostgreSQL's foreign_key_violation. */
const FOREIGN_KEY = '23503';
