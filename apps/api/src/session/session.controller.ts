import { Controller, Inject } from '@nestjs/common';
import { DomainError } from '@parley/errors';
import { foldUsername } from '@parley/kernel';
import { USER_CLIENT, type UserClient } from '../clients.js';
import { type Call, tenantOf, TheCall, usernameOf } from '../http/call.js';
import type { EnvelopeFields } from '../http/envelope.interceptor.js';
import { Operation } from '../http/operation.js';
import { parse } from '../http/parse.js';
import { disconnectAnswer, statusAnswer, statusBatch, statusBatchAnswer } from './session.schemas.js';

/** Whether users are online, and ending their sessions. */
@Controller()
export class SessionController {
  constructor(@Inject(USER_CLIENT) private readonly users: UserClient) {}

  @Operation('GET', '/users/:username/status', { summary: 'Online status of one user', access: ['app'], answer: statusAnswer, errors: ['user_not_found'] })
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
    answer: statusBatchAnswer,
    errors: ['status_batch_too_large'],
  })
  async batchStatus(@TheCall() call: Call): Promise<EnvelopeFields> {
    const usernames = parse(statusBatch, call.body).usernames.map(foldUsername);
    const { statuses } = await this.users.getOnlineStatus({ tenant: tenantOf(call), usernames });
    return { action: 'get batch user status', data: statuses.map((status, i) => ({ [usernames[i]!]: word(status) })) };
  }

  @Operation('GET', '/users/:username/disconnect', { summary: 'End all sessions of a user', access: ['app'], answer: disconnectAnswer, errors: ['user_not_found'] })
  disconnectAll(@TheCall() call: Call): Promise<EnvelopeFields> {
    return this.#disconnect(call, '');
  }

  @Operation('DELETE', '/users/:username/disconnect/:resource', {
    summary: 'End the session of one device',
    access: ['app'],
    answer: disconnectAnswer,
    errors: ['user_not_found'],
  })
  disconnectOne(@TheCall() call: Call): Promise<EnvelopeFields> {
    return this.#disconnect(call, resourceOf(call));
  }

  /** The older server SDK asks with GET. */
  @Operation('GET', '/users/:username/disconnect/:resource', {
    summary: 'End the session of one device (same as DELETE)',
    access: ['app'],
    answer: disconnectAnswer,
    errors: ['user_not_found'],
  })
  disconnectOneByGet(@TheCall() call: Call): Promise<EnvelopeFields> {
    return this.#disconnect(call, resourceOf(call));
  }

  async #disconnect(call: Call, resource: string): Promise<EnvelopeFields> {
    const { result } = await this.users.disconnect({ tenant: tenantOf(call), username: usernameOf(call), resource });
    return { data: { result } };
  }
}

function word(status: { online: boolean }): 'online' | 'offline' {
  return status.online ? 'online' : 'offline';
}

/** Without a resource it would be everybody: that is another operation. */
function resourceOf(call: Call): string {
  const resource = call.params['resource'];
  if (!resource) throw new DomainError('path_not_found');
  return resource;
}
