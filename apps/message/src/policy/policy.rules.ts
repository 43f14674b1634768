import type { AppSettings } from '@parley/app-settings';
import type { ErrorCode } from '@parley/errors';
import type { PolicyAnswer } from './policy-directory.js';

/**
 * Why a user's message to another user is refused; undefined = it is not.
 * @param mutes the answer about the sender alone
 * @param between the answer about the two
 */
export function refusalOf(
  mutes: Pick<PolicyAnswer, 'chatMutedUntilMs'>,
  between: Pick<PolicyAnswer, 'blocked' | 'contact'>,
  settings: Pick<AppSettings, 'contactsOnly'>,
  nowMs: number,
): ErrorCode | undefined {
  if (isMuted(mutes.chatMutedUntilMs, nowMs)) return 'sender_muted';
  if (between.blocked) return 'blocked';
  if (settings.contactsOnly && !between.contact) return 'not_a_contact';
  return undefined;
}

/** @param untilMs milliseconds since 1970; 0 = not muted, -1 = for ever */
export function isMuted(untilMs: bigint, nowMs: number): boolean {
  return untilMs === -1n || untilMs > BigInt(nowMs);
}
