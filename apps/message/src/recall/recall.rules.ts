import type { ErrorCode } from '@parley/errors';
import { idToMilliseconds } from '@parley/kernel';
import { BodyType, ContentType } from '@parley/msync';

/** Whether a row is a message that people wrote: no receipt, recall or edit, and nothing of the system queue. */
export function isUserMessage(bodyType: number): boolean {
  const type = bodyType >> 4;
  return type === BodyType.NORMAL || type === BodyType.CHAT;
}

/** What the rules of a recall look at. Times in milliseconds since 1970. */
export interface RecallCase {
  readonly message: { readonly id: bigint; readonly senderId: bigint; readonly bodyType: number; readonly state: number } | undefined;
  /** Who recalls: a user's id, or the tenant by its app token. */
  readonly by: bigint | 'tenant';
  readonly force: boolean;
  readonly nowMs: number;
  readonly settings: { readonly recallEnabled: boolean; readonly recallWindowSeconds: number };
}

/** Why a message may not be recalled; undefined = it may. Pure. */
export function refuseRecall({ message, by, force, nowMs, settings }: RecallCase): ErrorCode | undefined {
  if (!settings.recallEnabled) return 'recall_disabled';
  if (!message || message.state !== 0 || !isUserMessage(message.bodyType)) return 'recall_message_not_found';
  if (by !== 'tenant' && message.senderId !== by) return 'recall_not_permitted';
  if ((message.bodyType & 15) === ContentType.COMMAND) return 'recall_not_permitted';
  if (!force && nowMs - idToMilliseconds(message.id) > settings.recallWindowSeconds * 1_000) return 'recall_too_late';
  return undefined;
}

/** With force the tenant may call back what the server keeps no longer; devices may have it still. */
export function isBeyondStorage(messageId: bigint, nowMs: number, historyDays: number): boolean {
  return messageId > 0n && nowMs - idToMilliseconds(messageId) > historyDays * 86_400_000;
}
