import { Injectable } from '@nestjs/common';
import type { tokenOwner, user } from '@parley/contracts';
import { DomainError } from '@parley/errors';
import { foldUsername, type TenantRef } from '@parley/kernel';
import { AccountStore } from '../accounts/account.store.js';
import { toUser } from '../accounts/user.view.js';
import { foreignTokensCountFrom, mayMakeUser } from '../deletion/departure.rules.js';
import { DepartureStore } from '../deletion/departure.store.js';
import type { AppUser } from '../generated/client.js';
import { RegistrationService } from '../registration/registration.service.js';

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** Whose token it is that somebody else made, and whether that user's tokens have been revoked since. */
@Injectable()
export class TokenOwnerService {
  constructor(
    private readonly accounts: AccountStore,
    private readonly registration: RegistrationService,
    private readonly departures: DepartureStore,
  ) {}

  /** @throws DomainError entity_user_not_found, username_illegal, username_too_long, user_not_activated, unauthorized */
  async find(tenant: TenantRef, asked: tokenOwner.FindTokenOwnerRequest): Promise<user.User> {
    const row = (await this.named(tenant, asked)) ?? (await this.made(tenant, asked));
    if (!row.activated) throw new DomainError('user_not_activated');
    // Such tokens tell whole seconds: one of the same second counts as older.
    if (Number(asked.issuedAtMs) < foreignTokensCountFrom(row)) throw new DomainError('unauthorized');
    return toUser(row);
  }

  private async named(tenant: TenantRef, { name, mayBeUuid }: tokenOwner.FindTokenOwnerRequest): Promise<AppUser | undefined> {
    const byUuid = mayBeUuid && UUID.test(name) ? await this.accounts.findByUuid(tenant, name) : undefined;
    return byUuid ?? this.accounts.find(tenant, name);
  }

  /** Read again once he is made: he may have been deleted while this token was on its way. */
  private async made(tenant: TenantRef, { name, autoCreate, issuedAtMs }: tokenOwner.FindTokenOwnerRequest): Promise<AppUser> {
    if (autoCreate) {
      const freeSince = await this.departures.lastOf(tenant, foldUsername(name));
      if (!mayMakeUser(Number(issuedAtMs), freeSince, Date.now())) throw new DomainError('unauthorized');
    }
    try {
      await this.registration.ensure(tenant, name, autoCreate);
    } catch (error) {
      // Two devices of a new user at the same moment: the other one has made him.
      if (!(error instanceof DomainError && error.code === 'concurrent_create')) throw error;
    }
    const made = await this.accounts.find(tenant, name);
    if (!made) throw new DomainError('entity_user_not_found');
    return made;
  }
}
