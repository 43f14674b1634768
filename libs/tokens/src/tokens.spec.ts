import { beforeAll, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { CompactSign, importJWK, type JWK, UnsecuredJWT } from 'jose';
import {
  generateSigningKey,
  type SigningKey,
  TOKEN_MAX_LENGTH,
  TOKEN_PREFIX,
  type TokenClaims,
  TokenSigner,
  TokenVerifier,
} from './index.js';

const NOW_MS = 1_800_000_000_000;
const tenant = { appId: 7, appUuid: '0b2f9a3e-5c1d-4f0e-9a55-1c2d3e4f5a6b', org: 'demo', app: 'chat' };
const alice: TokenClaims = { kind: 'user', tenant, userId: 2n ** 53n + 1n, username: 'alice', tokenEpoch: 3, ttlSeconds: 60 };

let key: SigningKey;
let strangersKey: SigningKey;
let signer: TokenSigner;

beforeAll(async () => {
  key = await generateSigningKey();
  strangersKey = await generateSigningKey();
  signer = await TokenSigner.from(key, () => NOW_MS);
});

function edge(options: { keys?: SigningKey[]; nowMs?: number; recentTokens?: number } = {}) {
  const state = { fetches: 0, nowMs: options.nowMs ?? NOW_MS, keys: options.keys ?? [key] };
  const verifier = new TokenVerifier(
    async () => {
      state.fetches++;
      return JSON.stringify({ keys: state.keys.map((one) => one.publicJwk) });
    },
    { now: () => state.nowMs, recentTokens: options.recentTokens },
  );
  return { verifier, state };
}

function code(expected: string) {
  return expect.objectContaining({ code: expected });
}

/** A token with any header and any claims, signed with a key of ours or another's. */
async function forge(header: { alg: string; kid: string }, claims: unknown, with_: JWK = key.privateJwk): Promise<string> {
  const payload = new TextEncoder().encode(typeof claims === 'string' ? claims : JSON.stringify(claims));
  return TOKEN_PREFIX + (await new CompactSign(payload).setProtectedHeader(header).sign(await importJWK(with_, 'EdDSA')));
}

describe('a token that was issued here', () => {
  it('says whose it is, user ids beyond 2^53 included', async () => {
    const verified = await edge().verifier.verify(await signer.sign(alice));
    expect(verified).toEqual({
      kind: 'user',
      tenant,
      userId: 2n ** 53n + 1n,
      username: 'alice',
      tokenEpoch: 3,
      keyId: key.kid,
      expiresAtMs: NOW_MS + 60_000,
    });
  });

  it('of an app names no user, and never expires when it was asked to', async () => {
    const { verifier } = edge({ nowMs: NOW_MS * 2 });
    const verified = await verifier.verify(await signer.sign({ kind: 'app', tenant, ttlSeconds: 0 }));
    expect(verified).toEqual({ kind: 'app', tenant, tokenEpoch: 0, keyId: key.kid, expiresAtMs: Infinity });
  });

  it('starts with YWMt and differs from the one before', async () => {
    const [first, second] = [await signer.sign(alice), await signer.sign(alice)];
    expect(first.startsWith('YWMt')).toBe(true);
    expect(second).not.toBe(first);
  });

  it('expires, also for an edge that remembers it', async () => {
    const { verifier, state } = edge({ recentTokens: 10 });
    const token = await signer.sign(alice);
    await verifier.verify(token);
    state.nowMs += 60_000;
    await expect(verifier.verify(token)).rejects.toEqual(code('token_expired'));
  });
});

describe('the keys of an edge', () => {
  it('are fetched once for many tokens at the same moment', async () => {
    const { verifier, state } = edge();
    const token = await signer.sign(alice);
    await Promise.all(Array.from({ length: 20 }, () => verifier.verify(token)));
    expect(state.fetches).toBe(1);
  });

  it('are fetched again for a new key, but not for every unknown one', async () => {
    const { verifier, state } = edge({ keys: [strangersKey] });
    const token = await signer.sign(alice);
    await expect(verifier.verify(token)).rejects.toEqual(code('token_not_issued_here'));
    await expect(verifier.verify(token)).rejects.toEqual(code('token_not_issued_here'));
    expect(state.fetches).toBe(1);
    state.keys = [strangersKey, key];
    state.nowMs += 5_000;
    await expect(verifier.verify(token)).resolves.toMatchObject({ username: 'alice' });
    expect(state.fetches).toBe(2);
  });

  it('that cannot be fetched are asked for again by the next token', async () => {
    let away = true;
    const verifier = new TokenVerifier(
      async () => {
        if (away) throw new Error('auth is away');
        return JSON.stringify({ keys: [key.publicJwk] });
      },
      { now: () => NOW_MS },
    );
    const token = await signer.sign(alice);
    await expect(verifier.verify(token)).rejects.toThrow('auth is away');
    away = false;
    await expect(verifier.verify(token)).resolves.toMatchObject({ username: 'alice' });
  });
});

describe('a hostile token', () => {
  const header = () => ({ alg: 'EdDSA', kid: key.kid });
  const claims = { kind: 'user', aid: 7, auid: 'u', org: 'demo', app: 'chat', sub: 'alice', uid: '1', ep: 0 };

  it.each([
    ['nothing', ''],
    ['the prefix alone', TOKEN_PREFIX],
    ['words', 'not a token'],
    ['three empty parts', `${TOKEN_PREFIX}..`],
    ['four parts', `${TOKEN_PREFIX}a.b.c.d`],
    ['a huge one', TOKEN_PREFIX + 'a'.repeat(TOKEN_MAX_LENGTH)],
  ])('is corrupt when it is %s', async (_what, token) => {
    const { verifier, state } = edge();
    await expect(verifier.verify(token)).rejects.toEqual(code('token_corrupt'));
    expect(state.fetches).toBe(0);
  });

  it('is corrupt without its prefix, and when cut anywhere', async () => {
    const { verifier } = edge();
    const token = await signer.sign(alice);
    await expect(verifier.verify(token.slice(TOKEN_PREFIX.length))).rejects.toEqual(code('token_corrupt'));
    for (let length = 0; length < token.length; length += 7) {
      await expect(verifier.verify(token.slice(0, length))).rejects.toEqual(code('token_corrupt'));
    }
  });

  it('is refused when it claims to need no signature', async () => {
    const unsigned = TOKEN_PREFIX + new UnsecuredJWT(claims).encode();
    await expect(edge().verifier.verify(unsigned)).rejects.toEqual(code('token_corrupt'));
    const none = Buffer.from(JSON.stringify({ alg: 'none', kid: key.kid })).toString('base64url');
    const token = await forge(header(), claims);
    const swapped = TOKEN_PREFIX + none + token.slice(token.indexOf('.'));
    await expect(edge().verifier.verify(swapped)).rejects.toEqual(code('token_corrupt'));
  });

  it('is not ours when another key signed it, under its own name or ours', async () => {
    const { verifier } = edge();
    const strangers = await forge({ alg: 'EdDSA', kid: strangersKey.kid }, claims, strangersKey.privateJwk);
    const pretending = await forge(header(), claims, strangersKey.privateJwk);
    await expect(verifier.verify(strangers)).rejects.toEqual(code('token_not_issued_here'));
    await expect(verifier.verify(pretending)).rejects.toEqual(code('token_not_issued_here'));
  });

  it('is not ours when its claims are replaced under a good signature', async () => {
    const [head, , signature] = (await forge(header(), claims)).split('.');
    const payload = Buffer.from(JSON.stringify({ ...claims, sub: 'bob' })).toString('base64url');
    await expect(edge().verifier.verify([head, payload, signature].join('.'))).rejects.toEqual(code('token_not_issued_here'));
  });

  it.each([
    ['no JSON', 'x'],
    ['a list', []],
    ['no kind', { ...claims, kind: undefined }],
    ['an unknown kind', { ...claims, kind: 'root' }],
    ['no app', { ...claims, aid: undefined }],
    ['a text as app', { ...claims, aid: '7' }],
    ['no user id', { ...claims, uid: undefined }],
    ['a negative user id', { ...claims, uid: '-1' }],
    ['no epoch', { ...claims, ep: undefined }],
    ['an expiry that is no number', { ...claims, exp: 'never' }],
  ])('is corrupt when it says %s, even with our signature', async (_what, said) => {
    await expect(edge().verifier.verify(await forge(header(), said))).rejects.toEqual(code('token_corrupt'));
  });

  it('never verifies and never fails otherwise, whatever is changed in it', async () => {
    const { verifier } = edge();
    const token = await signer.sign(alice);
    await fc.assert(
      fc.asyncProperty(fc.nat(token.length - 1), fc.string({ minLength: 1, maxLength: 3 }), async (at, noise) => {
        const changed = token.slice(0, at) + noise + token.slice(at + 1);
        // The last character of an Ed25519 signature carries 4 unused bits.
        fc.pre(changed !== token && at !== token.length - 1);
        await expect(verifier.verify(changed)).rejects.toMatchObject({ code: expect.stringMatching(/^token_/) });
      }),
      { numRuns: 200 },
    );
  });

  it('made of any text is refused as a token error', async () => {
    const { verifier } = edge();
    await fc.assert(
      fc.asyncProperty(fc.string({ unit: 'binary', maxLength: 200 }), async (text) => {
        await expect(verifier.verify(text)).rejects.toEqual(code('token_corrupt'));
        await expect(verifier.verify(TOKEN_PREFIX + text)).rejects.toEqual(code('token_corrupt'));
      }),
      { numRuns: 200 },
    );
  });
});
