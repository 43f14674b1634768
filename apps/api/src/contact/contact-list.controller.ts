import { Controller, Inject } from '@nestjs/common';
import type { contacts } from '@parley/contracts';
import { foldUsername } from '@parley/kernel';
import { type Call, tenantOf, TheCall, usernameOf } from '../http/call.js';
import { echo, type EnvelopeFields } from '../http/envelope.interceptor.js';
import { Operation } from '../http/operation.js';
import { parse } from '../http/parse.js';
import { CONTACT_CLIENT, type ContactClient } from './contact.clients.js';
import { allAnswer, checkAnswer, checkList, page, pageAnswer } from './contact.schemas.js';

/** What the user service gives at once. */
const FETCHED_AT_ONCE = 5_000;
const listing = { summary: 'Contacts of a user, by cursor', access: ['app', 'self'], query: page, answer: pageAnswer, errors: ['user_not_found', 'contact_page_too_large'] } as const;

/** Reads contacts. */
@Controller()
export class ContactListController {
  constructor(@Inject(CONTACT_CLIENT) private readonly contacts: ContactClient) {}

  @Operation('GET', '/users/:username/contacts', listing)
  list(@TheCall() call: Call): Promise<EnvelopeFields> {
    return this.#list(call);
  }

  /** The vendor's page has the path in the singular. */
  @Operation('GET', '/user/:username/contacts', { ...listing, summary: 'Contacts of a user, by cursor (same as /users)' })
  listSingular(@TheCall() call: Call): Promise<EnvelopeFields> {
    return this.#list(call);
  }

  /** Both forms at once: older clients read `data`, newer ones `entities`. */
  @Operation('GET', '/users/:username/contacts/users', { summary: 'All contacts of a user', access: ['app', 'self'], answer: allAnswer, errors: ['user_not_found'] })
  async all(@TheCall() call: Call): Promise<EnvelopeFields> {
    const all: contacts.Contact[] = [];
    let cursor = '';
    do {
      const found = await this.contacts.listContacts({ tenant: tenantOf(call), username: usernameOf(call), limit: FETCHED_AT_ONCE, cursor });
      all.push(...found.contacts);
      cursor = found.nextCursor;
    } while (cursor !== '');
    return { data: all.map((one) => one.username), entities: all.map(withRemark), count: all.length };
  }

  @Operation('POST', '/contacts/check', {
    summary: 'Which of up to 100 users are contacts of a user',
    access: ['app'],
    body: checkList,
    answer: checkAnswer,
    errors: ['user_not_found'],
  })
  async check(@TheCall() call: Call): Promise<EnvelopeFields> {
    const { username, check_list } = parse(checkList, call.body);
    const { contacts } = await this.contacts.checkContacts({ tenant: tenantOf(call), username: foldUsername(username), others: check_list });
    return { entities: check_list.map((name, i) => ({ username: foldUsername(name), relation: contacts[i] ? 'friend' : 'not_friend' })) };
  }

  async #list(call: Call): Promise<EnvelopeFields> {
    const { limit, cursor, needReturnRemark } = parse(page, call.query);
    const found = await this.contacts.listContacts({ tenant: tenantOf(call), username: usernameOf(call), limit, cursor });
    const next = found.nextCursor === '' ? {} : { cursor: found.nextCursor };
    const contacts = found.contacts.map((one) => (needReturnRemark ? withRemark(one) : { username: one.username, remark: null }));
    return { status: 'ok', data: { contacts, count: contacts.length, ...next }, ...next, params: echo(call.query) };
  }
}

function withRemark({ username, remark }: contacts.Contact): { username: string; remark: string | null } {
  return { username, remark: remark === '' ? null : remark };
}
