import { Controller, Inject } from '@nestjs/common';
import type { user } from '@parley/contracts';
import { DomainError } from '@parley/errors';
import { foldUsername } from '@parley/kernel';
import { USER_CLIENT, type UserClient } from '../clients.js';
import { type Call, parse, tenantOf, TheCall, usernameOf } from '../http/call.js';
import type { EnvelopeFields } from '../http/envelope.interceptor.js';
import { Operation } from '../http/operation.js';
import { statusBatch } from '../user/user.schemas.js';

const STATUS_BATCH_LIMIT = 100;

/** Whether users are online, and ending their sessions. */
@Controller()
export class SessionController {
  constructor(@Inject(USER_CLIENT) private readonly users: UserClient) {}

  @Operation('GET', '/users/:username/status', { summary: 'Online status of one user', access: ['app'], errors: ['user_not_found'] })
  async status(@TheCall() call: Call): Promise<EnvelopeFields> {
    const username = usernameOf(call);
    const [status] = (await this.users.getOnlineStatus({ tenant: tenantOf(call), usernames: [username] })).statuses;
    if (!status?.exists) throw new DomainError('user_not_found', { username });
    return { data: { [username]: word(status) } };
  }

  @Operation('POST', '/users/batch/status', {
    summary: 'Online status of up to 100 users; unknown ones are offline',
    access: ['app'],
    body: statusBatch,
    errors: ['status_batch_too_large'],
  })
  async batchStatus(@TheCall() call: Call): Promise<EnvelopeFields> {
    const { usernames } = parse(statusBatch, call.body);
    if (usernames.length > STATUS_BATCH_LIMIT) throw new DomainError('status_batch_too_large');
    const { statuses } = await this.users.getOnlineStatus({ tenant: tenantOf(call), usernames: usernames.map(foldUsername) });
    return { action: 'get batch user status', data: statuses.map((status, i) => ({ [usernames[i]!]: word(status) })) };
  }

  @Operation('GET', '/users/:username/disconnect', { summary: 'End all sessions of a user', access: ['app'], errors: ['user_not_found'] })
  disconnectAll(@TheCall() call: Call): Promise<EnvelopeFields> {
    return this.#disconnect(call, '');
  }

  @Operation('DELETE', '/users/:username/disconnect/:resource', {
    summary: 'End the session of one device',
    access: ['app'],
    errors: ['user_not_found'],
  })
  disconnectOne(@TheCall() call: Call): Promise<EnvelopeFields> {
    return this.#disconnect(call, call.params['resource']!);
  }

  /** The older server SDK asks with GET. */
  @Operation('GET', '/users/:username/disconnect/:resource', {
    summary: 'End the session of one device (same as DELETE)',
    access: ['app'],
    errors: ['user_not_found'],
  })
  disconnectOneByGet(@TheCall() call: Call): Promise<EnvelopeFields> {
    return this.#disconnect(call, call.params['resource']!);
  }

  async #disconnect(call: Call, resource: string): Promise<EnvelopeFields> {
    const { result } = await this.users.disconnect({ tenant: tenantOf(call), username: usernameOf(call), resource });
    return { data: { result } };
  }
}

function word(status: { online: boolean }): 'online' | 'offline' {
  return status.online ? 'online' : 'offline';
}
