import { describe, expect, it } from '@jest/globals';
import { givenApp, givenUser, givenUsers, type Platform, type RestAnswer, type TestUser, uniqueName } from '@parley/testkit';
import { proves } from '../conformance/proves.js';
import { expectError } from './envelope.js';
import { stage } from './stage.js';

const on = stage();
const { rest } = on.platform;

const FORM = { 'content-type': 'application/x-www-form-urlencoded' };
const set = (username: string, form: string, token?: string | null): Promise<RestAnswer> =>
  rest.call('PUT', `/metadata/user/${username}`, { body: form, headers: FORM, token });
const get = (username: string, token?: string) => rest.call('GET', `/metadata/user/${username}`, { token });

/** What the attributes of all users of an app take, in bytes: of an app that no other spec writes in. */
const capacityOf = async (app: Platform) => (await app.rest.call('GET', '/metadata/user/capacity')).body.data as number;

/** These keys alone: the reduced envelope. */
function expectReduced(answer: RestAnswer, data: unknown): void {
  expect({ status: answer.status, body: answer.body }).toEqual({
    status: 200,
    body: { timestamp: expect.any(Number), duration: expect.any(Number), data },
  });
}

describe('user attributes over REST', () => {
  it('are set as a form, with both ways to write a space, and keep what is not named', async () => {
    const { username } = await on.user();
    expectReduced(await set(username, 'nickname=Ada%20L+B&ext=a%26b%3Dc'), { nickname: 'Ada L B', ext: 'a&b=c' });
    expectReduced(await set(username, 'sign=%E4%BD%A0%E5%A5%BD&nickname=Ada'), { sign: '你好', nickname: 'Ada' });
    expectReduced(await get(username), { nickname: 'Ada', sign: '你好', ext: 'a&b=c' });
  });

  it('are read of many: who has none or is unknown has an empty object', async () => {
    const [one, other] = [await on.user(), await on.user()];
    await set(one.username, 'nickname=One&phone=123');
    const nobody = uniqueName('nobody');
    const targets = [one.username.toUpperCase(), other.username, nobody];
    const answer = await rest.call('POST', '/metadata/user/get', { body: { targets, properties: ['nickname', 'mail'] } });
    expectReduced(answer, { [one.username]: { nickname: 'One' }, [other.username]: {}, [nobody]: {} });
    expectReduced(await get(nobody), {});
  });

  it('count for the app, and no longer when they are deleted', async () => {
    const own = await givenApp(on.platform);
    const { username } = await givenUser(own);
    const put = (form: string) => own.rest.call('PUT', `/metadata/user/${username}`, { body: form, headers: FORM });
    expect(await capacityOf(own)).toBe(0);
    await put(`ext=${'x'.repeat(1_000)}`);
    expect(await capacityOf(own)).toBe(1_003);
    await put('ext=y');
    expect(await capacityOf(own)).toBe(4);
    expectReduced(await own.rest.call('DELETE', `/metadata/user/${username}`), true);
    expectReduced(await own.rest.call('GET', `/metadata/user/${username}`), {});
    expect(await capacityOf(own)).toBe(0);
  });

  it('go with the user, and a user of the same name has none', async () => {
    const own = await givenApp(on.platform);
    const user = await givenUser(own);
    await own.rest.call('PUT', `/metadata/user/${user.username}`, { body: 'nickname=Old', headers: FORM });
    expect(await capacityOf(own)).toBeGreaterThan(0);
    await own.rest.call('DELETE', `/users/${user.username}`);
    await own.rest.call('POST', '/users', { body: user });
    expectReduced(await own.rest.call('GET', `/metadata/user/${user.username}`), {});
    expect(await capacityOf(own)).toBe(0);
  });

  it('are bounded, each and together; what is refused changes nothing', async () => {
    const { username } = await on.user();
    await set(username, 'nickname=Kept');
    expectError(await set(username, `ext=${'x'.repeat(2_048)}&nickname=New`), 403, 'FORBIDDEN', 'size of metadata for this single user exceeds the user defined limit, 2048Bytes');
    expectError(await set(username, `nickname=${'n'.repeat(65)}`), 403, 'FORBIDDEN', 'size of metadata for this single user exceeds the current mysql column size, 64Bytes');
    expectReduced(await get(username), { nickname: 'Kept' });
    const targets = Array.from({ length: 101 }, (_, i) => `user${i}`);
    expectError(await rest.call('POST', '/metadata/user/get', { body: { targets, properties: [] } }), 400, 'BAD_REQUEST', 'exceed allowed batch size 100');
  });

  it('are bounded for the whole app, and served only where it wants them', async () => {
    const app = await givenApp(on.platform, { settings: { userAttributesAppBytes: 100 } });
    const [one, other] = (await givenUsers(app, 'one', 'other')) as [TestUser, TestUser];
    const put = ({ username }: TestUser, form: string) => app.rest.call('PUT', `/metadata/user/${username}`, { body: form, headers: FORM });
    expectReduced(await put(one, `ext=${'x'.repeat(80)}`), { ext: 'x'.repeat(80) });
    expectError(await put(other, `ext=${'x'.repeat(80)}`), 403, 'FORBIDDEN', 'total size of user metadata for this app exceeds the user defined limit, 100Bytes');
    const off = await givenApp(on.platform, { settings: { userAttributesEnabled: false } });
    const [{ username }] = (await givenUsers(off, 'any')) as [TestUser];
    for (const refused of [
      await off.rest.call('PUT', `/metadata/user/${username}`, { body: 'nickname=x', headers: FORM }),
      await off.rest.call('GET', `/metadata/user/${username}`),
      await off.rest.call('DELETE', `/metadata/user/${username}`),
      await off.rest.call('POST', '/metadata/user/get', { body: { targets: [username], properties: [] } }),
      await off.rest.call('GET', '/metadata/user/capacity'),
    ]) {
      expectError(refused, 403, 'FORBIDDEN', `${off.endpoints.appKey} user metadata service not allow`);
    }
  });

  it('may be written by the user alone, and read of many by every user', async () => {
    const [alice, bob] = [await on.user('alice'), await on.user('bob')];
    const token = await rest.userToken(alice.username, alice.password);
    expectReduced(await set(alice.username, 'nickname=Mine', token), { nickname: 'Mine' });
    for (const refused of [
      await set(bob.username, 'nickname=Hers', token),
      await get(bob.username, token),
      await rest.call('DELETE', `/metadata/user/${bob.username}`, { token }),
      await set(alice.username, 'nickname=x', 'rubbish'),
      await set(alice.username, 'nickname=x', null),
    ]) {
      expectError(refused, 401, 'metadata_error', 'auth error');
    }
    expectError(await rest.call('GET', '/metadata/user/capacity', { token }), 401, 'unauthorized', 'unauthorized');
    expectReduced(await rest.call('POST', '/metadata/user/get', { body: { targets: [bob.username], properties: [] }, token }), { [bob.username]: {} });
  });

  it('need a user, and a form', async () => {
    const { username } = await on.user();
    expectError(await set(uniqueName('nobody'), 'nickname=x'), 404, 'service_resource_not_found', 'Service resource not found');
    expect((await rest.call('PUT', `/metadata/user/${username}`, { body: { nickname: 'x' } })).status).toBe(415);
    expect((await rest.call('POST', '/users', { body: 'username=x', headers: FORM })).status).toBe(415);
    expect((await set(username, '=x')).status).toBe(400);
    expectReduced(await set(username, '__proto__=a&constructor=b&nul=%00z'), expect.objectContaining({ constructor: 'b', nul: 'z' }));
  });
});

