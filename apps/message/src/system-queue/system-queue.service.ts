import type { system } from '@parley/contracts';
import { DomainError } from '@parley/errors';
import { EphemeralIds, idToMilliseconds, SYSTEM_PARTY_ID } from '@parley/kernel';
import { completeMeta } from '@parley/msync';
import { createLogger, currentTraceparent } from '@parley/telemetry';
import type { ConversationStore } from '../conversation/conversation.store.js';
import { type GroupCommit, isDataError, Overloaded } from '../send/group-commit.js';
import type { Deliveries, Delivery } from '../send/live-delivery.js';
import { metaOf, SYSTEM, systemDelivery, userOf } from './system-delivery.js';

const log = createLogger('message');

/**
 * Tells the devices of users what is no message, on behalf of other services: through a timeline of its own for each user,
 * so that a device that is away learns of it later, in order, once.
 */
export class SystemQueueService {
  readonly #ephemeralIds = new EphemeralIds();

  constructor(
    private readonly conversations: ConversationStore,
    private readonly commits: GroupCommit<Delivery>,
    private readonly deliveries: Deliveries,
  ) {}

  /** Results in the order of the items. Safe to repeat: see AppendSystemRequest. */
  async append({ items }: system.AppendSystemRequest): Promise<system.AppendSystemResponse> {
    const stored = items.filter((item) => !item.onlineOnly);
    const conversationIds = await this.conversations.ofPairs(
      stored.map((item) => ({ appId: item.tenant!.appId, one: SYSTEM, other: userOf(item) })),
    );
    const conversationOf = new Map(stored.map((item, i) => [item, conversationIds[i]!]));
    const results = items.map((item) => {
      const conversationId = conversationOf.get(item);
      return conversationId === undefined ? this.#sendOnline(item) : this.#store(item, conversationId);
    });
    return { results: await Promise.all(results) };
  }

  async #store(item: system.SystemItem, conversationId: bigint): Promise<system.SystemResult> {
    try {
      const position = await this.commits.commit(systemDelivery(item, conversationId));
      return position ? { error: '', id: position.id } : { error: 'unavailable', id: 0n };
    } catch (error) {
      if (!(error instanceof Overloaded || error instanceof DomainError)) log.error({ err: error }, 'news for a user was not committed');
      return { error: isDataError(error) ? 'format_incorrect' : 'unavailable', id: 0n };
    }
  }

  #sendOnline(item: system.SystemItem): system.SystemResult {
    const id = this.#ephemeralIds.next();
    this.deliveries.publishOnlineOnly({
      appId: item.tenant!.appId,
      id,
      meta: completeMeta(id, BigInt(idToMilliseconds(id)), metaOf(item)),
      sender: SYSTEM,
      senderId: item.exceptResource === '' ? SYSTEM_PARTY_ID : item.userId,
      senderResource: item.exceptResource,
      recipient: userOf(item),
      toResource: '',
      recipientOnly: false,
      traceparent: item.traceparent || currentTraceparent(),
    });
    return { error: '', id };
  }
}
