import { describe, expect, it } from '@jest/globals';
import { eventually, givenApp, givenUsers, type RestAnswer, type TestUser, uniqueName } from '@parley/testkit';
import { expectEnvelope, expectError } from './envelope.js';
import { stage } from './stage.js';

const on = stage();
const { rest } = on.platform;
const userNamed = (username: string) => ({
  uuid: expect.any(String),
  type: 'user',
  created: expect.any(Number),
  modified: expect.any(Number),
  username,
  activated: true,
});

describe('POST /users', () => {
  it('registers one user', async () => {
    const username = uniqueName('one');
    const answer = await rest.call('POST', '/users', { body: { username, password: 'secret', nickname: 'One' } });
    expectEnvelope(on.platform, answer, 'post', '/users', { entities: [expect.objectContaining({ ...userNamed(username), nickname: 'One' })] });
  });

  it('registers one user without a token where registration is open', async () => {
    const username = uniqueName('open');
    const answer = await rest.call('POST', '/users', { body: { username, password: 'secret' }, token: null });
    expect(answer).toMatchObject({ status: 200, body: { entities: [userNamed(username)] } });
  });

  it('registers several, and names those that it could not', async () => {
    const [taken, fresh] = [(await on.user('taken')).username, uniqueName('fresh')];
    const body = [fresh, taken, 'not legal'].map((username) => ({ username, password: 'secret' }));
    const answer = await rest.call('POST', '/users', { body });
    expect(answer.status).toBe(200);
    expect(answer.body.entities).toEqual([expect.objectContaining(userNamed(fresh))]);
    expect(answer.body.data).toEqual([
      { username: taken, registerUserFailReason: expect.stringMatching(/\S/) },
      { username: 'not legal', registerUserFailReason: expect.stringMatching(/\S/) },
    ]);
  });

  it('folds names, so that one cannot be taken twice', async () => {
    const username = uniqueName('case');
    const answer = await rest.call('POST', '/users', { body: { username: username.toUpperCase(), password: 'secret' } });
    expect(answer.body.entities[0].username).toBe(username);
    const again = await rest.call('POST', '/users', { body: { username, password: 'secret' } });
    expectError(
      again,
      400,
      'duplicate_unique_property_exists',
      `Application ${answer.body.application} Entity user requires that property named username be unique, value of ${username} exists`,
    );
  });

  it.each([
    ['an illegal name', { username: 'a b', password: 'x' }, 'username [a b] is not legal'],
    ['a name that is too long', { username: 'x'.repeat(65), password: 'x' }, 'USERNAME_TOO_LONG'],
    ['no password', { username: uniqueName('user') }, 'password or pin must provided'],
    ['a nickname that is too long', { username: uniqueName('user'), password: 'x', nickname: 'n'.repeat(101) }, 'NICKNAME_TOO_LONG'],
  ])('refuses %s', async (_, body, description) => {
    expectError(await rest.call('POST', '/users', { body }), 400, 'illegal_argument', description);
  });

  it('refuses more than 60 at once, and two passwords for one name', async () => {
    const many = Array.from({ length: 61 }, () => ({ username: uniqueName('many'), password: 'x' }));
    expectError(
      await rest.call('POST', '/users', { body: many }),
      400,
      'illegal_argument',
      'Request body array size[61] had almost reached or been greater than the upper range value[60]',
    );
    const username = uniqueName('twice');
    const twice = ['one', 'two'].map((password) => ({ username, password }));
    expectError(await rest.call('POST', '/users', { body: twice }), 400, 'duplicate_unique_property_exists', new RegExp(`^the same user ${username} has a different password`));
    expect((await rest.call('GET', `/users/${username}`)).status).toBe(404);
  });

  it('refuses several without the app token, also where registration is open', async () => {
    const body = [{ username: uniqueName('user'), password: 'x' }];
    expectError(await rest.call('POST', '/users', { body, token: null }), 401, 'unauthorized', "Open registration doesn't allow, so register user need token");
  });

  it('takes a body without a content type as JSON, also with what the platform does not know', async () => {
    const username = uniqueName('bare');
    const body = new TextEncoder().encode(JSON.stringify({ username, password: 'secret', unknown: { a: 1 } }));
    const answer = await fetch(`${rest.base}/users`, { method: 'POST', body, headers: { authorization: `Bearer ${await rest.appToken()}` } });
    expect(answer.status).toBe(200);
    expect((await rest.call('GET', `/users/${username}`)).body.entities).toEqual([expect.objectContaining(userNamed(username))]);
  });
});

