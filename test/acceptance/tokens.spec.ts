import { describe, expect, it } from '@jest/globals';
import { proves } from '../conformance/proves.js';
import { eventually } from '@parley/testkit';
import { stage } from './stage.js';

const on = stage();

describe('a token that ends', () => {
  it('is announced in time, and replaced without losing the connection', async () => {
    const alice = await on.user('alice');
    const device = await on.device();
    const replacement = await on.platform.rest.userToken(alice.username, alice.password);
    await device.open({ user: alice.username, accessToken: await on.platform.rest.userToken(alice.username, alice.password, 20) });

    await device.event('onTokenWillExpire');
    await device.call('renewToken', replacement);

    expect(device.seen('onTokenExpired')).toEqual([]);
    expect(await device.call('isOpened')).toBe(true);
    proves('Session', 'renewToken', 'onTokenWillExpire');
  });

  it('ends the session when nobody replaces it', async () => {
    const alice = await on.user('alice');
    const device = await on.device();
    await device.open({ user: alice.username, accessToken: await on.platform.rest.userToken(alice.username, alice.password, 8) });

    await device.event('onTokenExpired');
    await device.event('onDisconnected');
    proves('Session', 'onTokenExpired');
  });

  it('does not let anybody in afterwards', async () => {
    const alice = await on.user('alice');
    const accessToken = await on.platform.rest.userToken(alice.username, alice.password, 1);
    const device = await on.device();
    await eventually(async () => (await on.platform.rest.call('GET', `/users/${alice.username}`, { token: accessToken })).status === 401, { what: 'the end of the token' });
    await expect(device.open({ user: alice.username, accessToken })).rejects.toMatchObject({ type: 56 });
  });
});
