import { Controller, Inject } from '@nestjs/common';
import { z } from 'zod';
import { ACCOUNT_CLIENT, type AccountClient } from '../clients.js';
import { type Call, tenantOf, TheCall, usernameOf } from '../http/call.js';
import type { EnvelopeFields } from '../http/envelope.interceptor.js';
import { Operation } from '../http/operation.js';
import { parse } from '../http/parse.js';
import { devicesAnswer, profile } from './account.schemas.js';
import { bindingChange } from '../push/binding-change.js';
import { newBinding } from '../push/push.schemas.js';
import { profileEntity, userEntity } from './user.entity.js';
import { profileAnswer, userAnswer } from './user.schemas.js';

/** What becomes of a user's account after its registration. */
@Controller()
export class AccountController {
  constructor(@Inject(ACCOUNT_CLIENT) private readonly accounts: AccountClient) {}

  @Operation('POST', '/users/:username/deactivate', {
    summary: 'Bar a user: he is logged out and cannot log in',
    access: ['app'],
    answer: userAnswer,
    errors: ['user_not_found'],
  })
  async deactivate(@TheCall() call: Call): Promise<EnvelopeFields> {
    const changed = await this.accounts.setActivated({ tenant: tenantOf(call), username: usernameOf(call), activated: false });
    return { action: 'Deactivate user', path: '/users', entities: [userEntity(changed)] };
  }

  @Operation('POST', '/users/:username/activate', {
    summary: 'Let a user in again; he needs a new token',
    access: ['app'],
    answer: z.object({}),
    errors: ['user_not_found'],
  })
  async activate(@TheCall() call: Call): Promise<EnvelopeFields> {
    await this.accounts.setActivated({ tenant: tenantOf(call), username: usernameOf(call), activated: true });
    return { action: 'activate user' };
  }

  @Operation('PUT', '/users/:username', {
    summary: 'Set the nickname and the style of pushes; bind a device to pushes, or unbind it',
    access: ['app', 'self'],
    body: profile,
    answer: profileAnswer,
    errors: ['user_not_found', 'nickname_too_long', 'push_parameter_invalid'],
  })
  async setProfile(@TheCall() call: Call): Promise<EnvelopeFields> {
    const { nickname, notification_display_style: pushStyle, ...device } = parse(profile, call.body);
    const pushBinding = Object.keys(device).length === 0 ? undefined : bindingChange(call, parse(newBinding, call.body));
    const changed = await this.accounts.updateUser({ tenant: tenantOf(call), username: usernameOf(call), nickname, pushStyle, pushBinding });
    return { path: '/users', entities: [profileEntity(changed)] };
  }

  @Operation('GET', '/users/:username/resources', {
    summary: 'Devices on which a user is signed in',
    access: ['app', 'self'],
    answer: devicesAnswer,
    errors: ['user_not_found'],
  })
  async resources(@TheCall() call: Call): Promise<EnvelopeFields> {
    const { devices } = await this.accounts.listDevices({ tenant: tenantOf(call), username: usernameOf(call) });
    return { data: devices.map((one) => ({ res: one.resource, device_uuid: one.deviceUuid, device_name: one.deviceName })) };
  }
}
