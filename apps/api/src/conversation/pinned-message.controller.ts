import { Controller, Inject } from '@nestjs/common';
import type { pinnedMessage } from '@parley/contracts';
import { DomainError } from '@parley/errors';
import { z } from 'zod';
import { PINNED_MESSAGE_CLIENT, type PinnedMessageClient } from '../history/history.clients.js';
import { actorOf, messageId, pageSize, text } from '../history/query-values.js';
import { type Call, tenantOf, TheCall, usernameOf } from '../http/call.js';
import type { EnvelopeFields } from '../http/envelope.interceptor.js';
import { Operation } from '../http/operation.js';
import { parse } from '../http/parse.js';
import { conversationRef } from './conversation.controller.js';
import { resourceQuery } from './conversation.schemas.js';
import { lastMessageView } from './conversation.view.js';

const pinBody = z.object({ to: text, type: text.describe('chat, groupchat or chatroom'), pin_msg_id: text });
const pinList = z.object({ to: text, type: text, limit: pageSize(10, 50), cursor: text });
const done = z.object({ data: z.object({ result: z.literal('ok') }) });
const pinnedAnswer = z.object({
  data: z.object({
    cursor: z.string().describe('Empty on the last page'),
    msg_infos: z.array(
      z.object({
        message: z.record(z.string(), z.unknown()).describe('payload as JSON text'),
        pin_opt_at: z.int().describe('Milliseconds since 1970'),
        pin_operator: z.string(),
      }),
    ),
  }),
});

@Controller()
export class PinnedMessageController {
  constructor(@Inject(PINNED_MESSAGE_CLIENT) private readonly pins: PinnedMessageClient) {}

  @Operation('POST', '/sdk/user/:username/user_channel/pin', {
    summary: 'Pin a message for all of its conversation',
    access: ['app', 'self'],
    query: resourceQuery,
    body: pinBody,
    answer: done,
    errors: ['pin_message_id_illegal', 'pin_limit', 'pinned_message_not_found', 'conversation_type_empty', 'user_not_found', 'group_unknown'],
  })
  async pin(@TheCall() call: Call): Promise<EnvelopeFields> {
    await this.pins.pinMessage(pinOf(call));
    return { data: { result: 'ok' } };
  }

  @Operation('DELETE', '/sdk/user/:username/user_channel/pin', {
    summary: 'Unpin a message',
    access: ['app', 'self'],
    query: resourceQuery,
    body: pinBody,
    answer: done,
    errors: ['pin_message_id_illegal', 'message_not_pinned', 'conversation_type_empty', 'user_not_found', 'group_unknown'],
  })
  async unpin(@TheCall() call: Call): Promise<EnvelopeFields> {
    await this.pins.unpinMessage(pinOf(call));
    return { data: { result: 'ok' } };
  }

  @Operation('GET', '/sdk/user/:username/user_channel/pin', {
    summary: 'Pinned messages of a conversation, the last pinned first',
    access: ['app', 'self'],
    query: pinList,
    answer: pinnedAnswer,
    errors: ['conversation_type_empty', 'user_not_found', 'group_unknown', 'illegal_argument'],
  })
  async list(@TheCall() call: Call): Promise<EnvelopeFields> {
    const { to, type, limit, cursor } = parse(pinList, call.query);
    const { messages, nextCursor } = await this.pins.listPinnedMessages({
      tenant: tenantOf(call),
      username: usernameOf(call),
      conversation: conversationRef(type, to),
      limit,
      cursor,
    });
    const infos = messages.map((one) => ({ message: lastMessageView(one.meta), pin_opt_at: Number(one.pinnedMs), pin_operator: one.operator }));
    // The SDK parses the payload of each without a guard.
    return { data: { cursor: nextCursor, msg_infos: infos.filter(({ message }) => typeof message['payload'] === 'string') } };
  }
}

function pinOf(call: Call): pinnedMessage.PinMessageRequest {
  const { to, type, pin_msg_id: written } = parse(pinBody, call.body);
  const id = messageId(written);
  if (id === undefined) throw new DomainError('pin_message_id_illegal');
  return { actor: actorOf(call, parse(resourceQuery, call.query).resource), conversation: conversationRef(type, to), id };
}
