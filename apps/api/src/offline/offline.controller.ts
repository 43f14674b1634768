import { Controller, Inject } from '@nestjs/common';
import { DomainError } from '@parley/errors';
import { z } from 'zod';
import { USER_CLIENT, type UserClient } from '../clients.js';
import { type Call, tenantOf, TheCall, usernameOf } from '../http/call.js';
import type { EnvelopeFields } from '../http/envelope.interceptor.js';
import { Operation } from '../http/operation.js';
import { OFFLINE_CLIENT, type OfflineClient } from './offline.client.js';

const LARGEST_ID = 0x7fff_ffff_ffff_ffffn;
const countAnswer = z.object({ data: z.record(z.string(), z.int()).describe('The user with the number; it stops at 10000') });
const stateAnswer = z.object({ data: z.record(z.string(), z.enum(['delivered', 'undelivered'])).describe('The message id with its state') });

/** Messages that wait for users who are away. */
@Controller()
export class OfflineController {
  constructor(
    @Inject(USER_CLIENT) private readonly users: UserClient,
    @Inject(OFFLINE_CLIENT) private readonly offline: OfflineClient,
  ) {}

  @Operation('GET', '/users/:username/offline_msg_count', {
    summary: 'How many messages none of the user\'s devices has received',
    access: ['app'],
    answer: countAnswer,
    errors: ['user_not_found'],
  })
  async count(@TheCall() call: Call): Promise<EnvelopeFields> {
    const { count } = await this.offline.countOffline(await this.#user(call));
    return { data: { [usernameOf(call)]: count } };
  }

  @Operation('GET', '/users/:username/offline_msg_status/:msgId', {
    summary: 'Whether a message still waits for the user',
    access: ['app'],
    answer: stateAnswer,
    errors: ['user_not_found', 'illegal_argument'],
  })
  async state(@TheCall() call: Call): Promise<EnvelopeFields> {
    const id = call.params['msgId']!;
    if (!/^\d{1,19}$/.test(id) || BigInt(id) > LARGEST_ID) throw new DomainError('illegal_argument', { detail: 'the message id is not a number' });
    const { waiting } = await this.offline.getOfflineState({ ...(await this.#user(call)), messageId: BigInt(id) });
    return { data: { [id]: waiting ? 'undelivered' : 'delivered' } };
  }

  async #user(call: Call): Promise<{ appId: number; userId: bigint }> {
    const { userId } = await this.users.getUser({ tenant: tenantOf(call), username: usernameOf(call) });
    return { appId: call.tenant.appId, userId };
  }
}
