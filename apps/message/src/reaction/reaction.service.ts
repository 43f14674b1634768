import type { AppSettingsDirectory } from '@parley/app-settings';
import type { reaction, Tenant } from '@parley/contracts';
import { DomainError } from '@parley/errors';
import { NameSpace } from '@parley/msync';
import { currentTraceparent } from '@parley/telemetry';
import { randomBytes } from 'node:crypto';
import type { ConversationStore, Party } from '../conversation/conversation.store.js';
import { isUserMessage } from '../recall/recall.rules.js';
import { SYSTEM, systemDelivery } from '../system-queue/system-delivery.js';
import type { TimelineChange } from '../timeline/timeline-change.js';
import type { Conversation, Timelines } from '../timeline/timeline.js';
import { readCursor, writeCursor } from './reaction.cursor.js';
import type { ReactionStore } from './reaction.store.js';

const LIST_LIMIT = 20;
const PAGE_LIMIT = 50;

type Change = 'create' | 'delete';

/** Reactions of users to messages of their conversations. Both sides' devices learn of each, also those that are away. */
export class ReactionService {
  constructor(
    private readonly store: ReactionStore,
    private readonly timelines: Timelines,
    private readonly conversations: ConversationStore,
    private readonly settings: Pick<AppSettingsDirectory, 'of'>,
  ) {}

