import { createHash } from 'node:crypto';
import { compactDecrypt, CompactEncrypt, decodeProtectedHeader } from 'jose';

const MARK = 'sealed:';

/**
 * Encrypts what auth must be able to read again (private keys, certificates) before it is stored, with keys that only
 * the configuration has. The first key seals, the others still open: so the key itself can be replaced.
 */
export class SecretBox {
  readonly #keys: readonly { kid: string; key: Uint8Array }[];

  /** @param keys of 32 bytes each; none = nothing is sealed */
  constructor(keys: readonly Uint8Array[]) {
    this.#keys = keys.map((key) => ({ kid: createHash('sha256').update(key).digest('base64url').slice(0, 16), key }));
  }

  /** Whether there is a key: without one, secrets would lie open in the store. */
  get canSeal(): boolean {
    return this.#keys.length > 0;
  }

  /** JWE (AES-256-GCM) of the text, which only opens for the same purpose; the text itself when there is no key. */
  async seal(text: string, purpose: string): Promise<string> {
    const [first] = this.#keys;
    if (!first) return text;
    const jwe = await new CompactEncrypt(new TextEncoder().encode(text))
      .setProtectedHeader({ alg: 'dir', enc: 'A256GCM', kid: first.kid, for: purpose })
      .encrypt(first.key);
    return MARK + jwe;
  }

  /** @throws Error when it was sealed with a key that the configuration does not have, or for something else */
  async open(stored: string, purpose: string): Promise<string> {
    if (!stored.startsWith(MARK)) return stored;
    const jwe = stored.slice(MARK.length);
    const { kid } = decodeProtectedHeader(jwe);
    const one = this.#keys.find((each) => each.kid === kid);
    if (!one) throw new Error('a secret in the store is encrypted with a key that PARLEY_AUTH_KEY_ENCRYPTION_KEY does not have');
    const { plaintext, protectedHeader } = await compactDecrypt(jwe, one.key, { contentEncryptionAlgorithms: ['A256GCM'] });
    if (protectedHeader['for'] !== purpose) throw new Error('a secret in the store was moved from another place');
    return new TextDecoder().decode(plaintext);
  }

  /** Whether it is sealed with the key that seals now, or need not be. */
  isFresh(stored: string): boolean {
    const [first] = this.#keys;
    if (!first) return true;
    return stored.startsWith(MARK) && decodeProtectedHeader(stored.slice(MARK.length))['kid'] === first.kid;
  }
}
