import { describe, expect, it } from '@jest/globals';
import { type SdkName, uniqueName } from '@parley/testkit';
import { proves } from '../conformance/proves.js';
import { stage } from './stage.js';

const on = stage();

describe.each<SdkName>(['agora-chat', 'easemob-websdk'])('login with %s', (sdk) => {
  it('lets a user in by password', async () => {
    const alice = await on.user('alice');
    const device = await on.device({ sdk });

    await device.open({ user: alice.username, pwd: alice.password });

    await device.event('onConnected');
    expect(await device.call('isOpened')).toBe(true);
    if (sdk === 'agora-chat') proves('Session', 'open-by-password', 'isOpened', 'onConnected');
  });

  it('lets a user in by token', async () => {
    const alice = await on.user('alice');
    const accessToken = await on.platform.rest.userToken(alice.username, alice.password);
    const device = await on.device({ sdk });

    await device.open({ user: alice.username, accessToken });

    await device.event('onConnected');
    if (sdk === 'agora-chat') proves('Session', 'open-by-token');
  });

  it('takes the name in any case', async () => {
    const alice = await on.user('alice');
    const device = await on.device({ sdk });
    await device.open({ user: alice.username.toUpperCase(), pwd: alice.password });
    await device.event('onConnected');
  });

  it('refuses a wrong password', async () => {
    const alice = await on.user('alice');
    const device = await on.device({ sdk });

    await expect(device.open({ user: alice.username, pwd: 'not-this' })).rejects.toMatchObject({ type: 1 });

    expect(device.seen('onConnected')).toEqual([]);
  });

  it('refuses a token that is none, and then lets the right one in on the same object', async () => {
    const alice = await on.user('alice');
    const device = await on.device({ sdk });

    await expect(device.open({ user: alice.username, accessToken: 'YWMtnonsense' })).rejects.toMatchObject({ type: 28 });
    await device.event('onError', (error) => error.type === 28);

    await device.open({ user: alice.username, pwd: alice.password });
    await device.event('onConnected');
    if (sdk === 'agora-chat') proves('Session', 'onError');
  });

  it('refuses the token of another user', async () => {
    const [alice, mallory] = [await on.user('alice'), await on.user('mallory')];
    const accessToken = await on.platform.rest.userToken(mallory.username, mallory.password);
    const device = await on.device({ sdk });
    await expect(device.open({ user: alice.username, accessToken })).rejects.toMatchObject({ type: 28 });
  });

  it('refuses the app token', async () => {
    const alice = await on.user('alice');
    const device = await on.device({ sdk });
    await expect(device.open({ user: alice.username, accessToken: await on.platform.rest.appToken() })).rejects.toMatchObject({ type: 28 });
  });

  it('refuses a name that nobody has', async () => {
    const device = await on.device({ sdk });
    await expect(device.open({ user: uniqueName('nobody'), pwd: 'x' })).rejects.toMatchObject({ type: expect.any(Number) });
  });

  it('tells a removed user with a still valid token that there is no such user', async () => {
    const alice = await on.user('alice');
    const accessToken = await on.platform.rest.userToken(alice.username, alice.password);
    await on.platform.rest.call('DELETE', `/users/${alice.username}`);
    const device = await on.device({ sdk });
    await expect(device.open({ user: alice.username, accessToken })).rejects.toMatchObject({ type: 204 });
  });

  it('logs out, after which the user is offline and can come back', async () => {
    const alice = await on.user('alice');
    const device = await on.online(alice, { sdk });

    await device.call('close');

    await device.event('onDisconnected');
    expect(await device.call('isOpened')).toBe(false);
    await device.open({ user: alice.username, pwd: alice.password });
    if (sdk === 'agora-chat') proves('Session', 'close', 'onDisconnected');
  });

  it('registers a user where the app allows it', async () => {
    const device = await on.device({ sdk });
    const username = uniqueName('self');

    await device.call('registerUser', { username, password: 'pass-word', nickname: 'Self' });

    await device.open({ user: username, pwd: 'pass-word' });
    await device.event('onConnected');
    const again = await on.device({ sdk });
    await expect(again.call('registerUser', { username, password: 'other' })).rejects.toBeDefined();
    if (sdk === 'agora-chat') proves('Session', 'registerUser');
  });
});
