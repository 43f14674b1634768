import { Controller, Inject } from '@nestjs/common';
import type { conversation } from '@parley/contracts';
import { DomainError } from '@parley/errors';
import { CONVERSATION_CLIENT, type ConversationClient } from '../history/history.clients.js';
import { type Call, tenantOf, TheCall, usernameOf } from '../http/call.js';
import type { EnvelopeFields } from '../http/envelope.interceptor.js';
import { Operation } from '../http/operation.js';
import { parse } from '../http/parse.js';
import { channelsAnswer, listAnswer, listPage, markSearch, numberedPage } from './conversation.schemas.js';
import { channelView, conversationView } from './conversation.view.js';
import { markNumber } from './mark.js';

/** The oldest list has no pages: this many. */
const WITHOUT_PAGES = 50;

@Controller()
export class ConversationListController {
  constructor(@Inject(CONVERSATION_CLIENT) private readonly conversations: ConversationClient) {}

  @Operation('GET', '/sdk/user/:username/user_channels/list', {
    summary: 'Conversations of a user, newest first, or those at the top, last pinned first',
    access: ['app', 'self'],
    query: listPage,
    answer: listAnswer,
    errors: ['user_not_found', 'illegal_argument'],
  })
  list(@TheCall() call: Call): Promise<EnvelopeFields> {
    const query = parse(listPage, call.query);
    return this.#page(call, query, 0);
  }

  @Operation('GET', '/sdk/user/:username/user_channels/mark/search', {
    summary: 'Conversations of a user that have a mark, newest first',
    access: ['app', 'self'],
    query: markSearch,
    answer: listAnswer,
    errors: ['conversation_mark_empty', 'conversation_mark_illegal', 'user_not_found', 'illegal_argument'],
  })
  byMark(@TheCall() call: Call): Promise<EnvelopeFields> {
    const query = parse(markSearch, call.query);
    if (query.mark === '') throw new DomainError('conversation_mark_empty');
    return this.#page(call, query, 1 << markNumber(query.mark));
  }

  @Operation('GET', '/users/:username/user_channels', {
    summary: 'The newest 50 conversations of a user (older form)',
    access: ['app', 'self'],
    answer: channelsAnswer,
    errors: ['user_not_found'],
  })
  channels(@TheCall() call: Call): Promise<EnvelopeFields> {
    return this.#channels(call, WITHOUT_PAGES, 0);
  }

  @Operation('GET', '/users/:username/user_channels/page', {
    summary: 'Conversations of a user by page number (older form)',
    access: ['app', 'self'],
    query: numberedPage,
    answer: channelsAnswer,
    errors: ['user_not_found'],
  })
  numbered(@TheCall() call: Call): Promise<EnvelopeFields> {
    const { pageNum, pageSize } = parse(numberedPage, call.query);
    return this.#channels(call, pageSize, (pageNum - 1) * pageSize);
  }

  async #page(call: Call, query: { limit: number; cursor: string; is_top: string; needEmptySession: string }, marks: number): Promise<EnvelopeFields> {
    const { conversations, nextCursor } = await this.#ask(call, {
      limit: query.limit,
      cursor: query.cursor,
      topOnly: query.is_top === 'true',
      withoutEmpty: query.needEmptySession === 'false',
      marks,
    });
    return { data: { channel_infos: conversations.map(conversationView), cursor: nextCursor } };
  }

  async #channels(call: Call, limit: number, skip: number): Promise<EnvelopeFields> {
    const { conversations } = await this.#ask(call, { limit, skip });
    return { data: { channel_infos: conversations.map((one) => channelView(tenantOf(call), one)) } };
  }

  #ask(call: Call, more: Partial<conversation.ListConversationsRequest>): Promise<conversation.ListConversationsResponse> {
    return this.conversations.listConversations({
      tenant: tenantOf(call),
      username: usernameOf(call),
      limit: 0,
      cursor: '',
      topOnly: false,
      marks: 0,
      withoutEmpty: false,
      skip: 0,
      ...more,
    });
  }
}
