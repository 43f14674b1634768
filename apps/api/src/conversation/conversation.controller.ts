import { Controller, Inject } from '@nestjs/common';
import type { history } from '@parley/contracts';
import { DomainError } from '@parley/errors';
import { CONVERSATION_CLIENT, type ConversationClient } from '../history/history.clients.js';
import { actorOf } from '../history/query-values.js';
import { type Call, TheCall } from '../http/call.js';
import type { EnvelopeFields } from '../http/envelope.interceptor.js';
import { Operation, type OperationSpec } from '../http/operation.js';
import { parse } from '../http/parse.js';
import { deleteAnswer, deleteBody, markAnswer, markBody, resourceQuery, topAnswer, topBody, topQuery } from './conversation.schemas.js';
import { markNumber } from './mark.js';

const deleting: OperationSpec = {
  summary: 'Take a conversation off the list of one user, with its history if asked',
  access: ['app', 'self'],
  query: resourceQuery,
  body: deleteBody,
  answer: deleteAnswer,
  errors: ['conversation_channel_empty', 'conversation_type_empty', 'conversation_delete_roam_null', 'user_not_found', 'group_unknown'],
};

@Controller()
export class ConversationController {
  constructor(@Inject(CONVERSATION_CLIENT) private readonly conversations: ConversationClient) {}

  @Operation('POST', '/sdk/user/:username/user_channel/top', {
    summary: 'Pin a conversation to the top',
    access: ['app', 'self'],
    query: resourceQuery,
    body: topBody,
    answer: topAnswer,
    errors: ['conversation_pin_limit', 'conversation_type_empty', 'recipient_not_found', 'user_not_found', 'group_unknown'],
  })
  top(@TheCall() call: Call): Promise<EnvelopeFields> {
    const { type, to } = parse(topBody, call.body);
    return this.#setTop(call, conversationRef(type, to), parse(resourceQuery, call.query).resource, true);
  }

  @Operation('DELETE', '/sdk/user/:username/user_channel/top', {
    summary: 'Unpin a conversation',
    access: ['app', 'self'],
    query: topQuery,
    answer: topAnswer,
    errors: ['conversation_type_empty', 'recipient_not_found', 'user_not_found', 'group_unknown'],
  })
  notTop(@TheCall() call: Call): Promise<EnvelopeFields> {
    const { type, to, resource } = parse(topQuery, call.query);
    return this.#setTop(call, conversationRef(type, to), resource, false);
  }

  @Operation('POST', '/sdk/user/:username/user_channels/mark', {
    summary: 'Mark up to 20 conversations',
    access: ['app', 'self'],
    query: resourceQuery,
    body: markBody,
    answer: markAnswer,
    errors: ['conversation_mark_empty', 'conversation_mark_illegal', 'user_not_found', 'group_unknown', 'illegal_argument'],
  })
  mark(@TheCall() call: Call): Promise<EnvelopeFields> {
    return this.#setMark(call, true);
  }

  @Operation('DELETE', '/sdk/user/:username/user_channels/mark', {
    summary: 'Take a mark from up to 20 conversations',
    access: ['app', 'self'],
    query: resourceQuery,
    body: markBody,
    answer: markAnswer,
    errors: ['conversation_mark_empty', 'conversation_mark_illegal', 'user_not_found', 'group_unknown', 'illegal_argument'],
  })
  unmark(@TheCall() call: Call): Promise<EnvelopeFields> {
    return this.#setMark(call, false);
  }

  @Operation('DELETE', '/users/:username/user_channel', deleting)
  delete(@TheCall() call: Call): Promise<EnvelopeFields> {
    return this.#delete(call);
  }

  /** The SDKs' spelling. */
  @Operation('DELETE', '/user/:username/user_channel', deleting)
  deleteBySdk(@TheCall() call: Call): Promise<EnvelopeFields> {
    return this.#delete(call);
  }

  async #setTop(call: Call, conversation: history.ConversationRef, resource: string, top: boolean): Promise<EnvelopeFields> {
    const { topMs } = await this.conversations.setTop({ actor: actorOf(call, resource), conversation, top });
    return { data: { is_top: top, update_top_status_time: Number(topMs) } };
  }

  async #setMark(call: Call, set: boolean): Promise<EnvelopeFields> {
    const { mark, targets } = parse(markBody, call.body);
    const { ignored } = await this.conversations.setMark({
      actor: actorOf(call, parse(resourceQuery, call.query).resource),
      conversations: targets.map(({ to, type }) => conversationRef(type, to)),
      mark: markNumber(mark),
      set,
    });
    return { data: { ignore: ignored.map(({ peer, group }) => ({ to: peer, type: group ? 'groupChat' : 'chat' })) } };
  }

  async #delete(call: Call): Promise<EnvelopeFields> {
    const { channel, type, delete_roam: deleteHistory } = parse(deleteBody, call.body);
    const actor = actorOf(call, parse(resourceQuery, call.query).resource);
    await this.conversations.deleteConversation({ actor, conversation: conversationRef(type, channel), deleteHistory });
    return { data: { result: 'ok' } };
  }
}

/** @throws DomainError conversation_type_empty | conversation_channel_empty | illegal_argument */
export function conversationRef(type: string, to: string): history.ConversationRef {
  if (type === '') throw new DomainError('conversation_type_empty');
  if (to === '' || to.length > 1_024) throw new DomainError('conversation_channel_empty');
  const kind = type.toLowerCase();
  if (kind !== 'chat' && kind !== 'groupchat' && kind !== 'chatroom') throw new DomainError('illegal_argument', { detail: 'type: must be chat, groupchat or chatroom' });
  return { peer: to, group: kind !== 'chat' };
}
