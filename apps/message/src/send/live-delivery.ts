import type { Bus } from '@parley/bus';
import type { events, live } from '@parley/contracts';
import { DomainError } from '@parley/errors';
import { idToMilliseconds, SYSTEM_PARTY_ID } from '@parley/kernel';
import { completeMeta } from '@parley/msync';
import type { Party } from '../conversation/conversation.store.js';
import { bySize } from './by-size.js';
import { isRecipientOnly, type Outgoing, type Position } from './outgoing.js';
import { publishStored } from './stored-event.js';

/** A message with what live delivery needs besides what is stored. */
export interface Delivery extends Outgoing {
  readonly sender: Party;
  readonly recipient: Party;
  /** Empty when not traced. */
  readonly traceparent: string;
}

export interface OnlineOnly {
  readonly appId: number;
  readonly id: bigint;
  readonly meta: Buffer;
  readonly sender: Party;
  /** Whose device `senderResource` is: the sender's, but for news of the system queue. */
  readonly senderId: bigint;
  readonly senderResource: string;
  readonly recipient: Party;
  readonly toResource: string;
  readonly recipientOnly: boolean;
  readonly traceparent: string;
}

/** Tells the gateways and the event stream what was committed. */
export class Deliveries {
  constructor(private readonly bus: Bus) {}

  /**
   * Asked before anything is stored: while NATS is known to be away its event could not be accepted, so whoever acts would hear that
   * it failed, while others see it.
   * @throws DomainError unavailable
   */
  mustBePossible(): void {
    if (!this.bus.isOnline) throw new DomainError('unavailable');
  }

  /**
   * Publishes a commit: to the live subjects at once, one publish for each user however many messages he gets, and one
   * event for each app.
   * @returns when JetStream has accepted the events; rejects when it has not, so that senders try again.
   */
  publish(batch: readonly Delivery[], positions: readonly (Position | undefined)[]): Promise<void> {
    const envelopes = new Map<string, { appId: number; userId: bigint; metas: live.LiveMeta[] }>();
    const stored = new Map<number, events.StoredMessage[]>();
    batch.forEach((delivery, i) => {
      const position = positions[i];
      if (!position) return;
      const meta = completeMeta(position.id, BigInt(idToMilliseconds(position.id)), delivery.meta);
      addressees(delivery).forEach(({ user, peer }) => {
        const key = `${delivery.appId} ${user.id}`;
        let envelope = envelopes.get(key);
        if (!envelope) envelopes.set(key, (envelope = { appId: delivery.appId, userId: user.id, metas: [] }));
        envelope.metas.push({
          conversationId: delivery.conversationId,
          id: position.id,
          seq: position.seq,
          peer: peer.name,
          senderId: delivery.senderId,
          senderResource: delivery.senderResource,
          toResource: delivery.toResource ?? '',
          recipientOnly: isRecipientOnly(delivery.audience),
          meta,
          traceparent: delivery.traceparent,
        });
      });
      // News of the system queue are events of the services that they come from.
      if (delivery.sender.id === SYSTEM_PARTY_ID) return;
      let rows = stored.get(delivery.appId);
      if (!rows) stored.set(delivery.appId, (rows = []));
      rows.push({
        id: position.id,
        conversationId: delivery.conversationId,
        seq: position.seq,
        senderId: delivery.senderId,
        sender: delivery.sender.name,
        senderResource: delivery.senderResource,
        recipientId: delivery.recipient.id,
        recipient: delivery.recipient.name,
        meta,
      });
    });
    for (const { appId, userId, metas } of envelopes.values()) {
      for (const part of bySize(metas)) this.bus.publishLive(appId, userId, { metas: part, kick: undefined });
    }
    return Promise.all([...stored].map(([appId, messages]) => publishStored(this.bus, appId, messages))).then(() => undefined);
  }

  publishOnlineOnly(one: OnlineOnly): void {
    for (const { user, peer } of addressees(one)) {
      this.bus.publishLive(one.appId, user.id, {
        metas: [
          {
            conversationId: 0n,
            id: one.id,
            seq: 0n,
            peer: peer.name,
            senderId: one.senderId,
            senderResource: one.senderResource,
            toResource: one.toResource,
            recipientOnly: one.recipientOnly,
            meta: one.meta,
            traceparent: one.traceparent,
          },
        ],
        kick: undefined,
      });
    }
  }
}

/** Whose gateways hear of it, and how each of them names the queue. A sender that is only a name has no devices. */
function addressees(delivery: { sender: Party; recipient: Party }): { user: Party; peer: Party }[] {
  const { sender, recipient } = delivery;
  const all = [{ user: recipient, peer: sender }];
  if (sender.id !== recipient.id) all.push({ user: sender, peer: recipient });
  return all.filter(({ user }) => user.id > 0n);
}
