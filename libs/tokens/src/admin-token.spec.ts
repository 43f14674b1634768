import { beforeAll, describe, expect, it } from '@jest/globals';
import { generateSigningKey, type SigningKey, TokenSigner, TokenVerifier } from './index.js';

const claims = { org: 'acme', adminId: '0b2f9a3e-5c1d-4f0e-9a55-1c2d3e4f5a6b', epoch: 2, ttlSeconds: 60 };
const tenant = { appId: 7, appUuid: 'u', org: 'acme', app: 'chat' };
let key: SigningKey;
let signer: TokenSigner;
const verifierAt = (now: () => number) => new TokenVerifier(async () => JSON.stringify({ keys: [key.publicJwk] }), { now });

beforeAll(async () => {
  key = await generateSigningKey();
  signer = await TokenSigner.from(key, () => 1_000_000);
});

describe("an administrator's token", () => {
  it('says who it is, in which session and epoch, until when', async () => {
    const sessionId = '9e0d4a55-5c1d-4f0e-9a55-1c2d3e4f5a6b';
    const token = await signer.signAdmin({ ...claims, sessionId });
    const { ttlSeconds: _, ...said } = claims;
    expect(await verifierAt(() => 1_000_000).verifyAdmin(token)).toEqual({ ...said, sessionId, expiresAtMs: 1_060_000 });
  });

  it('has no session when it belongs to a key', async () => {
    expect((await verifierAt(() => 0).verifyAdmin(await signer.signAdmin(claims))).sessionId).toBeUndefined();
  });

  it('ends', async () => {
    const token = await signer.signAdmin(claims);
    await expect(verifierAt(() => 1_060_000).verifyAdmin(token)).rejects.toMatchObject({ code: 'token_expired' });
  });

  it("is no app's and no user's, and theirs are none of an administrator", async () => {
    const verifier = verifierAt(() => 0);
    await expect(verifier.verify(await signer.signAdmin(claims))).rejects.toMatchObject({ code: 'token_corrupt' });
    await expect(verifier.verifyAdmin(await signer.sign({ kind: 'app', tenant, ttlSeconds: 60 }))).rejects.toMatchObject({ code: 'unauthorized' });
  });

  it.each([
    ['an id that is none', { adminId: 'x' }],
    ['a session that is none', { sessionId: 'x' }],
    ['an epoch that is none', { epoch: 1.5 }],
  ])('is refused with %s', async (_, wrong) => {
    await expect(verifierAt(() => 0).verifyAdmin(await signer.signAdmin({ ...claims, ...wrong }))).rejects.toMatchObject({ code: 'token_corrupt' });
  });
});
