import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { connect } from 'node:net';
import { alice, type ApiUnderTest, apiUnderTest, chat } from '../testing.fixture.js';

let api: ApiUnderTest;
let token: string;
beforeAll(async () => {
  api = await apiUnderTest();
  token = await api.tokenFor();
  api.users['listUsers'] = async ({ limit }: { limit: number }) => ({ users: [{ ...alice, nickname: `${limit}` }], nextCursor: 'next' });
  api.users['setPassword'] = async () => ({});
});
afterAll(() => api.stop());

const anEnvelope = { error: expect.any(String), error_description: expect.any(String), exception: expect.any(String), timestamp: expect.any(Number), duration: expect.any(Number) };

describe('an answer', () => {
  it('stands in the common envelope', async () => {
    const { status, body } = await api.call('GET', '/demo/chat/users?limit=2&cursor=abc', { token });
    expect(status).toBe(200);
    expect(body).toEqual({
      action: 'get',
      application: chat.appUuid,
      applicationName: 'chat',
      organization: 'demo',
      path: '/users',
      uri: `${api.url}/demo/chat/users`,
      entities: [
        {
          uuid: alice.uuid,
          type: 'user',
          created: 1_700_000_000_000,
          modified: 1_700_000_000_001,
          username: 'alice',
          activated: true,
          nickname: '2',
          notification_display_style: 0,
          pushInfo: [],
        },
      ],
      count: 1,
      cursor: 'next',
      params: { limit: ['2'], cursor: ['abc'] },
      timestamp: expect.any(Number),
      duration: expect.any(Number),
    });
  });

  it.each([
    ['', '10'],
    ['?limit=0', '1'],
    ['?limit=1000', '100'],
    ['?limit=undefined&cursor=undefined', '10'],
    ['?&&limit=7&_v=1', '7'],
    ['?limit=3&limit=4', '3'],
    ['?limit=-5', '1'],
  ])('bears the pages that clients ask for: %s', async (query, limit) => {
    const { status, body } = await api.call('GET', `/demo/chat/users${query}`, { token });
    expect({ status, limit: body.entities[0].nickname }).toEqual({ status: 200, limit });
  });

  it('does not believe who says that he is a proxy', async () => {
    const { body } = await api.call('GET', '/demo/chat/users', { token, headers: { 'x-forwarded-host': 'evil.example', 'x-forwarded-proto': 'https' } });
    expect(body.uri).toBe(`${api.url}/demo/chat/users`);
  });
});

describe('a body', () => {
  const path = '/demo/chat/users/alice/password';
  const raw = JSON.stringify({ newpassword: 'other' });

  it.each([
    ['none', {}],
    ['JSON', { 'content-type': 'application/json' }],
    ['JSON in UTF-8', { 'content-type': 'Application/JSON; charset=utf-8' }],
  ])('is JSON with content type: %s', async (_, headers) => {
    expect((await api.call('PUT', path, { token, raw, headers: headers as Record<string, string> })).status).toBe(200);
  });

  it.each([
    ['broken JSON', { raw: '{"newpassword":' }, 400, 'json_parse'],
    ['another content type', { raw, headers: { 'content-type': 'text/xml' } }, 415, 'web_application'],
    ['a content type that is none', { raw, headers: { 'content-type': 'what?' } }, 415, 'web_application'],
    ['more than 64 KiB', { raw: `{"newpassword":"${'x'.repeat(70_000)}"}` }, 413, 'payload_too_large'],
    ['nothing', {}, 400, 'illegal_argument'],
    ['null', { raw: 'null' }, 400, 'illegal_argument'],
    ['a list', { raw: '[1]' }, 400, 'illegal_argument'],
    ['a number for a text', { raw: '{"newpassword":1}' }, 400, 'illegal_argument'],
    ['deep nesting', { raw: `${'['.repeat(30_000)}${']'.repeat(30_000)}` }, 400, 'illegal_argument'],
  ])('is refused with the error envelope: %s', async (_, options, status, error) => {
    const answer = await api.call('PUT', path, { token, ...options });
    expect(answer).toMatchObject({ status, body: { ...anEnvelope, error } });
  });

  it('may come with DELETE and GET, which do not need it', async () => {
    api.users['deleteUser'] = async () => alice;
    expect((await api.call('DELETE', '/demo/chat/users/alice', { token, body: { any: 1 } })).status).toBe(200);
    expect((await api.call('GET', '/demo/chat/users', { token, headers: { 'content-type': 'application/json' } })).status).toBe(200);
  });
});