  /** @throws DomainError reaction_disabled | reaction_illegal | reaction_kinds_exceeded | reaction_repeated */
  async add(request: reaction.ReactionRequest): Promise<reaction.AddReactionResponse> {
    const { reactionKindsPerMessage } = await this.#enabled(request.tenant!);
    return this.#change(request, 'create', async (change, by) => {
      const added = await this.store.add(change.client, keyOf(request), by, reactionKindsPerMessage);
      if (added === 'full') throw new DomainError('reaction_kinds_exceeded');
      if (added === 'repeated') throw new DomainError('reaction_repeated');
      return added;
    });
  }

  /** @throws DomainError reaction_disabled | reaction_illegal (also when he had not given it) */
  async delete(request: reaction.ReactionRequest): Promise<reaction.DeleteReactionResponse> {
    await this.#enabled(request.tenant!);
    return this.#change(request, 'delete', async (change, by) => {
      if (!(await this.store.remove(change.client, keyOf(request), by.userId))) throw new DomainError('reaction_illegal');
      return {};
    });
  }

  /** Messages of conversations that are not the user's are left out. @throws DomainError reaction_disabled | reaction_ids_exceeded */
  async list({ tenant, userId, messageIds }: reaction.ListReactionsRequest): Promise<reaction.ListReactionsResponse> {
    await this.#enabled(tenant!);
    if (messageIds.length > LIST_LIMIT) throw new DomainError('reaction_ids_exceeded');
    const visible = await this.#visible(tenant!.appId, userId, messageIds);
    const found = await this.store.reactionsOf(tenant!.appId, visible, userId);
    return { messages: visible.map((messageId) => ({ messageId, reactions: (found.get(messageId) ?? []).map(asContract) })) };
  }

  /** @throws DomainError reaction_disabled | reaction_page_exceeded | reaction_illegal */
  async detail({ tenant, userId, messageId, reaction: name, limit, cursor }: reaction.GetReactionRequest): Promise<reaction.GetReactionResponse> {
    await this.#enabled(tenant!);
    if (limit < 1 || limit > PAGE_LIMIT) throw new DomainError('reaction_page_exceeded');
    const after = readCursor(cursor);
    const [visible] = await this.#visible(tenant!.appId, userId, [messageId]);
    if (visible === undefined) throw new DomainError('reaction_illegal');
    const key = { appId: tenant!.appId, messageId, reaction: name };
    const summary = await this.store.summary(undefined, key, userId);
    if (!summary) return { reaction: undefined, cursor: '' };
    const reactors = await this.store.reactors(key, after, limit + 1);
    const page = reactors.slice(0, limit);
    return {
      reaction: { ...asContract(summary), usernames: page.map((one) => one.username) },
      cursor: reactors.length > limit ? writeCursor(page.at(-1)!) : '',
    };
  }

  async #enabled({ appId }: Tenant) {
    const settings = await this.settings.of(appId);
    if (!settings.reactionsEnabled) throw new DomainError('reaction_disabled');
    return settings;
  }

  /** Of these messages those that are in a conversation of the user. */
  async #visible(appId: number, userId: bigint, messageIds: readonly bigint[]): Promise<bigint[]> {
    const where = await this.timelines.locateAll(appId, messageIds);
    const his = await this.conversations.withParty(appId, [...new Set(where.values())], userId);
    return messageIds.filter((id) => where.has(id) && his.has(where.get(id)!));
  }

  /** One transaction: the reaction, and the news of it in the system queues of both sides. */
  async #change<T>(
    request: reaction.ReactionRequest,
    kind: Change,
    work: (change: TimelineChange, by: { userId: bigint; username: string }) => Promise<T>,
  ): Promise<T> {
    const tenant = request.tenant!;
    const { appId } = tenant;
    const conversationId = await this.timelines.locate(appId, request.messageId);
    const parties = conversationId === undefined ? undefined : await this.conversations.parties(appId, conversationId);
    const by = parties?.find((one) => one.id === request.userId);
    if (conversationId === undefined || !parties || !by) throw new DomainError('reaction_illegal');
    const told = parties.filter((one, i) => one.id > 0n && parties.findIndex((other) => other.id === one.id) === i);
    const queues = await this.conversations.ofPairs(told.map((one) => ({ appId, one: SYSTEM, other: one })));
    const result = await this.timelines.change(appId, [conversationId, ...queues], async (change) => {
      const conversation = change.conversation(conversationId);
      const message = (await change.messages(conversation, [request.messageId])).get(request.messageId);
      if (!message || message.state !== 0 || !isUserMessage(message.bodyType)) throw new DomainError('reaction_illegal');
      const done = await work(change, { userId: by.id, username: by.name });
      for (const [i, user] of told.entries()) {
        const payload = await this.#news(change, request, conversation, { by, user, kind });
        await change.append(
          systemDelivery(
            {
              tenant,
              userId: user.id,
              username: user.name,
              exceptResource: user.id === by.id ? request.resource : '',
              eventId: randomBytes(8).readBigUInt64BE(),
              from: by.name,
              ns: NameSpace.NOTIFY,
              payload,
              onlineOnly: false,
              traceparent: currentTraceparent(),
            },
            queues[i]!,
          ),
        );
      }
      return done;
    });
    if (result === undefined) throw new DomainError('reaction_illegal');
    return result;
  }

  /** What one side's devices are told: the reaction as it is now, in their user's eyes. */
  async #news(
    change: TimelineChange,
    request: reaction.ReactionRequest,
    { a, b }: Conversation,
    { by, user, kind }: { by: Party; user: Party; kind: Change },
  ): Promise<Buffer> {
    const summary = await this.store.summary(change.client, keyOf(request), user.id);
    const news = {
      from: by.name,
      to: by.id === a.id ? b.name : a.name,
      channel_type: 'chat',
      messageId: String(request.messageId),
      reactions: [
        {
          reaction: request.reaction,
          count: summary?.count ?? 0,
          userList: summary?.usernames ?? [],
          isAddedBySelf: summary?.mine ?? false,
          op: [{ operator: by.name, reactionType: kind }],
        },
      ],
      ts: change.nowMs,
    };
    return Buffer.from(JSON.stringify({ type: 'reaction', data: [news] }));
  }
}

function keyOf({ tenant, messageId, reaction: name }: reaction.ReactionRequest) {
  return { appId: tenant!.appId, messageId, reaction: name };
}

function asContract(one: { reactionId: bigint; reaction: string; count: number; mine: boolean; usernames: readonly string[] }): reaction.Reaction {
  return { reactionId: one.reactionId, reaction: one.reaction, count: one.count, mine: one.mine, usernames: [...one.usernames] };
}
