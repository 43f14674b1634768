import type { AppSettingsDirectory } from '@parley/app-settings';
import type { recall, Tenant } from '@parley/contracts';
import { DomainError } from '@parley/errors';
import { foldUsername } from '@parley/kernel';
import { BodyType, encodeMetaBody, inspectMessageBody, keyValues, recallBody, userJid } from '@parley/msync';
import { createLogger, currentTraceparent } from '@parley/telemetry';
import type { ConversationStore, Party } from '../conversation/conversation.store.js';
import { directoryKey, type UserDirectory } from '../conversation/user-directory.js';
import type { Delivery } from '../send/live-delivery.js';
import { Audience } from '../send/outgoing.js';
import type { ChangeOrder } from '../send/message-changes.js';
import { RECALL_EXTENSION } from '../timeline/change-event.js';
import { MessageState, type TimelineChange } from '../timeline/timeline-change.js';
import type { Conversation, Timelines } from '../timeline/timeline.js';
import { isBeyondStorage, refuseRecall } from './recall.rules.js';

const log = createLogger('message');
const BATCH_LIMIT = 30;

/** A recall that is about to be carried out. */
interface Order {
  readonly tenant: Tenant;
  readonly conversationId: bigint;
  readonly messageId: bigint;
  /** Whose right it is, and whose first try would be the same. */
  readonly by: { readonly party: Party | 'tenant'; readonly name: string; readonly resource: string; readonly clientId: bigint };
  readonly force: boolean;
  readonly syncDevice: boolean;
  /** Encoded KeyValues. */
  readonly ext: readonly Uint8Array[];
  readonly traceparent: string;
}

/** Takes messages back: by their sender within the app's window, by the tenant. */
export class RecallService {
  constructor(
    private readonly timelines: Timelines,
    private readonly conversations: ConversationStore,
    private readonly directory: UserDirectory,
    private readonly settings: Pick<AppSettingsDirectory, 'of'>,
  ) {}

