import { Controller, Inject } from '@nestjs/common';
import type { reaction } from '@parley/contracts';
import { DomainError, type ErrorCode } from '@parley/errors';
import { REACTION_CLIENT, type ReactionClient, USER_CLIENT, type UserClient } from '../clients.js';
import { type Call, tenantOf, TheCall, usernameOf } from '../http/call.js';
import { Operation } from '../http/operation.js';
import { parse } from '../http/parse.js';
import { readMessageId } from '../message/message-id.js';
import {
  addReaction,
  addReactionAnswer,
  deleteReaction,
  deleteReactionAnswer,
  listReactions,
  listReactionsAnswer,
  reactionDetail,
  reactionDetailAnswer,
} from './reaction.schemas.js';

const LIST_LIMIT = 20;
const PAGE_DEFAULT = 50;
const ERRORS: readonly ErrorCode[] = ['reaction_disabled', 'reaction_illegal', 'user_not_found'];

/** Reactions of the user in the path; asked by the user himself or by the tenant in his name. */
@Controller()
export class ReactionController {
  constructor(
    @Inject(REACTION_CLIENT) private readonly reactions: ReactionClient,
    @Inject(USER_CLIENT) private readonly users: UserClient,
  ) {}

  @Operation('POST', '/reaction/user/:username', {
    summary: 'Add a reaction to a message',
    access: ['app', 'self'],
    body: addReaction,
    answer: addReactionAnswer,
    bare: true,
    errors: [...ERRORS, 'reaction_kinds_exceeded', 'reaction_repeated'],
  })
  async add(@TheCall() call: Call) {
    const { msgId, message } = parse(addReaction, call.body);
    const messageId = readMessageId(msgId, 'reaction_illegal');
    const added = await this.reactions.addReaction({ ...(await this.#user(call)), messageId, reaction: message, resource: resourceOf(call) });
    return answer({
      id: String(added.reactionId),
      msgId: String(messageId),
      msgType: 'chat',
      groupId: null,
      reaction: message,
      createdAt: Number(added.createdMs),
      updatedAt: Number(added.updatedMs),
    });
  }

  @Operation('DELETE', '/reaction/user/:username', {
    summary: 'Take a reaction back',
    access: ['app', 'self'],
    query: deleteReaction,
    answer: deleteReactionAnswer,
    bare: true,
    errors: ERRORS,
  })
  async delete(@TheCall() call: Call) {
    const { msgId, message } = parse(deleteReaction, call.query);
    const messageId = readMessageId(msgId, 'reaction_illegal');
    await this.reactions.deleteReaction({ ...(await this.#user(call)), messageId, reaction: message, resource: resourceOf(call) });
    return answer();
  }

  @Operation('GET', '/reaction/user/:username', {
    summary: 'Reactions to up to 20 messages',
    access: ['app', 'self'],
    query: listReactions,
    answer: listReactionsAnswer,
    bare: true,
    errors: [...ERRORS, 'reaction_ids_exceeded', 'reaction_group_missing'],
  })
  async list(@TheCall() call: Call) {
    const { msgIdList, msgType, groupId } = parse(listReactions, call.query);
    if (msgType === 'groupchat' && (groupId === undefined || ['', 'null', 'undefined'].includes(groupId))) {
      throw new DomainError('reaction_group_missing');
    }
    const names = msgIdList.split(',');
    if (names.length > LIST_LIMIT) throw new DomainError('reaction_ids_exceeded');
    const messageIds = [...new Set(names.map((id) => readMessageId(id.trim(), 'reaction_illegal')))];
    const { tenant, userId } = await this.#user(call);
    const { messages } = await this.reactions.listReactions({ tenant, userId, messageIds });
    return answer(messages.map((one) => ({ msgId: String(one.messageId), reactionList: one.reactions.map(shown) })));
  }

  @Operation('GET', '/reaction/user/:username/detail', {
    summary: 'Who gave one reaction',
    access: ['app', 'self'],
    query: reactionDetail,
    answer: reactionDetailAnswer,
    bare: true,
    errors: [...ERRORS, 'reaction_page_exceeded'],
  })
  async detail(@TheCall() call: Call) {
    const { msgId, message, ...page } = parse(reactionDetail, withoutUndefined(call.query));
    const { tenant, userId } = await this.#user(call);
    const { reaction: found, cursor } = await this.reactions.getReaction({
      tenant,
      userId,
      messageId: readMessageId(msgId, 'reaction_illegal'),
      reaction: message,
      limit: page.limit ?? page.pageSize ?? PAGE_DEFAULT,
      cursor: page.cursor ?? page.currentPage ?? '',
    });
    const nobody = { reactionId: 0n, reaction: message, count: 0, mine: false, usernames: [] };
    return answer({ ...shown(found ?? nobody), ...(cursor === '' ? {} : { cursor }) });
  }

  async #user(call: Call) {
    const tenant = tenantOf(call);
    const { userId, username } = await this.users.getUser({ tenant, username: usernameOf(call) });
    return { tenant, userId, username };
  }
}

/** The form of this family: no common envelope. */
function answer(data?: unknown) {
  return { requestStatusCode: 'ok', timestamp: Date.now(), ...(data === undefined ? {} : { data }) };
}

function shown(one: reaction.Reaction) {
  return { reactionId: String(one.reactionId), reaction: one.reaction, count: one.count, state: one.mine, userList: one.usernames };
}

/** SDKs write values that the application left out as this word. */
function withoutUndefined(query: Call['query']): Call['query'] {
  return Object.fromEntries(Object.entries(query).filter(([, value]) => value !== 'undefined' && value !== 'null' && value !== ''));
}

/** A device may name itself, so that it hears no news of its own act. */
function resourceOf(call: Call): string {
  const { resource } = call.query;
  return typeof resource === 'string' && resource.length <= 255 ? resource : '';
}