describe('POST /users of an app that registers nobody openly', () => {
  it('takes the app token alone', async () => {
    const [app, other] = [await givenApp(on.platform), await givenApp(on.platform)];
    const username = uniqueName('user');
    const register = (token?: string | null) => app.rest.call('POST', '/users', { body: { username, password: 'x' }, token });
    expectError(await register(null), 401, 'unauthorized', "Open registration doesn't allow, so register user need token");
    const member = (await givenUsers(app, 'member'))[0]!;
    const closed = 'registration is not open, please contact the app admin';
    expectError(await register(await app.rest.userToken(member.username, member.password)), 401, 'unauthorized', closed);
    expectError(await register('YWMtnone'), 401, 'unauthorized', closed);
    expectError(await register(await other.rest.appToken()), 401, 'unauthorized', 'token is illegal.');
    expect((await app.rest.call('GET', `/users/${username}`)).status).toBe(404);
    expect((await register()).status).toBe(200);
  });
});

describe('GET /users', () => {
  it('gets one, whatever the case of the name', async () => {
    const { username } = await on.user('alice');
    const answer = await rest.call('GET', `/users/${username.toUpperCase()}`);
    expectEnvelope(on.platform, answer, 'get', '/users', { entities: [expect.objectContaining(userNamed(username))], count: 1, uri: expect.any(String) });
  });

  it('does not find who is not there', async () => {
    expectError(await rest.call('GET', `/users/${uniqueName('nobody')}`), 404, 'service_resource_not_found', 'Service resource not found');
  });

  it('lists all by cursor, oldest first, each once', async () => {
    const mine = new Set([(await on.user('list')).username, (await on.user('list')).username]);
    const seen: string[] = [];
    let cursor: string | undefined;
    do {
      const query = `/users?limit=100${cursor ? `&cursor=${encodeURIComponent(cursor)}` : ''}`;
      const { status, body } = await rest.call('GET', query);
      expect(status).toBe(200);
      expect(body.params.limit).toEqual(['100']);
      expect(body.count).toBe(body.entities.length);
      seen.push(...body.entities.map((one: { username: string }) => one.username));
      cursor = body.cursor;
    } while (cursor);
    expect(new Set(seen).size).toBe(seen.length);
    expect(seen.filter((name) => mine.has(name))).toEqual([...mine]);
  });

  it('bounds a page that is too long, and refuses a cursor that is none: a walk would never end', async () => {
    const app = await givenApp(on.platform);
    await givenUsers(app, 'a', 'b', 'c');
    const count = async (limit: string) => (await app.rest.call('GET', `/users?limit=${limit}`)).body.count;
    expect([await count('0'), await count('101'), await count('many'), await count('undefined')]).toEqual([1, 3, 3, 3]);
    expectError(await app.rest.call('GET', '/users?cursor=nonsense'), 400, 'illegal_argument', 'cursor: not one of this list');
  });
});

describe('DELETE /users', () => {
  it('removes one, who is gone at once', async () => {
    const { username, password } = await on.user('alice');
    const answer = await rest.call('DELETE', `/users/${username}`);
    expectEnvelope(on.platform, answer, 'delete', '/users', { entities: [expect.objectContaining({ username, uuid: expect.any(String) })], uri: expect.any(String) });
    expect((await rest.call('GET', `/users/${username}`)).status).toBe(404);
    const grant = { grant_type: 'password', username, password };
    expectError(await rest.call('POST', '/token', { body: grant, token: null }), 404, 'invalid_grant', 'user not found');
    expectError(await rest.call('DELETE', `/users/${username}`), 400, 'management', /^User with id null does not exist in app [0-9a-f-]{36}$/);
  });
});

