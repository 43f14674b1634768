import { Controller, Inject } from '@nestjs/common';
import type { history } from '@parley/contracts';
import { DomainError } from '@parley/errors';
import type { z } from 'zod';
import { type Call, TheCall } from '../http/call.js';
import { Operation, type OperationSpec } from '../http/operation.js';
import { parse } from '../http/parse.js';
import { HISTORY_CLIENT, type HistoryClient } from './history.clients.js';
import { removeAll, removeByIds, removeUpTo, roamingAnswer } from './history.schemas.js';
import { actorOf, messageId } from './query-values.js';

const MOST_IDS = 50;
const spec = (summary: string, query: z.ZodType): OperationSpec => ({
  summary,
  access: ['app', 'self'],
  query,
  bare: true,
  answer: roamingAnswer,
  errors: ['roaming_disabled', 'roaming_too_many_ids', 'roaming_param', 'user_not_found', 'group_unknown'],
});
const byIds = spec('Remove messages from the history of one user, by id', removeByIds);
const upTo = spec('Remove from the history of one user what is not newer than a time', removeUpTo);
const all = spec('Remove all messages and conversations of one user, for him', removeAll);

type Answer = z.output<typeof roamingAnswer>;

/** The server's path, and the one of the SDKs; the verbs of the vendor's pages differ, and all work. */
@Controller()
export class RemovalController {
  constructor(@Inject(HISTORY_CLIENT) private readonly history: HistoryClient) {}

  @Operation('DELETE', '/rest/message/roaming/:kind/user/:username', byIds)
  byIds(@TheCall() call: Call): Promise<Answer> {
    return this.#byIds(call);
  }

  @Operation('POST', '/rest/message/roaming/:kind/user/:username', byIds)
  byIdsByPost(@TheCall() call: Call): Promise<Answer> {
    return this.#byIds(call);
  }

  @Operation('DELETE', '/sdk/message/roaming/:kind/user/:username', byIds)
  byIdsBySdk(@TheCall() call: Call): Promise<Answer> {
    return this.#byIds(call);
  }

  @Operation('DELETE', '/rest/message/roaming/:kind/user/:username/time', upTo)
  upTo(@TheCall() call: Call): Promise<Answer> {
    return this.#upTo(call);
  }

  @Operation('POST', '/rest/message/roaming/:kind/user/:username/time', upTo)
  upToByPost(@TheCall() call: Call): Promise<Answer> {
    return this.#upTo(call);
  }

  @Operation('DELETE', '/sdk/message/roaming/:kind/user/:username/time', upTo)
  upToBySdk(@TheCall() call: Call): Promise<Answer> {
    return this.#upTo(call);
  }

  @Operation('POST', '/sdk/message/roaming/:kind/user/:username/time', upTo)
  upToBySdkPost(@TheCall() call: Call): Promise<Answer> {
    return this.#upTo(call);
  }

  @Operation('POST', '/rest/message/roaming/user/:username/delete/all', all)
  all(@TheCall() call: Call): Promise<Answer> {
    return this.#all(call);
  }

  @Operation('POST', '/sdk/message/roaming/user/:username/delete/all', all)
  allBySdk(@TheCall() call: Call): Promise<Answer> {
    return this.#all(call);
  }

  async #byIds(call: Call): Promise<Answer> {
    const query = parse(removeByIds, call.query);
    const written = query.msgIdList.split(',').filter((id) => id !== '');
    if (written.length > MOST_IDS) throw new DomainError('roaming_too_many_ids');
    if (written.length === 0) throw new DomainError('roaming_param', { detail: 'msgIdList: must not be empty' });
    const ids = written.map((one) => {
      const id = messageId(one.trim());
      if (id === undefined) throw new DomainError('roaming_param', { detail: 'msgIdList: must be decimal numbers' });
      return id;
    });
    return this.#remove(call, query, { byIds: { conversation: conversationOf(call, query), ids } });
  }

  #upTo(call: Call): Promise<Answer> {
    const query = parse(removeUpTo, call.query);
    if (!/^\d{1,15}$/.test(query.delTime)) throw new DomainError('roaming_param', { detail: 'delTime: must be a time in milliseconds' });
    return this.#remove(call, query, { upTo: { conversation: conversationOf(call, query), timeMs: BigInt(query.delTime) } });
  }

  #all(call: Call): Promise<Answer> {
    return this.#remove(call, parse(removeAll, call.query), { everything: {} });
  }

  async #remove(call: Call, query: { isNotify: string; resource: string }, what: Partial<history.RemoveHistoryRequest>): Promise<Answer> {
    await this.history.removeHistory({
      byIds: undefined,
      upTo: undefined,
      everything: undefined,
      ...what,
      actor: actorOf(call, query.resource),
      notify: query.isNotify !== 'false',
    });
    return { requestStatusCode: 'ok', timestamp: Date.now() };
  }
}

function conversationOf(call: Call, { userId, groupId }: { userId: string; groupId: string }): history.ConversationRef {
  const { kind } = call.params;
  if (kind !== 'chat' && kind !== 'group') throw new DomainError('path_not_found');
  const peer = kind === 'chat' ? userId : groupId;
  if (peer === '') throw new DomainError('roaming_param', { detail: `${kind === 'chat' ? 'userId' : 'groupId'}: must not be empty` });
  return { peer, group: kind === 'group' };
}
