import { Controller, Inject } from '@nestjs/common';
import type { blocklist } from '@parley/contracts';
import { foldUsername } from '@parley/kernel';
import { actingDevice } from '../contact/acting-device.js';
import { BLOCKLIST_CLIENT, type BlocklistClient } from '../contact/contact.clients.js';
import { type Call, tenantOf, TheCall, usernameOf } from '../http/call.js';
import { echo, type EnvelopeFields } from '../http/envelope.interceptor.js';
import { Operation } from '../http/operation.js';
import { parse } from '../http/parse.js';
import { userEntity } from '../user/user.entity.js';
import { ALL_MOST, blockAnswer, blockedUsers, checkAnswer, checkList, device, page, PAGE_DEFAULT, pageAnswer, unblockAnswer } from './blocklist.schemas.js';

const blocking = { body: blockedUsers, answer: blockAnswer, errors: ['user_not_found', 'contact_oneself', 'blocklist_limit'] } as const;

/** Whom users have blocked. Every change is safe to repeat. */
@Controller()
export class BlocklistController {
  constructor(@Inject(BLOCKLIST_CLIENT) private readonly blocklists: BlocklistClient) {}

  @Operation('GET', '/users/:username/blocks/users', {
    summary: 'Whom a user has blocked: the latest 500, or by cursor',
    access: ['app', 'self'],
    query: page,
    answer: pageAnswer,
    errors: ['user_not_found'],
  })
  async list(@TheCall() call: Call): Promise<EnvelopeFields> {
    const { pageSize, cursor } = parse(page, call.query);
    const limit = pageSize ?? (cursor === '' ? ALL_MOST : PAGE_DEFAULT);
    const { usernames, nextCursor } = await this.blocklists.listBlocked({ tenant: tenantOf(call), username: usernameOf(call), limit, cursor });
    return { data: usernames, count: usernames.length, ...(nextCursor === '' ? {} : { cursor: nextCursor }), params: echo(call.query) };
  }

  @Operation('POST', '/users/:username/blocks/users', { ...blocking, summary: 'Block users for a user', access: ['app', 'self'], query: device })
  block(@TheCall() call: Call): Promise<EnvelopeFields> {
    return this.#block(call);
  }

  /** The way of the client SDKs. */
  @Operation('POST', '/sdk/user/:username/blocks', { ...blocking, summary: 'Block users (client SDKs)', access: ['app', 'self'], query: device })
  blockBySdk(@TheCall() call: Call): Promise<EnvelopeFields> {
    return this.#block(call);
  }

  @Operation('DELETE', '/users/:username/blocks/users/:blocked', {
    summary: 'Unblock a user for a user',
    access: ['app', 'self'],
    query: device,
    answer: unblockAnswer,
    errors: ['user_not_found', 'contact_oneself'],
  })
  async unblock(@TheCall() call: Call): Promise<EnvelopeFields> {
    const { users } = await this.blocklists.unblockUsers(requestOf(call, [call.params['blocked'] ?? '']));
    return { entities: users.map(userEntity) };
  }

  /** The way of the client SDKs. */
  @Operation('DELETE', '/sdk/user/:username/blocks', {
    summary: 'Unblock users (client SDKs)',
    access: ['app', 'self'],
    query: device,
    body: blockedUsers,
    answer: unblockAnswer,
    errors: ['user_not_found', 'contact_oneself'],
  })
  async unblockBySdk(@TheCall() call: Call): Promise<EnvelopeFields> {
    const { users } = await this.blocklists.unblockUsers(requestOf(call, parse(blockedUsers, call.body).usernames));
    return { entities: users.map(userEntity), data: users.map((one) => one.username) };
  }

  @Operation('POST', '/blocks/check', {
    summary: 'Which of up to 100 users a user has blocked',
    access: ['app'],
    body: checkList,
    answer: checkAnswer,
    errors: ['user_not_found'],
  })
  async check(@TheCall() call: Call): Promise<EnvelopeFields> {
    const { username, check_list } = parse(checkList, call.body);
    const { blocked } = await this.blocklists.checkBlocked({ tenant: tenantOf(call), username: foldUsername(username), others: check_list });
    return { entities: check_list.map((name, i) => ({ username: foldUsername(name), relation: blocked[i] ? 'blacklist' : 'not_blacklist' })) };
  }

  async #block(call: Call): Promise<EnvelopeFields> {
    const { users } = await this.blocklists.blockUsers(requestOf(call, parse(blockedUsers, call.body).usernames));
    return { data: users.map((one) => one.username) };
  }
}

function requestOf(call: Call, others: readonly string[]): blocklist.BlockUsersRequest {
  return { tenant: tenantOf(call), username: usernameOf(call), others: others.map(foldUsername), resource: actingDevice(call.query) };
}
