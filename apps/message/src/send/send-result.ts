import type { message } from '@parley/contracts';
import { type EphemeralIds, idToMilliseconds } from '@parley/kernel';
import { counter } from '@parley/telemetry';

const refused = counter('message', 'parley.messages.refused', 'messages refused, by error code');

export type SendResult = message.SendResult;

export function success(id: bigint): SendResult {
  return { error: '', errorDetail: '', serverId: id, timestampMs: BigInt(idToMilliseconds(id)), metas: [] };
}

export function failure(error: string, errorDetail = ''): SendResult {
  refused.add(1, { error });
  return { error, errorDetail, serverId: 0n, timestampMs: BigInt(Date.now()), metas: [] };
}

/**
 * REST answers an unknown recipient with an id like any other (protocol facts); nobody will ever see the message. So is a
 * receipt answered that is about nothing its sender was sent: clients send receipts by themselves and await no refusal.
 */
export function answerOnly(ids: EphemeralIds): SendResult {
  return success(ids.next());
}
