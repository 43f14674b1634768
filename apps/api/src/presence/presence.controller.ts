import { Controller, Inject } from '@nestjs/common';
import type { presence } from '@parley/contracts';
import { foldUsername } from '@parley/kernel';
import { type Call, tenantOf, TheCall, usernameOf } from '../http/call.js';
import { Operation, type OperationSpec } from '../http/operation.js';
import { parse } from '../http/parse.js';
import { PRESENCE_CLIENT, type PresenceClient } from './presence.client.js';
import {
  doneAnswer,
  presenceQuery,
  publication,
  publicationPath,
  statesAnswer,
  sublistAnswer,
  sublistPage,
  subscription,
  subscriptionPath,
  unsubscription,
} from './presence.schemas.js';

const OWN: Pick<OperationSpec, 'access' | 'bare'> = { access: ['app', 'self'], bare: true };

/** Whether users are there: told by themselves, and to those who watch. */
@Controller()
export class PresenceController {
  constructor(@Inject(PRESENCE_CLIENT) private readonly presence: PresenceClient) {}

  @Operation('POST', '/users/:username/presence/:resource/:status', {
    ...OWN,
    summary: 'Publish a text, and the status of one device (0 away, 1 there, others of your own)',
    body: publication,
    answer: doneAnswer,
    errors: ['user_not_found', 'presence_disabled', 'presence_ext_missing', 'presence_ext_too_long'],
  })
  async publish(@TheCall() call: Call) {
    const { resource, status } = parse(publicationPath, call.params);
    const { ext } = parse(publication, call.body);
    await this.presence.publish({ ...asker(call), resource, status, ext });
    return { result: 'ok' };
  }

  @Operation('POST', '/users/:username/presence/:expiry', {
    ...OWN,
    summary: 'Watch up to 100 users for so many seconds; answers their present state',
    body: subscription,
    answer: statesAnswer,
    errors: [
      'user_not_found',
      'presence_disabled',
      'presence_targets_empty',
      'presence_too_many_targets',
      'presence_self',
      'presence_subscriptions_full',
      'presence_subscribers_full',
    ],
  })
  async subscribe(@TheCall() call: Call) {
    const { expiry: ttlSeconds } = parse(subscriptionPath, call.params);
    const targets = parse(subscription, call.body).usernames.map(foldUsername);
    return { result: (await this.presence.subscribe({ ...asker(call), targets, ttlSeconds })).states.map(shown) };
  }

  @Operation('DELETE', '/users/:username/presence', {
    ...OWN,
    summary: 'Watch no longer: an array of names, or an object with it',
    body: unsubscription,
    answer: doneAnswer,
    errors: ['user_not_found', 'presence_disabled', 'presence_unsubscribe_missing', 'presence_too_many_unsubscribed'],
  })
  async unsubscribe(@TheCall() call: Call) {
    await this.presence.unsubscribe({ ...asker(call), targets: parse(unsubscription, call.body).users.map(foldUsername) });
    return { result: 'ok' };
  }

  @Operation('POST', '/users/:username/presence', {
    ...OWN,
    summary: 'State of up to 100 users',
    body: presenceQuery,
    answer: statesAnswer,
    errors: ['user_not_found', 'presence_disabled', 'presence_targets_empty', 'presence_too_many_queried'],
  })
  async query(@TheCall() call: Call) {
    const targets = parse(presenceQuery, call.body).usernames.map(foldUsername);
    return { result: (await this.presence.getStates({ ...asker(call), targets })).states.map(shown) };
  }

  @Operation('GET', '/users/:username/presence/sublist', {
    ...OWN,
    summary: 'Whom the user watches',
    query: sublistPage,
    answer: sublistAnswer,
    errors: ['user_not_found', 'presence_disabled'],
  })
  async sublist(@TheCall() call: Call) {
    const { pageNum, pageSize } = parse(sublistPage, call.query);
    const { total, subscriptions } = await this.presence.listSubscriptions({ ...asker(call), page: pageNum, pageSize });
    return {
      result: {
        totalnum: String(total),
        sublist: subscriptions.map(({ username, expiresAt }) => ({ uid: username, expiry: String(expiresAt) })),
      },
    };
  }
}

function asker(call: Call) {
  return { tenant: tenantOf(call), username: usernameOf(call) };
}

/** Numbers are texts here, as the vendor's samples have them. */
function shown({ state, expiresAt }: presence.WatchedPresence) {
  return {
    uid: state!.username,
    last_time: String(state!.changedAt),
    ...(expiresAt === 0n ? {} : { expiry: String(expiresAt) }),
    ext: state!.ext,
    status: Object.fromEntries(Object.entries(state!.statuses).map(([device, status]) => [device, String(status)])),
  };
}
