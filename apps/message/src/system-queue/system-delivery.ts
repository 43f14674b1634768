import type { system } from '@parley/contracts';
import { SYSTEM_PARTY_ID, SYSTEM_QUEUE } from '@parley/kernel';
import { encodeMetaBody, userJid } from '@parley/msync';
import { currentTraceparent } from '@parley/telemetry';
import type { Party } from '../conversation/conversation.store.js';
import type { Delivery } from '../send/live-delivery.js';
import { Audience } from '../send/outgoing.js';

/** Larger than every type of a message: no history, list or count takes it for one. */
const NO_MESSAGE_BODY = 32_767;

/** The other side of every system queue. */
export const SYSTEM: Party = { id: SYSTEM_PARTY_ID, name: SYSTEM_QUEUE };

/** An item of a user's system queue, ready to be appended to that conversation. */
export function systemDelivery(item: system.SystemItem, conversationId: bigint): Delivery {
  return {
    appId: item.tenant!.appId,
    conversationId,
    // The acting device is left out like the sending device of a message.
    senderId: item.exceptResource === '' ? SYSTEM_PARTY_ID : item.userId,
    senderResource: item.exceptResource,
    clientId: item.eventId,
    audience: Audience.everyone,
    bodyType: NO_MESSAGE_BODY,
    toResource: null,
    meta: metaOf(item),
    sender: SYSTEM,
    recipient: userOf(item),
    traceparent: item.traceparent || currentTraceparent(),
  };
}

export function userOf(item: system.SystemItem): Party {
  return { id: item.userId, name: item.username };
}

export function metaOf(item: system.SystemItem): Buffer {
  const { org, app } = item.tenant!;
  const jid = (name: string) => userJid(`${org}#${app}`, name);
  return encodeMetaBody({ from: jid(item.from || SYSTEM_QUEUE), to: jid(item.username), ns: item.ns, payload: item.payload, ext: [] });
}
