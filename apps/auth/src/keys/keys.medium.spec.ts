import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { requests } from '@parley/bus';
import { auth, keys as contract } from '@parley/contracts';
import { Backbone, eventually } from '@parley/testkit';
import { TokenVerifier } from '@parley/tokens';
import * as authService from '../start.js';

let backbone: Backbone;
beforeAll(async () => {
  backbone = await Backbone.start();
}, 60_000);
afterAll(() => backbone?.stop(), 30_000);

/** A replica of auth on a database, with an app to sign tokens for. */
async function replica(database: string, env: NodeJS.ProcessEnv = {}) {
  const service = await backbone.service(authService, { DATABASE_URL: backbone.database.urlOf(database), ...env });
  const client = backbone.client(auth.AuthServiceClient, service);
  const keys = backbone.client(contract.KeyServiceClient, service);
  const credentials = { clientId: `id-${database}`, clientSecret: 'secret' };
  const { tenant } = await client.ensureApp({ org: 'demo', app: 'chat', ...credentials, openRegistration: false });
  return {
    service,
    keys,
    token: async (ttlSeconds = 60n) => (await client.issueAppToken({ tenant, ...credentials, ttlSeconds, address: '' })).accessToken,
    verifier: () => new TokenVerifier(async () => (await client.getVerificationKeys({})).jwksJson),
    jwks: async () => (JSON.parse((await client.getVerificationKeys({})).jwksJson) as { keys: { kid: string }[] }).keys.map((key) => key.kid),
    states: async () => (await keys.listKeys({})).keys.map((key) => key.state),
  };
}

const inStore = (database: string) => backbone.database.pool('auth', { max: 1, name: database });

/** What the operators' audit log has of keys, oldest first. */
const acts = async (database: string) => {
  const text = "SELECT act, target, outcome FROM audit_entry WHERE org = '-' AND act LIKE 'signing_key.%' ORDER BY entry_id";
  return (await inStore(database).query<{ act: string; target: string; outcome: string }>(text)).rows;
};

describe('rotating the key', () => {
  it('publishes the next one before it signs; asked again it does not make another', async () => {
    const { keys, jwks, token, verifier } = await replica('lead');
    const next = await keys.rotateKeys({ immediately: false });
    expect(next).toMatchObject({ state: 'waiting' });
    expect(Number(next.signFromMs)).toBeGreaterThan(Date.now() + 3_000_000);
    expect(await jwks()).toContain(next.kid);
    expect((await verifier().verify(await token())).keyId).not.toBe(next.kid);
    expect((await keys.rotateKeys({ immediately: false })).kid).toBe(next.kid);
    const act = { act: 'signing_key.rotated', target: next.kid, outcome: 'done' };
    expect(await acts('lead')).toEqual([act, act]);
  });

  it('at once makes every replica sign with it, and tokens of the one before still verify', async () => {
    const [one, other] = [await replica('now'), await replica('now')];
    const before = await one.token();
    const next = await one.keys.rotateKeys({ immediately: true });
    expect(next.state).toBe('signing');
    const edge = other.verifier();
    await eventually(async () => (await edge.verify(await other.token())).keyId === next.kid, { what: 'the other replica signs with it' });
    expect((await edge.verify(before)).keyId).not.toBe(next.kid);
    expect(await one.states()).toEqual(['signing', 'verifying']);
  });

  it('happens on schedule', async () => {
    const { states, service } = await replica('schedule', { PARLEY_AUTH_KEY_ROTATION_DAYS: '30' });
    await inStore('schedule').query("UPDATE signing_key SET sign_from = now() - interval '30 days'");
    expect(service.address).toBeDefined();
    await eventually(async () => (await states()).includes('waiting'), { withinMs: 25_000, everyMs: 500, what: 'the next key' });
    expect(await states()).toEqual(['waiting', 'signing']);
  }, 40_000);

  it('keeps a key for as long as the longest token that it signed, and no longer', async () => {
    const { keys, token } = await replica('cover');
    await token(10n * 86_400n);
    const [signing] = (await keys.listKeys({})).keys;
    const days = (Number(signing!.coversUntilMs) - Date.now()) / 86_400_000;
    expect(days).toBeGreaterThan(10);
    expect(days).toBeLessThan(13);
    await token(0n);
    expect((await keys.listKeys({})).keys[0]!.coversUntilMs).toBe(BigInt(Number.MAX_SAFE_INTEGER));

    await keys.rotateKeys({ immediately: true });
    const pool = inStore('cover');
    await pool.query("UPDATE signing_key SET sign_from = sign_from - interval '1 day'");
    await pool.query('UPDATE signing_key SET covers_until_ms = 1 WHERE kid = $1', [signing!.kid]);
    await eventually(async () => (await keys.listKeys({})).keys.length === 1, { withinMs: 25_000, everyMs: 500, what: 'the key is dropped' });
  }, 40_000);
});