describe('user attributes through the SDK', () => {
  it('are set by their user and read by others, from any device', async () => {
    const [alice, bob] = [await on.user('alice'), await on.user('bob')];
    const [phone, laptop, bobs] = [await on.online(alice, { deviceId: 'phone' }), await on.online(alice, { deviceId: 'laptop', sdk: 'easemob-websdk' }), await on.online(bob)];

    expect((await phone.call('updateUserInfo', { nickname: 'Ada Lovelace', sign: 'a + b', gender: 2 })).data).toMatchObject({ nickname: 'Ada Lovelace' });
    await phone.call('updateUserInfo', 'mail', 'ada@example.com');
    await phone.setOffline(true);
    await phone.setOffline(false);
    await phone.event('onReconnecting');

    for (const device of [phone, laptop, bobs, await on.online(bob, { deviceId: 'fresh' })]) {
      const { data } = await device.call('fetchUserInfoById', [alice.username], ['nickname', 'sign', 'mail']);
      expect(data).toEqual({ [alice.username]: { nickname: 'Ada Lovelace', sign: 'a + b', mail: 'ada@example.com' } });
    }
    proves('User attributes', 'updateUserInfo', 'fetchUserInfoById');
  });

  it('and the nickname of pushes is the user object\'s', async () => {
    const alice = await on.user('alice');
    const phone = await on.online(alice);
    await phone.call('updateCurrentUserNick', 'Countess');
    expect((await rest.call('GET', `/users/${alice.username}`)).body.entities[0].nickname).toBe('Countess');
    proves('User attributes', 'updateCurrentUserNick');
  });
});
