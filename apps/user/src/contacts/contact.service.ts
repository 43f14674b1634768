import { Injectable } from '@nestjs/common';
import { AppSettingsDirectory } from '@parley/app-settings';
import { BusError } from '@parley/bus';
import type { contacts, user } from '@parley/contracts';
import { DomainError } from '@parley/errors';
import { foldUsername, type TenantRef } from '@parley/kernel';
import { createLogger } from '@parley/telemetry';
import { toUser } from '../accounts/user.view.js';
import { ContactCourier } from '../contact-news/contact-courier.js';
import type { Origin } from '../contact-news/news.store.js';
import { PolicyNews } from '../policy/policy.news.js';
import { type Act, checkReason, checkRemark, importFailure } from './contact.rules.js';
import { ContactStore } from './contact.store.js';

const log = createLogger('user');

/** Changes of contacts: check, do, then tell the send path, devices and other services. */
@Injectable()
export class ContactService {
  constructor(
    private readonly store: ContactStore,
    private readonly settings: AppSettingsDirectory,
    private readonly policy: PolicyNews,
    private readonly courier: ContactCourier,
  ) {}

  /** @throws DomainError as ContactService.InviteContacts says */
  async invite(tenant: TenantRef, request: contacts.InviteContactsRequest): Promise<user.User[]> {
    const origin = { resource: request.resource, reason: checkReason(request.reason) };
    const users: user.User[] = [];
    for (const other of new Set(request.others.map(foldUsername))) {
      users.push(await this.act(tenant, { actor: request.username, other }, 'invite', origin));
    }
    return users;
  }

  /** @returns the other user. @throws DomainError as the contract says of each act */
  async act(tenant: TenantRef, names: { actor: string; other: string }, act: Act['kind'], origin: Origin): Promise<user.User> {
    if (foldUsername(names.actor) === foldUsername(names.other)) throw new DomainError('contact_oneself');
    const { actor, other, changed } = await this.store.act(tenant, names, act, await this.most(tenant), origin);
    if (changed) {
      this.courier.wake();
      await this.policy.betweenChanged(tenant, actor.userId, [other.userId]);
    }
    return toUser(other);
  }

  /** Each succeeds or fails alone. @throws DomainError user_not_found for the owner */
  async import(tenant: TenantRef, request: contacts.ImportContactsRequest): Promise<contacts.ImportContactsResponse> {
    const answer: contacts.ImportContactsResponse = { added: [], notExisting: [], overLimit: [], failed: [] };
    for (const other of new Set(request.others.map(foldUsername))) {
      try {
        await this.act(tenant, { actor: request.username, other }, 'add', { resource: '', silent: !request.notify });
        answer.added.push(other);
      } catch (error) {
        const known = error instanceof DomainError ? error : undefined;
        if (known?.code === 'user_not_found' && known.params['username'] === foldUsername(request.username)) throw known;
        if (!known) log.warn({ err: error }, 'a contact was not imported');
        answer[importFailure(known?.code)].push(other);
      }
    }
    return answer;
  }

  /** @returns how many. @throws DomainError user_not_found */
  async removeAll(tenant: TenantRef, name: string): Promise<number> {
    let removed = 0;
    for await (const { owner, others } of this.store.removeAll(tenant, name)) {
      removed += others.length;
      this.courier.wake();
      await this.policy.betweenChanged(tenant, owner.userId, others);
    }
    return removed;
  }

  /** @throws DomainError user_not_found, contact_remark_not_friends, contact_remark_too_long */
  async setRemark(tenant: TenantRef, { username, other, remark }: contacts.SetContactRemarkRequest): Promise<void> {
    if (foldUsername(username) === foldUsername(other)) throw new DomainError('contact_remark_not_friends');
    await this.store.setRemark(tenant, { actor: username, other }, checkRemark(remark));
  }

  private async most(tenant: TenantRef): Promise<number> {
    try {
      return (await this.settings.of(tenant.appId)).contactsMost;
    } catch (error) {
      if (error instanceof BusError) throw new DomainError('unavailable', {}, { cause: error });
      throw error;
    }
  }
}