  /**
   * A client's recall. A repetition of the same client id is answered with the first notice.
   * @returns id of the notice
   * @throws DomainError recall_*
   */
  async recallBySender({ item, sender, recipient, traceparent }: ChangeOrder): Promise<bigint> {
    const tenant = item.tenant!;
    const { ackMessageId: messageId } = inspectMessageBody(item.payload);
    const conversationId = await this.conversations.ofPair(tenant.appId, sender, recipient);
    if (messageId === undefined || conversationId === undefined) throw new DomainError('recall_message_not_found');
    return this.#recall({
      tenant,
      conversationId,
      messageId,
      by: { party: sender, name: sender.name, resource: item.senderResource, clientId: item.clientId },
      force: false,
      syncDevice: true,
      ext: item.ext,
      traceparent,
    });
  }

  /** Recalls of the tenant's server; each has its own outcome. */
  async recall({ tenant, items }: recall.RecallRequest): Promise<recall.RecallResponse> {
    if (items.length > BATCH_LIMIT) throw new DomainError('recall_batch_too_large', { limit: String(BATCH_LIMIT) });
    const results: recall.RecallResult[] = [];
    for (const item of items) {
      try {
        await this.#recallByTenant(tenant!, item);
        results.push({ error: '' });
      } catch (error) {
        if (!(error instanceof DomainError)) log.error({ err: error }, 'message was not recalled');
        results.push({ error: error instanceof DomainError ? error.code : 'unavailable' });
      }
    }
    return { results };
  }

  async #recallByTenant(tenant: Tenant, item: recall.RecallItem): Promise<void> {
    const conversationId =
      (await this.timelines.locate(tenant.appId, item.messageId)) ?? (item.force ? await this.#pairOf(tenant, item) : undefined);
    if (conversationId === undefined) throw new DomainError('recall_message_not_found');
    await this.#recall({
      tenant,
      conversationId,
      messageId: item.messageId,
      by: { party: 'tenant', name: item.from, resource: '', clientId: item.clientId },
      force: item.force,
      syncDevice: item.syncDevice,
      ext: item.extension === '' ? [] : keyValues({ [RECALL_EXTENSION]: item.extension }),
      traceparent: currentTraceparent(),
    }, foldUsername(item.to));
  }

  /** The conversation of two users named by the tenant, for a message that the store has no more. */
  async #pairOf({ appId }: Tenant, { from, to }: recall.RecallItem): Promise<bigint | undefined> {
    const names = [from, to].map((name) => ({ appId, username: foldUsername(name) }));
    const users = await this.directory.resolve(names);
    const parties = await Promise.all(
      names.map(async ({ username }) => {
        const id = users.get(directoryKey(appId, username)) ?? (await this.conversations.findNamedSender(appId, username));
        return id === undefined ? undefined : { id, name: username };
      }),
    );
    const [one, other] = parties;
    return one && other ? this.conversations.ofPair(appId, one, other) : undefined;
  }

  async #recall(order: Order, to?: string): Promise<bigint> {
    const settings = await this.settings.of(order.tenant.appId);
    const id = await this.timelines.change(order.tenant.appId, [order.conversationId], async (change) => {
      const conversation = change.conversation(order.conversationId);
      if (to !== undefined && to !== conversation.a.name && to !== conversation.b.name) throw new DomainError('recall_to_unknown');
      const message = (await change.messages(conversation, [order.messageId])).get(order.messageId);
      const author = order.by.party === 'tenant' ? authorOf(conversation, message?.senderId, order.by.name) : order.by.party;
      const delivery = noticeOf(order, conversation, author);
      const first = await change.firstTry(conversation, {
        senderId: author.id,
        senderResource: order.by.resource,
        clientId: order.by.clientId,
        kind: BodyType.RECALL,
        messageId: order.messageId,
      });
      if (first) {
        change.tellAgain({ ...delivery, meta: first.meta }, first);
        return first.id;
      }
      const goneButForced = !message && order.force && settings.recallEnabled && isBeyondStorage(order.messageId, change.nowMs, settings.historyDays);
      const refused = goneButForced
        ? undefined
        : refuseRecall({ message, by: order.by.party === 'tenant' ? 'tenant' : author.id, force: order.force, nowMs: change.nowMs, settings });
      if (refused) throw new DomainError(refused);
      return takeBack(change, conversation, order.messageId, delivery);
    });
    if (id === undefined) throw new DomainError('recall_message_not_found');
    return id;
  }
}

async function takeBack(change: TimelineChange, conversation: Conversation, messageId: bigint, delivery: Delivery): Promise<bigint> {
  await change.takeAway(conversation, [messageId], MessageState.recalled);
  return (await change.append(delivery)).id;
}

/** Who wrote the message. Of one that the store has no more: the named side, or else the first. */
function authorOf({ a, b }: Conversation, senderId: bigint | undefined, name: string): Party {
  if (senderId !== undefined) return senderId === b.id ? b : a;
  return name === b.name ? b : a;
}

/** The row that tells the devices of both sides, also those that come later. */
function noticeOf(order: Order, { appId, conversationId, a, b }: Conversation, author: Party): Delivery {
  const recipient = author.id === a.id ? b : a;
  const appKey = `${order.tenant.org}#${order.tenant.app}`;
  return {
    appId,
    conversationId,
    senderId: author.id,
    senderResource: order.by.resource,
    clientId: order.by.clientId,
    audience: order.syncDevice ? Audience.everyone : Audience.recipientOnly,
    bodyType: BodyType.RECALL << 4,
    toResource: null,
    ackId: order.messageId,
    meta: encodeMetaBody({
      from: userJid(appKey, order.by.name, order.by.resource),
      to: userJid(appKey, recipient.name),
      ns: 1,
      payload: recallBody({ from: order.by.name, to: recipient.name, messageId: order.messageId }),
      ext: order.ext,
    }),
    sender: author,
    recipient,
    traceparent: order.traceparent,
  };
}
