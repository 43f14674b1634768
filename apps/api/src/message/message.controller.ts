import { Controller, Inject } from '@nestjs/common';
import { DomainError } from '@parley/errors';
import { type Call, tenantOf, TheCall } from '../http/call.js';
import type { EnvelopeFields } from '../http/envelope.interceptor.js';
import { Operation } from '../http/operation.js';
import { legacyAnswer, legacyQuery, sendAnswer, sendLegacy, sendToUsers } from './message.schemas.js';
import { MessageSize } from './message-size.js';
import { fromLegacy, readSend } from './send.rules.js';
import { SendService } from './send.service.js';

const KEY_MAX_LENGTH = 255;
const KEY_HEADER = { 'Idempotency-Key': 'A repeated call with the same key answers the first ids. 1 to 255 characters' };
const SEND_ERRORS = [
  'message_from_empty',
  'message_to_empty',
  'message_type_empty',
  'message_type_unsupported',
  'message_body_empty',
  'message_ext_not_object',
  'message_too_large',
  'message_too_many_targets',
  'message_too_many_ignored',
  'invalid_request_body',
] as const;

@Controller()
export class MessageController {
  constructor(
    @Inject(SendService) private readonly sends: SendService,
    @Inject(MessageSize) private readonly sizes: MessageSize,
  ) {}

  @Operation('POST', '/messages/users', {
    summary: 'Send a message to up to 600 users',
    access: ['app'],
    body: sendToUsers,
    answer: sendAnswer,
    headers: KEY_HEADER,
    errors: SEND_ERRORS,
  })
  async send(@TheCall() call: Call): Promise<EnvelopeFields> {
    return { data: await this.#send(call, call.body) };
  }

  @Operation('POST', '/messages', {
    summary: 'Send a message to up to 600 users, in the older form',
    access: ['app'],
    body: sendLegacy,
    query: legacyQuery,
    answer: legacyAnswer,
    headers: KEY_HEADER,
    errors: [...SEND_ERRORS, 'message_target_type_empty', 'message_target_type_illegal'],
  })
  async sendLegacy(@TheCall() call: Call): Promise<EnvelopeFields> {
    const ids = await this.#send(call, fromLegacy(call.body));
    if ([call.query['useMsgId']].flat()[0] === 'true') return { data: ids };
    return { data: Object.fromEntries(Object.keys(ids).map((receiver) => [receiver, 'success'])) };
  }

  async #send(call: Call, request: unknown): Promise<Record<string, string>> {
    const order = readSend(request, await this.sizes.limitsOf(call.tenant));
    const key = call.headers['idempotency-key'];
    if (key !== undefined && (typeof key !== 'string' || key === '' || key.length > KEY_MAX_LENGTH)) {
      throw new DomainError('illegal_argument', { detail: `Idempotency-Key must have 1 to ${KEY_MAX_LENGTH} characters` });
    }
    return this.sends.send(tenantOf(call), order, key);
  }
}
