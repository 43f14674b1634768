import { DomainError } from '@parley/errors';
import { foldUsername, isLegalUsername, USERNAME_MAX_BYTES } from '@parley/kernel';

/** Users of one array registration. */
export const BATCH_LIMIT = 60;
export const PASSWORD_MAX_CHARACTERS = 64;
export const NICKNAME_MAX_CHARACTERS = 100;

/**
 * The name in the form in which it is stored.
 * @throws DomainError username_too_long | username_illegal
 */
export function checkUsername(name: string): string {
  const username = foldUsername(name);
  if (Buffer.byteLength(username) > USERNAME_MAX_BYTES) throw new DomainError('username_too_long');
  if (!isLegalUsername(username)) throw new DomainError('username_illegal', { username });
  return username;
}

/** @throws DomainError password_required | password_too_long */
export function checkPassword(password: string): void {
  if (password === '') throw new DomainError('password_required');
  if (isTooLongPassword(password)) throw new DomainError('password_too_long');
}

/** Longer than any password can be. */
export function isTooLongPassword(password: string): boolean {
  return isLongerThan(password, PASSWORD_MAX_CHARACTERS);
}

/** @throws DomainError the code given, with these parameters */
export function checkNickname(nickname: string, code: 'nickname_too_long' | 'push_nickname_too_long' = 'nickname_too_long', params: Readonly<Record<string, string>> = {}): string {
  // PostgreSQL stores no NUL.
  const clean = nickname.replaceAll('\0', '');
  if (isLongerThan(clean, NICKNAME_MAX_CHARACTERS)) throw new DomainError(code, params);
  return clean;
}

/** @throws DomainError batch_too_large */
export function checkBatchSize(size: number): void {
  if (size > BATCH_LIMIT) throw new DomainError('batch_too_large', { size: String(size) });
}

/**
 * The items without repetitions; a name that is repeated with the same password counts once.
 * @throws DomainError same_user_different_password: then nobody of the batch is registered.
 */
export function withoutRepetitions<T extends { username: string; password: string }>(items: readonly T[]): T[] {
  const byName = new Map<string, T>();
  for (const item of items) {
    const name = foldUsername(item.username);
    const earlier = byName.get(name);
    if (!earlier) byName.set(name, item);
    else if (earlier.password !== item.password) {
      throw new DomainError('same_user_different_password', { username: name, passwords: '***' });
    }
  }
  return [...byName.values()];
}

/** Counted as a reader would, not in UTF-16 units; cheap for hostile lengths. */
export function isLongerThan(text: string, characters: number): boolean {
  return text.length > characters && (text.length > characters * 2 || [...text].length > characters);
}
