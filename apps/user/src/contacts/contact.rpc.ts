import { Injectable } from '@nestjs/common';
import type { contacts } from '@parley/contracts';
import { DomainError } from '@parley/errors';
import { foldUsername, isLegalUsername, type TenantRef } from '@parley/kernel';
import type { RpcImplementation } from '@parley/rpc';
import { AccountStore } from '../accounts/account.store.js';
import { tenantOf } from '../accounts/tenant.guard.js';
import { decodeCursor, encodeCursor } from '../listing/cursor.js';
import { ContactListStore } from './contact-list.store.js';
import { ContactService } from './contact.service.js';

const PAGE_MOST = 5_000;

/** Which behaviour answers which call of ContactService. */
@Injectable()
export class ContactRpc {
  constructor(
    private readonly service: ContactService,
    private readonly accounts: AccountStore,
    private readonly lists: ContactListStore,
  ) {}

  methods(): RpcImplementation<typeof contacts.ContactServiceService> {
    const act = (kind: 'accept' | 'decline' | 'add' | 'remove') => async (q: contacts.ContactRequest) =>
      this.service.act(tenantOf(q), { actor: q.username, other: q.other }, kind, { resource: q.resource });
    return {
      inviteContacts: async (q) => ({ users: await this.service.invite(tenantOf(q), q) }),
      acceptContact: act('accept'),
      declineContact: act('decline'),
      addContact: act('add'),
      removeContact: act('remove'),
      importContacts: async (q) => this.service.import(tenantOf(q), q),
      removeAllContacts: async (q) => ({ removed: await this.service.removeAll(tenantOf(q), q.username) }),
      setContactRemark: async (q) => {
        await this.service.setRemark(tenantOf(q), q);
        return {};
      },
      listContacts: async (q) => this.list(tenantOf(q), q),
      checkContacts: async (q) => this.check(tenantOf(q), q),
    };
  }

  private async list(tenant: TenantRef, { username, limit, cursor }: contacts.ListContactsRequest): Promise<contacts.ListContactsResponse> {
    const size = Math.min(Math.max(limit, 1), PAGE_MOST);
    const rows = await this.lists.page(tenant, await this.idOf(tenant, username), decodeCursor(cursor), size + 1);
    const page = rows.slice(0, size);
    return {
      contacts: page.map(({ username, remark }) => ({ username, remark })),
      nextCursor: rows.length > size ? encodeCursor(page.at(-1)!.id) : '',
    };
  }

  private async check(tenant: TenantRef, { username, others }: contacts.CheckContactsRequest): Promise<contacts.CheckContactsResponse> {
    const names = others.map(foldUsername);
    const found = await this.lists.among(tenant, await this.idOf(tenant, username), names.filter(isLegalUsername));
    return { contacts: names.map((name) => found.has(name)) };
  }

  private async idOf(tenant: TenantRef, username: string): Promise<bigint> {
    const row = await this.accounts.find(tenant, username);
    if (!row) throw new DomainError('user_not_found', { username });
    return row.userId;
  }
}
