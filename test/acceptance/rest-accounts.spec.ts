import { describe, expect, it } from '@jest/globals';
import { eventually, uniqueName } from '@parley/testkit';
import { proves } from '../conformance/proves.js';
import { expectEnvelope, expectError } from './envelope.js';
import { stage } from './stage.js';

const on = stage();
const { rest } = on.platform;

describe('deactivation', () => {
  it('logs a user out at once and bars him, until he is activated', async () => {
    const [alice, bob] = [await on.user('alice'), await on.user('bob')];
    const [phone, bobs] = [await on.online(alice), await on.online(bob)];
    const token = await rest.userToken(alice.username, alice.password);

    const answer = await rest.call('POST', `/users/${alice.username}/deactivate`);

    expectEnvelope(on.platform, answer, 'Deactivate user', '/users', {
      entities: [expect.objectContaining({ username: alice.username, activated: false })],
      uri: expect.any(String),
    });
    await phone.event('onError', (error) => error.type === 217);
    await phone.event('onDisconnected');
    await expect(rest.userToken(alice.username, alice.password)).rejects.toThrow('user not activated');
    const inherit = { grant_type: 'inherit', username: alice.username, autoCreateUser: false };
    expectError(await rest.call('POST', '/token', { body: inherit }), 400, 'invalid_grant', 'user not activated');
    await eventually(async () => (await rest.call('GET', `/users/${alice.username}`, { token })).status === 401, { what: 'the older token is void' });
    const again = await on.device();
    await expect(again.open({ user: alice.username, accessToken: token })).rejects.toMatchObject({ type: expect.any(Number) });

    expect((await rest.call('POST', `/users/${alice.username}/activate`)).body.action).toBe('activate user');
    await expect(again.open({ user: alice.username, accessToken: token })).rejects.toMatchObject({ type: 28 });
    await again.open({ user: alice.username, pwd: alice.password });
    const sent = await bobs.sendText(alice.username, 'welcome back');
    await again.event('onTextMessage', (one) => one.id === sent);
  });

  it('does not know who is unknown', async () => {
    for (const what of ['activate', 'deactivate']) {
      expectError(await rest.call('POST', `/users/${uniqueName('nobody')}/${what}`), 404, 'service_resource_not_found', 'Service resource not found');
    }
  });
});

describe('the devices of a user', () => {
  it('are those that are signed in; one of them can be ended, by either verb', async () => {
    const alice = await on.user('alice');
    const list = async () => (await rest.call('GET', `/users/${alice.username}/resources`)).body.data as { res: string; device_uuid: string; device_name: string }[];
    expect(await list()).toEqual([]);
    const phone = await on.online(alice, { deviceId: 'phone' });
    const laptop = await on.online(alice, { deviceId: 'laptop', gateway: 1 });
    expect(await list()).toEqual([phone, laptop].map(({ resource }) => ({ res: resource, device_uuid: expect.any(String), device_name: expect.any(String) })));
    expect((await laptop.call('getSelfIdsOnOtherPlatform')).data).toEqual([`${alice.username}/${phone.resource}`]);

    expect((await rest.call('GET', `/users/${alice.username}/disconnect/${phone.resource}`)).body.data).toEqual({ result: true });

    await phone.event('onError', (error) => error.type === 217);
    await eventually(async () => (await list()).length === 1, { what: 'one device is left' });
    expect((await list())[0]!.res).toBe(laptop.resource);
    expect(await laptop.call('isOpened')).toBe(true);
    proves('Session', 'getSelfIdsOnOtherPlatform');
  });

  it('are seen by himself and the tenant alone', async () => {
    const [alice, bob] = [await on.user('alice'), await on.user('bob')];
    const token = await rest.userToken(alice.username, alice.password);
    expect((await rest.call('GET', `/users/${alice.username}/resources`, { token })).status).toBe(200);
    expectError(await rest.call('GET', `/users/${bob.username}/resources`, { token }), 401, 'unauthorized', 'Unable to authenticate (OAuth)');
    expectError(await rest.call('GET', `/users/${uniqueName('nobody')}/resources`), 404, 'service_resource_not_found', 'Service resource not found');
  });
});

describe('PUT /users/{name}', () => {
  it('sets the nickname, for the tenant and for himself', async () => {
    const alice = await on.user('alice');
    const token = await rest.userToken(alice.username, alice.password);
    const put = (body: unknown, bearer?: string) => rest.call('PUT', `/users/${alice.username}`, { body, token: bearer });
    expect((await put({ nickname: 'Ada' })).body.entities).toEqual([expect.objectContaining({ username: alice.username, nickname: 'Ada' })]);
    expect((await put({ nickname: 'Countess' }, token)).body.entities[0].nickname).toBe('Countess');
    expectError(await put({ nickname: 'n'.repeat(101) }), 400, 'illegal_argument', 'NICKNAME_TOO_LONG');
    expect((await put({ nickname: 5 })).status).toBe(400);
    expectError(await rest.call('PUT', `/users/${uniqueName('nobody')}`, { body: { nickname: 'x' } }), 404, 'service_resource_not_found', 'Service resource not found');
    const bob = await on.user('bob');
    expect((await rest.call('PUT', `/users/${bob.username}`, { body: { nickname: 'x' }, token })).status).toBe(401);
  });
});

describe('a session through the SDK', () => {
  it('begins with a registration where that is open, and its token can be renewed', async () => {
    const device = await on.device();
    const username = uniqueName('self');
    const registered = await device.call('registerUser', { username, password: 'secret', nickname: 'Self' });
    expect(registered.entities[0]).toMatchObject({ username, type: 'user', activated: true });
    await expect(device.call('registerUser', { username, password: 'secret', nickname: '' })).rejects.toMatchObject({ type: expect.any(Number) });
    await device.open({ user: username, pwd: 'secret' });
    const renewed = await device.call('renewToken', await rest.userToken(username, 'secret', 3_600));
    expect(JSON.stringify(renewed)).toMatch(/\d{13}/);
    expect(await device.call('isOpened')).toBe(true);
  });
});
