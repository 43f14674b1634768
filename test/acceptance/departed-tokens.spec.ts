import { createHash, randomUUID } from 'node:crypto';
import { beforeAll, describe, expect, it } from '@jest/globals';
import { AdminApi, eventually, givenApp, givenUser, operatorUnderTest, type Platform, platformUnderTest, RawClient, type TestUser, uniqueName } from '@parley/testkit';
import { ChatTokenBuilder } from 'agora-token';
import { exportJWK, generateKeyPair, SignJWT } from 'jose';
import { expectError } from './envelope.js';

const platform = platformUnderTest();
const inSeconds = () => Math.floor(Date.now() / 1_000);
/** An app that makes users of tokens where it can, and the makers of all tokens that Parley does not issue itself. */
let app: Platform;
let makers: Record<string, (username: string) => Promise<string>>;

beforeAll(async () => {
  app = await givenApp(platform, { settings: { dynamicTokenAutoCreate: true } });
  const { org, app: name, appKey, clientId, clientSecret, restUrl } = app.endpoints;
  const operator = await AdminApi.signIn(restUrl, operatorUnderTest());
  const certificate = (await operator.call('POST', `/orgs/${org}/apps/${name}/certificates`, {})).body as { token_app_id: string; app_certificate: string };
  const keys = await generateKeyPair('ES256');
  const issuer = `https://idp.example/${randomUUID()}`;
  const jwks = { keys: [{ ...(await exportJWK(keys.publicKey)), kid: 'k1' }] };
  await app.rest.call('PUT', '/token/issuers', { body: { issuer, audiences: ['chat'], jwks, auto_create: true } });
  makers = {
    'a token of Parley': async (username) => (await app.rest.call('POST', '/token', { body: { grant_type: 'inherit', username, autoCreateUser: false } })).body.access_token,
    'an AccessToken2': async (username) => ChatTokenBuilder.buildUserToken(certificate.token_app_id, certificate.app_certificate, username, 600),
    'a dynamic token': async (userId) => {
      const fields = { appkey: appKey, userId, curTime: inSeconds(), ttl: 600 };
      const signature = createHash('sha256').update(`${clientId}${appKey}${userId}${fields.curTime}${fields.ttl}${clientSecret}`).digest('hex');
      return Buffer.from(`dt-${JSON.stringify({ signature, ...fields })}`).toString('base64url');
    },
    'a token of the identity provider': (sub) =>
      new SignJWT({ iss: issuer, aud: 'chat', iat: inSeconds(), exp: inSeconds() + 600, sub }).setProtectedHeader({ alg: 'ES256', kid: 'k1' }).sign(keys.privateKey),
  };
}, 60_000);

const ask = ({ username }: TestUser, token: string) => app.rest.call('GET', `/sdk/users/${username}/token/expires`, { token });
/** Whether the gateway lets in. Whoever it does not let in gets an answer, not just the close. */
async function letsIn({ username }: TestUser, token: string): Promise<boolean> {
  const raw = await RawClient.connect(app.endpoints.gatewayUrl);
  try {
    return ((await raw.provision({ appKey: app.endpoints.appKey, user: username, token })).status?.code ?? 0) === 0;
  } finally {
    raw.terminate();
  }
}

describe.each(['a token of Parley', 'an AccessToken2', 'a dynamic token', 'a token of the identity provider'])('%s', (kind) => {
  it('ends with its user: it neither makes him anew nor lets in who takes his name, whose own ones count', async () => {
    const user = await givenUser(app, 'alice');
    const make = () => makers[kind]!(user.username);
    // One that the edges know, and one that nobody has seen yet for each question below.
    const used = await make();
    const unseen = [await make(), await makers[kind]!(user.username.toUpperCase())];
    expect([(await ask(user, used)).status, await letsIn(user, used)]).toEqual([200, true]);

    await app.rest.call('DELETE', `/users/${user.username}`);

    for (const token of [used, unseen[0]!]) {
      expect(await letsIn(user, token)).toBe(false);
      await eventually(async () => (await ask(user, token)).status === 401, { what: 'its end at the API' });
    }
    expect((await app.rest.call('GET', `/users/${user.username}`)).status).toBe(404);

    await app.rest.call('POST', '/users', { body: user });
    for (const token of [used, ...unseen]) {
      expectError(await ask(user, token), 401, 'unauthorized', 'Unable to authenticate (OAuth)');
      expect(await letsIn(user, token)).toBe(false);
    }
    // Tokens tell whole seconds: one of the second of the deletion counts as older.
    await eventually(async () => (await ask(user, await make())).status === 200, { what: 'a token of the new user' });
    expect(await letsIn(user, await make())).toBe(true);
  });
});

describe('an identity provider whose user was deleted', () => {
  it('makes him anew with a new token', async () => {
    const user = { username: uniqueName('alice'), password: '' };
    const make = () => makers['a token of the identity provider']!(user.username);
    expect((await ask(user, await make())).status).toBe(200);
    await app.rest.call('DELETE', `/users/${user.username}`);
    await eventually(async () => (await ask(user, await make())).status === 200, { what: 'the new user' });
  });
});
