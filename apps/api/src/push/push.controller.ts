import { Controller, Inject } from '@nestjs/common';
import type { push } from '@parley/contracts';
import { foldUsername } from '@parley/kernel';
import { type PushClient, PUSH_CLIENT } from '../clients.js';
import { type Call, tenantOf, TheCall, usernameOf } from '../http/call.js';
import type { EnvelopeFields } from '../http/envelope.interceptor.js';
import { Operation } from '../http/operation.js';
import { parse } from '../http/parse.js';
import { bindingChange } from './binding-change.js';
import { bindingsAnswer, languageAnswer, newBinding, newLanguage, newNicknames, nicknamesAnswer } from './push.schemas.js';

/** Where pushes to a user go, and how they look. */
@Controller()
export class PushController {
  constructor(@Inject(PUSH_CLIENT) private readonly push: PushClient) {}

  @Operation('PUT', '/users/:username/push/binding', {
    summary: 'Bind a device to a push certificate, or unbind it',
    access: ['app', 'self'],
    body: newBinding,
    answer: bindingsAnswer,
    errors: ['push_user_not_found', 'push_parameter_invalid'],
  })
  async bind(@TheCall() call: Call): Promise<EnvelopeFields> {
    const change = bindingChange(call, parse(newBinding, call.body));
    return answer(await this.push.setPushBinding({ tenant: tenantOf(call), username: usernameOf(call), change }));
  }

  @Operation('GET', '/users/:username/push/binding', {
    summary: 'Devices to which pushes for a user go',
    access: ['app', 'self'],
    answer: bindingsAnswer,
    errors: ['push_user_not_found'],
  })
  async bindings(@TheCall() call: Call): Promise<EnvelopeFields> {
    return answer(await this.push.listPushBindings({ tenant: tenantOf(call), username: usernameOf(call) }));
  }

  @Operation('PUT', '/push/nickname', {
    summary: 'Set the nicknames that pushes show, of up to 50 users',
    access: ['app'],
    body: newNicknames,
    answer: nicknamesAnswer,
    errors: ['push_nicknames_empty', 'push_nicknames_too_many', 'push_nickname_too_long'],
  })
  async setNicknames(@TheCall() call: Call): Promise<EnvelopeFields> {
    const nicknames = parse(newNicknames, call.body).map((one) => ({ username: foldUsername(one.username), nickname: one.push_nickname }));
    const set = await this.push.setPushNicknames({ tenant: tenantOf(call), nicknames });
    return { entities: set.nicknames.map(({ username, nickname }) => ({ username, push_nickname: nickname })) };
  }

  @Operation('PUT', '/users/:username/notification/language', {
    summary: 'Set the language of pushes',
    access: ['app', 'self'],
    body: newLanguage,
    answer: languageAnswer,
    errors: ['push_user_not_found', 'push_parameter_invalid'],
  })
  async setLanguage(@TheCall() call: Call): Promise<EnvelopeFields> {
    const { translationLanguage: language } = parse(newLanguage, call.body);
    return { data: await this.push.setPushLanguage({ tenant: tenantOf(call), username: usernameOf(call), language }) };
  }

  @Operation('GET', '/users/:username/notification/language', {
    summary: 'The language of pushes',
    access: ['app', 'self'],
    answer: languageAnswer,
    errors: ['push_user_not_found'],
  })
  async language(@TheCall() call: Call): Promise<EnvelopeFields> {
    return { data: await this.push.getPushLanguage({ tenant: tenantOf(call), username: usernameOf(call) }) };
  }
}

function answer({ bindings }: push.PushBindings): EnvelopeFields {
  const entities = bindings.map((one) => ({ device_id: one.deviceId, notifier_name: one.notifierName, device_token: one.deviceToken }));
  return { entities, count: entities.length };
}
