import { createHash, randomUUID } from 'node:crypto';
import { beforeAll, describe, expect, it } from '@jest/globals';
import { eventually, uniqueName } from '@parley/testkit';
import { exportJWK, generateKeyPair, SignJWT } from 'jose';
import { expectError } from './envelope.js';
import { stage } from './stage.js';

const on = stage();
const { endpoints, rest } = on.platform;
const expires = (username: string) => `/sdk/users/${username}/token/expires`;
const inSeconds = (ms = Date.now()) => Math.floor(ms / 1_000);

/** As a tenant's server makes it with the client secret. */
function dynamicToken(userId: string, changes: { curTime?: number; ttl?: number; secret?: string; appkey?: string } = {}): string {
  const { curTime = inSeconds(), ttl = 600, secret = endpoints.clientSecret, appkey = endpoints.appKey } = changes;
  const signature = createHash('sha256').update(`${endpoints.clientId}${appkey}${userId}${curTime}${ttl}${secret}`).digest('hex');
  return Buffer.from(`dt-${JSON.stringify({ signature, appkey, userId, curTime, ttl })}`).toString('base64url');
}

describe('a dynamic token, made by the server of the tenant', () => {
  it('logs the official SDK in, and is a bearer token of its user', async () => {
    const alice = await on.user('alice');
    const accessToken = dynamicToken(alice.username);
    const device = await on.device();
    await device.open({ user: alice.username, accessToken });
    const answer = await rest.call('GET', expires(alice.username), { token: accessToken });
    expect(answer).toMatchObject({ status: 200 });
    expect(answer.body.expire_timestamp).toBeGreaterThan(Date.now());
    expect(answer.body.expire_timestamp).toBeLessThanOrEqual(Date.now() + 600_000);
  });

  it.each([
    ['ended', () => ({ curTime: inSeconds() - 601 }), 'unauthorized', 'Unable to authenticate due to expired access token'],
    ['is signed with another secret', () => ({ secret: 'YXA6other' }), 'auth_bad_access_token', 'Unable to authenticate'],
    ['is for another app', () => ({ appkey: 'demo#other' }), 'auth_bad_access_token', 'Unable to authenticate'],
    ['is from the future', () => ({ curTime: inSeconds() + 600 }), 'auth_bad_access_token', 'Unable to authenticate'],
  ])('is refused when it %s', async (_, changes, error, description) => {
    const alice = await on.user('alice');
    const token = dynamicToken(alice.username, changes());
    expectError(await rest.call('GET', expires(alice.username), { token }), 401, error, description);
    const raw = await on.raw();
    const { status } = await raw.provision({ appKey: endpoints.appKey, user: alice.username, token });
    expect(status).toMatchObject({ code: 1, reason: expect.stringMatching(/^Sorry, token/) });
  });

  it('of somebody who does not exist makes nobody, unless the app is set to', async () => {
    const username = uniqueName('nobody');
    const token = dynamicToken(username);
    expectError(await rest.call('GET', expires(username), { token }), 401, 'unauthorized', 'Unable to authenticate (OAuth)');
    const raw = await on.raw();
    expect((await raw.provision({ appKey: endpoints.appKey, user: username, token })).status).toMatchObject({ code: 1, reason: 'Sorry, user not found' });
  });

  it('is of no use for another user, nor where only the app may', async () => {
    const [alice, bob] = [await on.user('alice'), await on.user('bob')];
    const token = dynamicToken(alice.username);
    expect((await rest.call('GET', expires(bob.username), { token })).status).toBe(401);
    expect((await rest.call('GET', '/users', { token })).status).toBe(401);
  });

  it('ends with the tokens of its user, and a later one counts', async () => {
    const alice = await on.user('alice');
    const token = dynamicToken(alice.username, { curTime: inSeconds() - 5 });
    expect((await rest.call('GET', expires(alice.username), { token })).status).toBe(200);
    await rest.call('PUT', `/users/${alice.username}/password`, { body: { newpassword: 'other' } });
    await eventually(async () => (await rest.call('GET', expires(alice.username), { token })).status === 401, { what: 'its end' });
    const later = dynamicToken(alice.username, { curTime: inSeconds() + 2 });
    expect((await rest.call('GET', expires(alice.username), { token: later })).status).toBe(200);
  });
});