describe('what does not exist', () => {
  it.each([
    ['GET', '/demo/chat/no-such-thing', 404],
    ['GET', '/', 404],
    ['GET', '/demo/chat/Users', 404],
    ['DELETE', '/demo/chat/users/alice/disconnect/', 404],
    ['PUT', '/demo/chat/users', 405],
    ['PATCH', '/demo/chat/users/alice', 405],
    ['GET', '/demo/chat/users/%zz', 400],
    ['GET', `/demo/chat/${'x'.repeat(5_000)}`, 404],
  ])('%s %s', async (method, path, status) => {
    expect(await api.call(method, path, { token })).toMatchObject({ status, body: anEnvelope });
  });

  it('tells which methods would be right', async () => {
    expect((await api.call('PUT', '/demo/chat/users', { token })).headers.get('allow')).toBe('POST, GET, DELETE');
  });

  it('is told in JSON even when it is no HTTP', async () => {
    expect(JSON.parse((await untilEnded('HELO there\r\n\r\n')).split('\r\n\r\n')[1]!)).toMatchObject(anEnvelope);
  });

  it.each([
    ['GET', ''],
    ['POST', 'Content-Length: 2\r\n'],
  ])('ends the connection of a client that wants it ended: %s', async (method, length) => {
    const answer = await untilEnded(`${method} /demo/chat/nowhere HTTP/1.1\r\nHost: x\r\nConnection: close\r\n${length}\r\n${length && '{}'}`);
    expect(answer).toMatch(/^HTTP\/1.1 404 /);
  });
});

/** What is answered to this until the server ends the connection. */
function untilEnded(text: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(Number(new URL(api.url).port), '127.0.0.1', () => socket.write(text));
    let received = '';
    socket.on('data', (data) => (received += data.toString()));
    socket.on('end', () => resolve(received)).on('error', reject);
  });
}

describe('a failure inside', () => {
  it('says nothing of its cause', async () => {
    api.users['getUser'] = () => Promise.reject(new Error('password of the database'));
    const { status, body } = await api.call('GET', '/demo/chat/users/alice', { token });
    expect(status).toBe(500);
    expect(body).toEqual({ ...anEnvelope, error: 'internal_error', error_description: 'internal error' });
  });
});

describe('a browser of any origin', () => {
  const origin = 'https://shop.example';
  it('may ask before it calls', async () => {
    const headers = { origin, 'access-control-request-method': 'DELETE', 'access-control-request-headers': 'authorization,content-type' };
    const { status, headers: allowed } = await api.call('OPTIONS', '/demo/chat/users', { headers });
    expect(status).toBeLessThan(300);
    expect(allowed.get('access-control-allow-origin')).toBe('*');
    expect(allowed.get('access-control-allow-methods')).toBe('GET, POST, PUT, DELETE');
    for (const name of ['authorization', 'content-type', 'accept', 'restrict-access', 'share-secret', 'x-requested-with']) {
      expect(allowed.get('access-control-allow-headers')).toContain(name);
    }
    expect(allowed.get('access-control-allow-credentials')).toBeNull();
  });

  it('may read the answer, errors too', async () => {
    for (const path of ['/demo/chat/users', '/demo/chat/none', '/demo/none/users']) {
      expect((await api.call('GET', path, { headers: { origin } })).headers.get('access-control-allow-origin')).toBe('*');
    }
  });
});
