import { Controller, Inject } from '@nestjs/common';
import type { contacts, user } from '@parley/contracts';
import { foldUsername } from '@parley/kernel';
import { type Call, tenantOf, TheCall, usernameOf } from '../http/call.js';
import type { EnvelopeFields } from '../http/envelope.interceptor.js';
import { Operation } from '../http/operation.js';
import { parse } from '../http/parse.js';
import { userEntity } from '../user/user.entity.js';
import { actingDevice } from './acting-device.js';
import { CONTACT_CLIENT, type ContactClient } from './contact.clients.js';
import { contactAnswer, device, importAnswer, importedContacts, importQuery, invitedAnswer, newContacts, newRemark, okAnswer } from './contact.schemas.js';

/** Ten contacts, one after the other. */
const IMPORT_WITHIN_MS = 20_000;
const REMOVE_ALL_WITHIN_MS = 60_000;
const remark = {
  summary: 'What a user calls a contact',
  access: ['app', 'self'],
  body: newRemark,
  answer: okAnswer,
  errors: ['user_not_found', 'contact_remark_not_friends', 'contact_remark_too_long'],
} as const;

/** Changes of contacts. Each is safe to repeat. */
@Controller()
export class ContactController {
  constructor(@Inject(CONTACT_CLIENT) private readonly contacts: ContactClient) {}

  @Operation('POST', '/users/:username/contacts/users/:friend', {
    summary: 'Make two users contacts, without asking them',
    access: ['app'],
    answer: contactAnswer,
    errors: ['user_not_found', 'contact_oneself', 'contact_limit'],
  })
  async add(@TheCall() call: Call): Promise<EnvelopeFields> {
    return friend(await this.contacts.addContact(pairOf(call)));
  }

  @Operation('DELETE', '/users/:username/contacts/users/:friend', {
    summary: 'Remove a contact, for both',
    access: ['app', 'self'],
    query: device,
    answer: contactAnswer,
    errors: ['user_not_found', 'contact_oneself'],
  })
  async remove(@TheCall() call: Call): Promise<EnvelopeFields> {
    return friend(await this.contacts.removeContact(pairOf(call)));
  }

  @Operation('POST', '/users/:username/contacts/apply', {
    summary: 'Ask users to become contacts',
    access: ['app', 'self'],
    query: device,
    body: newContacts,
    answer: invitedAnswer,
    errors: ['user_not_found', 'contact_oneself', 'blocked', 'contact_limit', 'contact_invitations_limit'],
  })
  async apply(@TheCall() call: Call): Promise<EnvelopeFields> {
    const { usernames, reason } = parse(newContacts, call.body);
    const { users } = await this.contacts.inviteContacts(
      { tenant: tenantOf(call), username: usernameOf(call), others: usernames, reason, resource: actingDevice(call.query) },
      { deadlineMs: IMPORT_WITHIN_MS },
    );
    return { entities: users.map(userEntity), data: users.map((one) => one.username) };
  }

  @Operation('POST', '/users/:username/contacts/accept/users/:friend', {
    summary: 'Accept an invitation',
    access: ['app', 'self'],
    query: device,
    answer: contactAnswer,
    errors: ['user_not_found', 'contact_oneself', 'contact_not_invited', 'contact_limit'],
  })
  async accept(@TheCall() call: Call): Promise<EnvelopeFields> {
    return friend(await this.contacts.acceptContact(pairOf(call)));
  }

  @Operation('POST', '/users/:username/contacts/decline/users/:friend', {
    summary: 'Decline an invitation',
    access: ['app', 'self'],
    query: device,
    answer: contactAnswer,
    errors: ['user_not_found', 'contact_oneself'],
  })
  async decline(@TheCall() call: Call): Promise<EnvelopeFields> {
    return friend(await this.contacts.declineContact(pairOf(call)));
  }

  @Operation('PUT', '/users/:username/contacts/users/:friend', remark)
  setRemark(@TheCall() call: Call): Promise<EnvelopeFields> {
    return this.#setRemark(call);
  }

  /** The vendor's page has the path in the singular. */
  @Operation('PUT', '/user/:username/contacts/users/:friend', { ...remark, summary: 'What a user calls a contact (same as /users)' })
  setRemarkSingular(@TheCall() call: Call): Promise<EnvelopeFields> {
    return this.#setRemark(call);
  }

  @Operation('POST', '/users/:username/contacts/import', {
    summary: 'Make up to 10 users contacts of one',
    access: ['app'],
    query: importQuery,
    body: importedContacts,
    answer: importAnswer,
    errors: ['user_not_found'],
  })
  async import(@TheCall() call: Call): Promise<EnvelopeFields> {
    const { usernames } = parse(importedContacts, call.body);
    const { isSendNotice } = parse(importQuery, call.query);
    const { added, failed, notExisting, overLimit } = await this.contacts.importContacts(
      { tenant: tenantOf(call), username: usernameOf(call), others: usernames, notify: isSendNotice },
      { deadlineMs: IMPORT_WITHIN_MS },
    );
    return { status: 'ok', data: { success: added, UnKnowFailed: failed, NotExistFailed: notExisting, maxLimitFailed: overLimit } };
  }

  @Operation('DELETE', '/contacts/users/:username', { summary: 'Remove all contacts of a user', access: ['app'], answer: okAnswer, errors: ['user_not_found'] })
  async removeAll(@TheCall() call: Call): Promise<EnvelopeFields> {
    await this.contacts.removeAllContacts({ tenant: tenantOf(call), username: usernameOf(call) }, { deadlineMs: REMOVE_ALL_WITHIN_MS });
    return { status: 'ok' };
  }

  async #setRemark(call: Call): Promise<EnvelopeFields> {
    const { remark } = parse(newRemark, call.body);
    const { tenant, username, other } = pairOf(call);
    await this.contacts.setContactRemark({ tenant, username, other, remark });
    return { status: 'ok' };
  }
}

function pairOf(call: Call): contacts.ContactRequest {
  return { tenant: tenantOf(call), username: usernameOf(call), other: foldUsername(call.params['friend'] ?? ''), resource: actingDevice(call.query) };
}

function friend(one: user.User): EnvelopeFields {
  return { entities: [userEntity(one)] };
}
