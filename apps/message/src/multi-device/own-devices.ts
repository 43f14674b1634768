import type { history, system } from '@parley/contracts';
import { DomainError } from '@parley/errors';
import { NameSpace } from '@parley/msync';
import { randomBytes } from 'node:crypto';
import type { Party } from '../conversation/conversation.store.js';
import type { SystemQueueService } from '../system-queue/system-queue.service.js';

/** What a user did to a conversation, as his devices are told of it (NOTIFY of type "conv"). */
export interface ConversationNews {
  readonly op: 'del' | 'top' | 'not_top' | 'mark' | 'mark_delete' | 'pin' | 'pin_delete';
  readonly conversation: history.ConversationRef;
  /** The mark, or the id of the pinned message. */
  readonly ext?: string;
}

/** Tells devices what a user did on one of them: also those that are away at the time. */
export class OwnDevices {
  constructor(private readonly queue: SystemQueueService) {}

  /** @param also others that learn of it, each naming the conversation by the acting user */
  async tell(actor: history.Actor, user: Party, news: ConversationNews, also: readonly Party[] = []): Promise<void> {
    const data = {
      op: news.op,
      type: news.conversation.group ? 'groupChat' : 'chat',
      ts: Date.now(),
      from: user.name,
      res: actor.resource,
      ext: news.ext ?? '',
    };
    await this.#append([
      item(actor, user, actor.resource, { type: 'conv', data: { ...data, id: news.conversation.peer } }),
      ...also.map((other) => item(actor, other, '', { type: 'conv', data: { ...data, id: user.name } })),
    ]);
  }

  /** @param conversation absent = all of them */
  async tellRemoved(actor: history.Actor, user: Party, conversation: history.ConversationRef | undefined): Promise<void> {
    const data = { to: conversation?.peer ?? '', chatType: conversation?.group ? 'groupchat' : 'chat', resource: actor.resource };
    await this.#append([item(actor, user, actor.resource, { type: 'roaming_delete', data })]);
  }

  async #append(items: system.SystemItem[]): Promise<void> {
    const { results } = await this.queue.append({ items });
    // What was done stays done, and doing it again changes nothing but tells again.
    if (results.some(({ error }) => error === 'unavailable')) throw new DomainError('unavailable');
  }
}

function item({ tenant }: history.Actor, user: Party, exceptResource: string, payload: unknown): system.SystemItem {
  return {
    tenant,
    userId: user.id,
    username: user.name,
    exceptResource,
    eventId: randomBytes(8).readBigUInt64BE(),
    from: '',
    ns: NameSpace.NOTIFY,
    payload: Buffer.from(JSON.stringify(payload)),
    onlineOnly: false,
    traceparent: '',
  };
}