describe('DELETE /users of many', () => {
  it('removes the oldest, page by page, and says when nobody is left', async () => {
    const app = await givenApp(on.platform);
    const names = (await givenUsers(app, ...Array.from({ length: 12 }, (_, i) => `u${i}`))).map((one) => one.username);
    const namesOf = ({ body }: RestAnswer) => body.entities.map((one: { username: string }) => one.username);
    const first = await app.rest.call('DELETE', '/users');
    expectEnvelope(app, first, 'delete', '/users', { entities: names.slice(0, 10).map((name) => expect.objectContaining({ username: name })), count: 10, cursor: first.body.cursor, params: {} });
    const last = await app.rest.call('DELETE', `/users?limit=2&cursor=${first.body.cursor}`);
    expect(namesOf(last)).toEqual(names.slice(10));
    expect(last.body).toMatchObject({ count: 2, params: { limit: ['2'], cursor: [first.body.cursor] } });
    expect(last.body).not.toHaveProperty('cursor');
    expect((await app.rest.call('GET', '/users')).body).toMatchObject({ entities: [], count: 0 });
  });

  it.each(['limit=0', 'limit=101', 'limit=all', 'cursor=nonsense'])('removes nobody for ?%s', async (query) => {
    const app = await givenApp(on.platform);
    const [{ username }] = (await givenUsers(app, 'kept')) as [TestUser];
    expectError(await app.rest.call('DELETE', `/users?${query}`), 400, 'illegal_argument', new RegExp(`^${query.split('=')[0]}: `));
    expect((await app.rest.call('GET', `/users/${username}`)).status).toBe(200);
  });
});

describe('PUT /users/{name}/password', () => {
  it('changes the password and ends the older tokens', async () => {
    const alice = await on.user('alice');
    const answer = await rest.call('PUT', `/users/${alice.username}/password`, { body: { newpassword: 'other' } });
    expect(answer).toMatchObject({ status: 200, body: { action: 'set user password', timestamp: expect.any(Number), duration: expect.any(Number) } });
    await rest.userToken(alice.username, 'other');
    await expect(rest.userToken(alice.username, alice.password)).rejects.toThrow('invalid password');
  });

  it('is also POST', async () => {
    const alice = await on.user('alice');
    expect((await rest.call('POST', `/users/${alice.username}/password`, { body: { newpassword: 'other' } })).status).toBe(200);
  });

  it('needs a password and a user', async () => {
    const alice = await on.user('alice');
    expectError(await rest.call('PUT', `/users/${alice.username}/password`, { body: {} }), 400, 'illegal_argument', 'newpassword is required');
    expectError(await rest.call('PUT', `/users/${uniqueName('nobody')}/password`, { body: { newpassword: 'x' } }), 404, 'entity_not_found', 'User null not found');
  });
});

describe('online status', () => {
  it('follows the devices of a user', async () => {
    const alice = await on.user('alice');
    const status = async () => (await rest.call('GET', `/users/${alice.username}/status`)).body.data[alice.username];
    expect(await status()).toBe('offline');
    const device = await on.online(alice);
    expect(await status()).toBe('online');
    await device.call('close');
    await eventually(async () => (await status()) === 'offline', { what: 'offline after logout' });
  });

  it('is told for several; who is unknown is offline', async () => {
    const alice = await on.user('alice');
    await on.online(alice);
    const nobody = uniqueName('nobody');
    const { status, body } = await rest.call('POST', '/users/batch/status', { body: { usernames: [alice.username, nobody] } });
    expect(status).toBe(200);
    expect(body.action).toBe('get batch user status');
    expect(body.data).toEqual([{ [alice.username]: 'online' }, { [nobody]: 'offline' }]);
  });

  it('refuses an unknown user and more than 100 names', async () => {
    expectError(await rest.call('GET', `/users/${uniqueName('nobody')}/status`), 404, 'service_resource_not_found', 'Service resource not found');
    const usernames = Array.from({ length: 101 }, (_, i) => `user${i}`);
    expectError(await rest.call('POST', '/users/batch/status', { body: { usernames } }), 400, 'illegal_argument', 'request body exceeds maximum limit, maximum limit is 100');
  });
});

describe('disconnect', () => {
  it('does not know who is unknown', async () => {
    expectError(await rest.call('GET', `/users/${uniqueName('nobody')}/disconnect`), 404, 'service_resource_not_found', 'Service resource not found');
  });
});