describe("a token of the tenant's own identity provider", () => {
  const issuer = `https://idp.example/${randomUUID()}`;
  let keys: Awaited<ReturnType<typeof generateKeyPair>>;
  type Claims = { sub?: string; aud?: string; exp?: number; iat?: number; iss?: string; name?: string };
  const token = (claims: Claims, by = keys) =>
    new SignJWT({ iss: issuer, aud: 'chat', iat: inSeconds(), exp: inSeconds() + 300, ...claims }).setProtectedHeader({ alg: 'ES256', kid: 'k1' }).sign(by.privateKey);

  beforeAll(async () => {
    keys = await generateKeyPair('ES256');
    const jwks = { keys: [{ ...(await exportJWK(keys.publicKey)), kid: 'k1' }] };
    const body = { issuer, audiences: ['chat'], jwks, auto_create: true };
    const answer = await rest.call('PUT', '/token/issuers', { body });
    expect(answer).toMatchObject({ status: 200, body: { data: { issuer, username_claim: 'sub', auto_create: true } } });
  });

  it('logs the official SDK in, makes the user, and is a bearer token', async () => {
    const username = uniqueName('oidc');
    const accessToken = await token({ sub: username.toUpperCase() });
    const device = await on.device();
    await device.open({ user: username, accessToken });
    expect((await rest.call('GET', expires(username), { token: accessToken })).status).toBe(200);
    expect((await rest.call('GET', `/users/${username}`)).status).toBe(200);
  });

  it.each([
    ['of another audience', { aud: 'shop' }, 'Unable to authenticate'],
    ['that ended', { exp: inSeconds() - 60 }, 'Unable to authenticate due to expired access token'],
    ['of an issuer that nobody named', { iss: 'https://elsewhere.example' }, 'Unable to authenticate'],
    ['without a time of issue', { iat: undefined }, 'Unable to authenticate'],
    ['that names nobody', { sub: undefined }, 'Unable to authenticate'],
  ])('is refused %s', async (_, claims, description) => {
    const alice = await on.user('alice');
    const answer = await rest.call('GET', expires(alice.username), { token: await token({ sub: alice.username, ...claims }) });
    expect(answer).toMatchObject({ status: 401, body: { error_description: description } });
  });

  it('is refused when somebody else signed it, or nobody, or the public key was the secret', async () => {
    const alice = await on.user('alice');
    const stranger = await generateKeyPair('ES256');
    const part = (json: object) => Buffer.from(JSON.stringify(json)).toString('base64url');
    const claims = part({ iss: issuer, aud: 'chat', sub: alice.username, iat: inSeconds(), exp: inSeconds() + 300 });
    const unsigned = `${part({ alg: 'none' })}.${claims}.`;
    const symmetric = await new SignJWT({ iss: issuer, aud: 'chat', sub: alice.username, iat: inSeconds(), exp: inSeconds() + 300 })
      .setProtectedHeader({ alg: 'HS256', kid: 'k1' })
      .sign(new TextEncoder().encode(JSON.stringify(await exportJWK(keys.publicKey))));
    for (const bad of [await token({ sub: alice.username }, stranger), unsigned, symmetric]) {
      expect((await rest.call('GET', expires(alice.username), { token: bad })).status).toBe(401);
    }
  });

  it('is listed with its issuer, and refused when the issuer is removed', async () => {
    const own = `${issuer}/removed`;
    const jwks = { keys: [{ ...(await exportJWK(keys.publicKey)), kid: 'k1' }] };
    await rest.call('PUT', '/token/issuers', { body: { issuer: own, audiences: ['chat'], jwks } });
    const listed = await rest.call('GET', '/token/issuers');
    expect(listed.body.data).toContainEqual({ issuer: own, audiences: ['chat'], jwks, username_claim: 'sub', auto_create: false });
    const alice = await on.user('alice');
    const good = await token({ iss: own, sub: alice.username });
    expect((await rest.call('GET', expires(alice.username), { token: good })).status).toBe(200);
    expect((await rest.call('DELETE', '/token/issuers', { body: { issuer: own } })).body).toMatchObject({ data: { result: true } });
    const ended = await eventually(async () => {
      const answer = await rest.call('GET', expires(alice.username), { token: good });
      return answer.status !== 200 && answer;
    });
    expectError(ended, 401, 'auth_bad_access_token', 'Unable to authenticate');
  });

  it('may have its keys on a public server only', async () => {
    for (const jwks_url of ['http://idp.example/keys', 'https://127.0.0.1/keys', 'https://169.254.169.254/latest']) {
      const answer = await rest.call('PUT', '/token/issuers', { body: { issuer: 'x', audiences: ['chat'], jwks_url } });
      expect(answer).toMatchObject({ status: 400, body: { error: 'illegal_argument', error_description: expect.stringContaining('jwks_url') } });
    }
  });

  it('is nothing that a user may set', async () => {
    const alice = await on.user('alice');
    const userToken = await rest.userToken(alice.username, alice.password);
    expect((await rest.call('GET', '/token/issuers', { token: userToken })).status).toBe(401);
  });
});

describe('POST /token/users/{name}/invalid', () => {
  it('tells whether a token still counts', async () => {
    const [alice, bob] = [await on.user('alice'), await on.user('bob')];
    const token = await rest.userToken(alice.username, alice.password);
    const invalid = async (username: string, text: string) => (await rest.call('POST', `/token/users/${username}/invalid`, { body: { token: text } })).body.data.invalid;
    expect(await invalid(alice.username, token)).toBe(false);
    expect(await invalid(alice.username, dynamicToken(alice.username))).toBe(false);
    expect(await invalid(bob.username, token)).toBe(true);
    expect(await invalid(alice.username, 'nonsense')).toBe(true);
    await rest.call('PUT', `/users/${alice.username}/password`, { body: { newpassword: 'other' } });
    await eventually(() => invalid(alice.username, token), { what: 'its end' });
  });
});
