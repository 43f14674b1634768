import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type ApiUnderTest, apiUnderTest, chat } from '../testing.fixture.js';

let api: ApiUnderTest;
let asked: Record<string, unknown> | undefined;
beforeAll(async () => {
  api = await apiUnderTest();
  for (const call of ['issueAppToken', 'issueUserTokenByPassword']) {
    api.auth[call] = async (request: Record<string, unknown>) => {
      asked = request;
      return { accessToken: 'YWMtx', expiresInSeconds: 60n };
    };
  }
});
afterAll(() => api.stop());

const grant = (body: unknown) => {
  asked = undefined;
  return api.call('POST', '/demo/chat/token', { body });
};
const app = { grant_type: 'client_credentials', client_id: 'id', client_secret: 'secret' };
const user = { grant_type: 'password', username: 'Alice', password: 'secret' };

describe('asking for a token', () => {
  it('answers it bare, without the common envelope', async () => {
    const { status, body } = await grant(app);
    expect(status).toBe(200);
    expect(body).toEqual({ access_token: 'YWMtx', expires_in: 60, application: chat.appUuid });
  });

  it('folds the name of the user, and ignores what it does not know', async () => {
    await grant({ ...user, timestamp: 1 });
    expect(asked).toMatchObject({ tenant: chat, username: 'alice', password: 'secret' });
  });

  it.each([
    [undefined, undefined],
    [null, undefined],
    [0, 0n],
    [60, 60n],
    ['60', 60n],
  ])('takes ttl %j as %s', async (ttl, ttlSeconds) => {
    expect((await grant({ ...app, ttl })).status).toBe(200);
    expect(asked!['ttlSeconds']).toBe(ttlSeconds);
  });

  // Each of these once read as 0 would be a token for ever.
  it.each([[''], [false], [[]], ['never'], [-1], [1.5], [1e12]])('refuses ttl %j', async (ttl) => {
    expect(await grant({ ...app, ttl })).toMatchObject({ status: 400, body: { error: 'illegal_argument' } });
    expect(asked).toBeUndefined();
  });

  it.each([
    [{ ...app, client_id: undefined }, 'illegal_argument', 'client_id must be provided.'],
    [{ ...app, client_secret: '' }, 'illegal_argument', 'client_secret must be provided'],
    [{ ...user, username: undefined }, 'illegal_argument', 'username: must be provided'],
    [{ ...user, password: undefined }, 'invalid_grant', 'invalid password'],
    [{}, 'invalid_grant', 'grant_type  is not supported'],
    [{ grant_type: 'magic' }, 'invalid_grant', 'grant_type magic is not supported'],
    [{ grant_type: { $ne: 1 } }, 'invalid_grant', 'grant_type  is not supported'],
    [[], 'invalid_grant', 'grant_type  is not supported'],
  ])('refuses %j', async (body, error, error_description) => {
    expect(await grant(body)).toMatchObject({ status: 400, body: { error, error_description } });
  });
});
