import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { DomainError } from '@parley/errors';
import { generateSigningKey, TokenSigner } from '@parley/tokens';
import type { RestAnswer } from '@parley/testkit';
import { alice, aliceToken, type ApiUnderTest, apiUnderTest, chat, other } from '../testing.fixture.js';

let api: ApiUnderTest;
beforeAll(async () => {
  api = await apiUnderTest();
  api.users['listUsers'] = async () => ({ users: [alice], nextCursor: '' });
  api.users['registerUsers'] = async () => ({ created: [alice], failed: [] });
});
afterAll(() => api.stop());

const OAUTH = { error: 'unauthorized', error_description: 'Unable to authenticate (OAuth)' };
const refused = async (answer: Promise<RestAnswer>) => {
  const { status, body } = await answer;
  return { status, ...body };
};

describe("the tenant's server", () => {
  // The first: once the keys are known, auth is not asked.
  it('is told to come again when its token cannot be checked', async () => {
    const { getVerificationKeys } = api.auth;
    api.auth['getVerificationKeys'] = () => Promise.reject(new DomainError('unavailable'));
    expect((await api.call('GET', '/demo/chat/users', { token: await api.tokenFor() })).status).toBe(503);
    api.auth['getVerificationKeys'] = getVerificationKeys!;
  });

  it('is let in with its app token, whatever the case of the names in the path', async () => {
    const token = await api.tokenFor();
    expect((await api.call('GET', '/Demo/CHAT/users', { token })).status).toBe(200);
  });

  it.each([
    ['no token', undefined, 'unauthorized', 'Unable to authenticate due to expired access token'],
    ['a token that is none', 'YWMtnone', 'auth_bad_access_token', 'Unable to authenticate due to corrupt access token'],
  ])('is refused with %s', async (_, token, error, description) => {
    expect(await refused(api.call('GET', '/demo/chat/users', { token }))).toMatchObject({ status: 401, error, error_description: description });
  });

  it('is refused with a token that another installation signed', async () => {
    const stranger = await TokenSigner.from(await generateSigningKey());
    const token = await stranger.sign({ kind: 'app', tenant: chat, ttlSeconds: 60 });
    expect(await refused(api.call('GET', '/demo/chat/users', { token }))).toMatchObject({
      status: 401,
      error: 'auth_bad_access_token',
      error_description: 'Unable to authenticate',
    });
  });

  it('is refused in an app that is not its own', async () => {
    const token = await api.tokenFor({ tenant: other });
    expect(await refused(api.call('GET', '/demo/chat/users', { token }))).toMatchObject({ status: 401, ...OAUTH });
  });

  it('learns that an app does not exist, before anything is said of its token', async () => {
    expect(await refused(api.call('GET', '/demo/nowhere/users'))).toMatchObject({
      status: 404,
      error: 'organization_application_not_found',
      error_description: 'Could not find application for demo/nowhere from URI: demo/nowhere/users',
    });
  });
});

describe('a user', () => {
  const expires = '/demo/chat/sdk/users/Alice/token/expires';

  it("is let in where it is about himself, and learns when his token ends", async () => {
    const token = await api.tokenFor(aliceToken);
    const { status, body } = await api.call('GET', expires, { token });
    expect(status).toBe(200);
    const { expire_timestamp, uri } = body;
    expect(expire_timestamp).toBeGreaterThan(Date.now());
    expect(uri).toContain(expires);
  });

  it.each([
    ["on a server's path", {}, 'GET', '/demo/chat/users'],
    ["on another user's path", {}, 'GET', '/demo/chat/users/bob'],
    ['in another app', { tenant: other }, 'GET', '/demo/chat/users/alice'],
    ['after his password changed', { tokenEpoch: alice.tokenEpoch - 1 }, 'GET', '/demo/chat/users/alice'],
    ['when his name belongs to a later user', { userId: 40n }, 'GET', '/demo/chat/users/alice'],
    ['when he is gone', { username: 'bob', userId: 42n }, 'GET', '/demo/chat/users/bob'],
  ] as const)('is refused %s', async (_, claims, method, path) => {
    const token = await api.tokenFor({ ...aliceToken, ...claims });
    expect(await refused(api.call(method, path, { token }))).toMatchObject({ status: 401, ...OAUTH });
  });

  it('is no use to the server either on the paths of users alone', async () => {
    expect((await api.call('GET', expires, { token: await api.tokenFor() })).status).toBe(401);
  });
});

describe('registration', () => {
  const body = { username: 'alice', password: 'secret' };
  const register = (token?: string, several = false, app = 'chat') =>
    api.call('POST', `/demo/${app}/users`, { token, body: several ? [body] : body });

  describe('of an app that registers by its server', () => {
    it('is open to the app token', async () => {
      expect((await register(await api.tokenFor())).status).toBe(200);
      expect((await register(await api.tokenFor(), true)).status).toBe(200);
    });

    it.each([
      ['nobody', async () => undefined, "Open registration doesn't allow, so register user need token"],
      ['a token that is none', async () => 'none', 'registration is not open, please contact the app admin'],
      ['a user', () => api.tokenFor(aliceToken), 'registration is not open, please contact the app admin'],
      ['another app', () => api.tokenFor({ tenant: other }), 'token is illegal.'],
    ])('is closed to %s', async (_, token, error_description) => {
      expect(await refused(register(await token()))).toMatchObject({ status: 401, error: 'unauthorized', error_description });
    });
  });

  describe('of an app that registers openly', () => {
    it('is open to anybody, for one user', async () => {
      expect((await register(undefined, false, 'open')).status).toBe(200);
      expect((await register(undefined, true, 'open')).status).toBe(401);
    });
  });
});

describe('a token by name alone', () => {
  const body = { grant_type: 'inherit', username: 'Alice', autoCreateUser: false };
  it.each([
    ['nobody', async () => undefined],
    ['a user', () => api.tokenFor(aliceToken)],
    ['another app', () => api.tokenFor({ tenant: other })],
    ['a token that is none', async () => 'none'],
  ])('is not given to %s', async (_, token) => {
    expect(await refused(api.call('POST', '/demo/chat/token', { body, token: await token() }))).toMatchObject({ status: 401, ...OAUTH });
  });

  it('is given to the app', async () => {
    let asked: unknown;
    api.auth['issueUserTokenByName'] = async (request: never) => {
      asked = request;
      return { accessToken: 'YWMtx', expiresInSeconds: 60n, user: alice };
    };
    const answer = await api.call('POST', '/demo/chat/token', { body, token: await api.tokenFor() });
    expect(answer.body).toMatchObject({ access_token: 'YWMtx', expires_in: 60, application: chat.appUuid, user: { username: 'alice', type: 'user' } });
    expect(asked).toMatchObject({ tenant: chat, username: 'alice', autoCreateUser: false, ttlSeconds: undefined });
  });
});
