import type { JSONWebKeySet } from 'jose';
import { z } from 'zod';

/** What a tenant's tokens may be signed with: nothing that the holder of a public key could sign with, and not nothing. */
export const ALGORITHMS = ['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512', 'ES256', 'ES384', 'ES512', 'EdDSA', 'Ed25519'];

const MOST_KEYS = 50;
const set = z.object({ keys: z.array(z.looseObject({ kty: z.string() })).max(MOST_KEYS) });
/** Secret halves have no business here; with one of them the key would still work, and lie about in our store. */
const SECRET_PARTS = ['d', 'p', 'q', 'dp', 'dq', 'qi', 'k'];

export type JwkSet = JSONWebKeySet;

/** The public keys of a JWK set. @throws Error that says what is wrong with it */
export function readJwks(text: string): JwkSet {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    throw new Error('the keys are not JSON');
  }
  const parsed = set.safeParse(json);
  if (!parsed.success) throw new Error(`the keys are not a JWK set of at most ${MOST_KEYS}`);
  const keys = parsed.data.keys.filter((key) => ['RSA', 'EC', 'OKP'].includes(key.kty));
  if (keys.length === 0) throw new Error('there is no RSA, EC or OKP key in the set');
  return { keys: keys.map((key) => Object.fromEntries(Object.entries(key).filter(([part]) => !SECRET_PARTS.includes(part)))) } as JwkSet;
}
