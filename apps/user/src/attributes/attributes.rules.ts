import { DomainError } from '@parley/errors';

/** Characters of the keys that all client SDKs know (protocol: user attributes). */
const KNOWN_KEYS: Readonly<Record<string, number>> = { nickname: 64, avatarurl: 256, phone: 32, mail: 64, sign: 256, birth: 64 };
const KEY_MAX_CHARACTERS = 128;

/**
 * The pairs as they are stored: PostgreSQL takes no NUL.
 * @throws DomainError user_attribute_too_long | illegal_argument (a key that is empty or too long)
 */
export function checkAttributes(pairs: Readonly<Record<string, string>>): Map<string, string> {
  const checked = new Map<string, string>();
  for (const [rawKey, rawValue] of Object.entries(pairs)) {
    const key = clean(rawKey);
    const value = clean(rawValue);
    if (key === '') throw new DomainError('illegal_argument', { detail: 'a key is empty' });
    if ([...key].length > KEY_MAX_CHARACTERS) throw new DomainError('illegal_argument', { detail: `a key is longer than ${KEY_MAX_CHARACTERS} characters` });
    const most = Object.hasOwn(KNOWN_KEYS, key) ? KNOWN_KEYS[key]! : undefined;
    if (most !== undefined && [...value].length > most) throw new DomainError('user_attribute_too_long', { limit: String(most) });
    checked.set(key, value);
  }
  return checked;
}

/** Bytes of keys and values in UTF-8. */
export function sizeOf(pairs: Iterable<readonly [string, string]>): number {
  let bytes = 0;
  for (const [key, value] of pairs) bytes += Buffer.byteLength(key) + Buffer.byteLength(value);
  return bytes;
}

function clean(text: string): string {
  return text.replaceAll('\0', '');
}
