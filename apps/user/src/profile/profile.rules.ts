import type { push } from '@parley/contracts';
import { DomainError } from '@parley/errors';
import { foldUsername } from '@parley/kernel';
import { checkNickname } from '../registration/registration.rules.js';

const NICKNAMES_MOST = 50;
const STYLES = [0, 1];
/** As the table has it. */
const LANGUAGE = /^[A-Za-z0-9_-]{0,32}$/;

/** @throws DomainError push_parameter_invalid */
export function checkPushStyle(style: number): number {
  if (!STYLES.includes(style)) throw new DomainError('push_parameter_invalid', { name: 'notification_display_style' });
  return style;
}

/** @throws DomainError push_parameter_invalid */
export function checkPushLanguage(language: string): string {
  if (!LANGUAGE.test(language)) throw new DomainError('push_parameter_invalid', { name: 'translationLanguage' });
  return language;
}

/**
 * Nicknames by folded name; of one user's the last holds.
 * @throws DomainError push_nicknames_empty | push_nicknames_too_many | push_nickname_too_long
 */
export function checkPushNicknames(nicknames: readonly push.PushNickname[]): Map<string, string> {
  if (nicknames.length === 0) throw new DomainError('push_nicknames_empty');
  if (nicknames.length > NICKNAMES_MOST) throw new DomainError('push_nicknames_too_many');
  return new Map(
    nicknames.map(({ username, nickname }) => [foldUsername(username), checkNickname(nickname, 'push_nickname_too_long', { username })]),
  );
}
