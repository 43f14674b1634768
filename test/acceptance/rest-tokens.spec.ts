import { describe, expect, it } from '@jest/globals';
import { eventually, uniqueName } from '@parley/testkit';
import { expectError } from './envelope.js';
import { stage } from './stage.js';

const on = stage();
const { endpoints, rest } = on.platform;
const client = { client_id: endpoints.clientId, client_secret: endpoints.clientSecret };
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

describe('POST /token', () => {
  it('gives an app token for client id and secret', async () => {
    const answer = await rest.call('POST', '/token', { body: { grant_type: 'client_credentials', ...client, ttl: 3_600 }, token: null });
    expect(answer).toMatchObject({ status: 200, body: { access_token: expect.stringMatching(/^YWMt/), expires_in: 3_600, application: expect.stringMatching(UUID) } });
  });

  it('takes a body without a content type as JSON', async () => {
    const body = new TextEncoder().encode(JSON.stringify({ grant_type: 'client_credentials', ...client }));
    const answer = await fetch(`${rest.base}/token`, { method: 'POST', body });
    expect(answer.status).toBe(200);
  });

  it('gives a user token for name and password, and the user with it', async () => {
    const alice = await on.user('alice');
    const answer = await rest.call('POST', '/token', { body: { grant_type: 'password', username: alice.username, password: alice.password }, token: null });
    expect(answer.status).toBe(200);
    expect(answer.body).toMatchObject({
      access_token: expect.stringMatching(/^YWMt/),
      expires_in: expect.any(Number),
      user: { uuid: expect.stringMatching(UUID), type: 'user', username: alice.username, activated: true, created: expect.any(Number), modified: expect.any(Number) },
    });
  });

  it('gives a user token for the name alone to the app itself', async () => {
    const alice = await on.user('alice');
    const answer = await rest.call('POST', '/token', { body: { grant_type: 'inherit', username: alice.username, autoCreateUser: false, ttl: 60 } });
    expect(answer).toMatchObject({ status: 200, body: { expires_in: 60, user: { username: alice.username } } });
    const device = await on.device();
    await device.open({ user: alice.username, accessToken: answer.body.access_token });
  });

  it('registers the user on the way when asked', async () => {
    const username = uniqueName('fresh');
    const answer = await rest.call('POST', '/token', { body: { grant_type: 'inherit', username, autoCreateUser: true } });
    expect(answer).toMatchObject({ status: 200, body: { user: { username } } });
    expect((await rest.call('GET', `/users/${username}`)).status).toBe(200);
  });

  it.each([
    ['no client id', { grant_type: 'client_credentials', client_secret: 'x' }, 400, 'illegal_argument', 'client_id must be provided.'],
    ['no client secret', { grant_type: 'client_credentials', client_id: 'x' }, 400, 'illegal_argument', 'client_secret must be provided'],
    ['an unknown client id', { ...client, grant_type: 'client_credentials', client_id: 'YXA6none' }, 400, 'invalid_grant', 'client_id does not match'],
    ['a wrong client secret', { ...client, grant_type: 'client_credentials', client_secret: 'YXA6none' }, 400, 'invalid_grant', 'client_secret does not match'],
    ['an unknown user', { grant_type: 'password', username: uniqueName('nobody'), password: 'x' }, 404, 'invalid_grant', 'user not found'],
  ])('refuses %s', async (_, body, status, error, description) => {
    expectError(await rest.call('POST', '/token', { body, token: null }), status, error, description);
  });

  it('refuses a wrong password', async () => {
    const alice = await on.user('alice');
    const body = { grant_type: 'password', username: alice.username, password: 'wrong' };
    expectError(await rest.call('POST', '/token', { body, token: null }), 400, 'invalid_grant', 'invalid password');
  });

  it.each([
    ['an illegal name', 'a b', 'username [a b] is not legal'],
    ['a name that is too long', 'x'.repeat(65), 'USERNAME_TOO_LONG'],
  ])('does not register %s on the way', async (_, username, description) => {
    const body = { grant_type: 'inherit', username, autoCreateUser: true };
    expectError(await rest.call('POST', '/token', { body }), 400, 'illegal_argument', description);
  });

  it('makes a new user once when he is asked for many times at the same moment; the others are to ask again', async () => {
    const body = { grant_type: 'inherit', username: uniqueName('fresh'), autoCreateUser: true };
    const answers = await Promise.all(Array.from({ length: 10 }, () => rest.call('POST', '/token', { body })));
    const good = answers.filter((answer) => answer.status === 200);
    expect(new Set(good.map((answer) => (answer.body as { user: { uuid: string } }).user.uuid)).size).toBe(1);
    for (const answer of answers.filter((one) => one.status !== 200)) {
      expectError(answer, 409, 'concurrent_operation_error', 'concurrency create app user failed');
    }
    expect((await rest.call('POST', '/token', { body })).status).toBe(200);
  });

  it('refuses a user who is deactivated, whichever way he comes', async () => {
    const alice = await on.user('alice');
    expect((await rest.call('POST', `/users/${alice.username}/deactivate`)).status).toBe(200);
    for (const [body, token] of [
      [{ grant_type: 'password', username: alice.username, password: alice.password }, null],
      [{ grant_type: 'inherit', username: alice.username, autoCreateUser: false }, undefined],
    ] as const) {
      expectError(await rest.call('POST', '/token', { body, token }), 400, 'invalid_grant', 'user not activated');
    }
  });

  it('refuses the name alone of somebody unknown, or from somebody who is not the app', async () => {
    const alice = await on.user('alice');
    const unknown = { grant_type: 'inherit', username: uniqueName('nobody'), autoCreateUser: false };
    expectError(await rest.call('POST', '/token', { body: unknown }), 404, 'entity_not_found', 'User null not found');
    const known = { grant_type: 'inherit', username: alice.username, autoCreateUser: false };
    expectError(await rest.call('POST', '/token', { body: known, token: null }), 401, 'unauthorized', 'Unable to authenticate (OAuth)');
    const token = await rest.userToken(alice.username, alice.password);
    expectError(await rest.call('POST', '/token', { body: known, token }), 401, 'unauthorized', 'Unable to authenticate (OAuth)');
  });

  it('refuses to register an illegal name', async () => {
    const create = (username: string) => rest.call('POST', '/token', { body: { grant_type: 'inherit', username, autoCreateUser: true } });
    expectError(await create('no spaces'), 400, 'illegal_argument', 'username [no spaces] is not legal');
    expectError(await create('x'.repeat(65)), 400, 'illegal_argument', 'USERNAME_TOO_LONG');
  });
});