describe('revoking the key', () => {
  it('voids its tokens, takes it out of what is published, tells the edges, and another signs', async () => {
    const { keys, jwks, token, verifier, states } = await replica('revoked');
    const [stolen, edge] = [await token(), verifier()];
    const { keyId } = await edge.verify(stolen);
    const seen = await backbone.bus.request(requests.appRevocations, { cursor: 0n });
    expect(await keys.revokeKey({ kid: keyId! })).toMatchObject({ kid: keyId, state: 'revoked' });

    expect(await jwks()).not.toContain(keyId);
    await edge.refresh();
    await expect(edge.verify(stolen)).rejects.toMatchObject({ code: 'token_not_issued_here' });
    expect(edge.trusts(keyId!)).toBe(false);
    expect((await edge.verify(await token())).keyId).not.toBe(keyId);
    expect(await states()).toEqual(['signing', 'revoked']);
    await keys.revokeKey({ kid: keyId! });
    expect(await states()).toEqual(['signing', 'revoked']);
    expect(seen.keysVersion).not.toBe('');
    await expect(keys.revokeKey({ kid: 'nothing' })).rejects.toMatchObject({ code: 'key_not_found' });
    const done = { act: 'signing_key.revoked', target: keyId, outcome: 'done' };
    expect(await acts('revoked')).toEqual([done, done, { ...done, target: 'nothing', outcome: 'key_not_found' }]);
  });
});

describe('private keys in the database', () => {
  const stored = async (database: string) =>
    (await inStore(database).query<{ private_jwk: unknown }>('SELECT private_jwk FROM signing_key')).rows.map((row) => JSON.stringify(row.private_jwk));
  const key = randomBytes(32).toString('base64');

  it('are encrypted as soon as there is a key for that, also those that were there before', async () => {
    const before = await replica('sealed');
    const token = await before.token();
    expect((await stored('sealed'))[0]).toContain('\\"d\\"');
    const after = await replica('sealed', { PARLEY_AUTH_KEY_ENCRYPTION_KEY: key });
    expect((await stored('sealed'))[0]).toMatch(/^"sealed:/);
    expect(await after.verifier().verify(token)).toMatchObject({ kind: 'app' });
    expect(await after.verifier().verify(await after.token())).toMatchObject({ kind: 'app' });

    const newer = randomBytes(32).toString('hex');
    await replica('sealed', { PARLEY_AUTH_KEY_ENCRYPTION_KEY: `${newer},${key}` });
    await expect(replica('sealed', { PARLEY_AUTH_KEY_ENCRYPTION_KEY: newer })).resolves.toBeDefined();
    await expect(replica('sealed', { PARLEY_AUTH_KEY_ENCRYPTION_KEY: key })).rejects.toThrow('PARLEY_AUTH_KEY_ENCRYPTION_KEY');
  }, 30_000);

  it('need a key of the right length', () => {
    expect(() => authService.loadServiceConfig({ PARLEY_AUTH_KEY_ENCRYPTION_KEY: 'short' })).toThrow('32 bytes');
  });
});
