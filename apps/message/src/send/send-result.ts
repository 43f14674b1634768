import type { message } from '@parley/contracts';
import { idToMilliseconds } from '@parley/kernel';
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