describe('every call', () => {
  it.each([
    ['no token', null, 401, 'unauthorized', 'Unable to authenticate due to expired access token'],
    ['a token that is none', 'YWMtnone', 401, 'auth_bad_access_token', 'Unable to authenticate due to corrupt access token'],
  ])('needs a token: %s', async (_, token, status, error, description) => {
    expectError(await rest.call('GET', '/users', { token }), status, error, description);
  });

  it('needs the app token where a user has no business', async () => {
    const alice = await on.user('alice');
    const token = await rest.userToken(alice.username, alice.password);
    for (const [method, path] of [['GET', '/users'], ['POST', '/messages/users'], ['DELETE', `/users/${alice.username}`], ['GET', `/users/${alice.username}/disconnect`]] as const) {
      const answer = await rest.call(method, path, { token, body: method === 'POST' ? { to: [alice.username], type: 'txt', body: { msg: 'x' } } : undefined });
      expectError(answer, 401, 'unauthorized', 'Unable to authenticate (OAuth)');
    }
  });

  it('refuses a token that has ended', async () => {
    const { body } = await rest.call('POST', '/token', { body: { grant_type: 'client_credentials', ...client, ttl: 1 }, token: null });
    const ended = await eventually(async () => {
      const answer = await rest.call('GET', '/users', { token: body.access_token });
      return answer.status !== 200 && answer;
    });
    expectError(ended, 401, 'unauthorized', 'Unable to authenticate due to expired access token');
  });

  it('names an app that does not exist', async () => {
    const url = `${endpoints.restUrl}/no-such-org/no-such-app/token`;
    const answer = await rest.call('POST', url, { body: { grant_type: 'password', username: 'a', password: 'b' }, token: null });
    expectError(answer, 404, 'organization_application_not_found', /^Could not find application for no-such-org\/no-such-app from URI: /);
  });

  it('refuses a body that is no JSON', async () => {
    expectError(await rest.call('POST', '/token', { body: '{"grant_type":', token: null }), 400, 'json_parse', /./);
    expectError(await rest.call('POST', '/users', { body: '][' }), 400, 'json_parse', /./);
  });

  it('refuses other content types, other methods and unknown paths', async () => {
    const xml = await rest.call('POST', '/users', { body: '<user/>', headers: { 'content-type': 'text/xml' } });
    expectError(xml, 415, 'web_application', 'javax.ws.rs.WebApplicationException');
    expectError(await rest.call('PATCH', '/users'), 405, 'unsupported_service_operation', 'Service operation not supported');
    expectError(await rest.call('GET', '/no-such-thing'), 404, 'service_resource_not_found', 'Service resource not found');
  });

  it('bears hostile bodies', async () => {
    const bodies = ['null', '[]', '"text"', '{"__proto__":{"x":1}}', '{"grant_type":{"$ne":1}}', '['.repeat(5_000), JSON.stringify({ grant_type: 'x'.repeat(100_000) })];
    for (const body of bodies) {
      const { status } = await rest.call('POST', '/token', { body, token: null });
      expect({ body: body.slice(0, 40), refused: status >= 400 && status < 500 }).toEqual({ body: body.slice(0, 40), refused: true });
    }
  });

  it('lets browsers of other origins in', async () => {
    const headers = { origin: 'http://example.org', 'access-control-request-method': 'POST', 'access-control-request-headers': 'authorization,content-type' };
    const preflight = await fetch(`${rest.base}/users`, { method: 'OPTIONS', headers });
    expect(preflight.status).toBeLessThan(300);
    expect(preflight.headers.get('access-control-allow-origin')).toMatch(/^(\*|http:\/\/example\.org)$/);
    expect(preflight.headers.get('access-control-allow-headers')?.toLowerCase()).toMatch(/\*|authorization/);
  });

  it('is described by OpenAPI', async () => {
    const { status, body } = await rest.call('GET', `${endpoints.restUrl}/openapi.json`, { token: null });
    expect(status).toBe(200);
    expect(body.openapi).toMatch(/^3\.1/);
    expect(Object.keys(body.paths)).toEqual(expect.arrayContaining([expect.stringContaining('/token'), expect.stringContaining('/users'), expect.stringContaining('/messages/users')]));
  });
});
