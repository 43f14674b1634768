import { describe, expect, it } from '@jest/globals';
import { never, type SdkDevice, type SdkName } from '@parley/testkit';
import { proves } from '../conformance/proves.js';
import { stage } from './stage.js';

const on = stage();
/** Reconnection would begin within two seconds. */
const RECONNECTS_WITHIN_MS = 2_500;

async function endsForGood(device: SdkDevice, type: number): Promise<void> {
  await device.event('onError', (error) => error.type === type);
  await device.event('onDisconnected');
  const connected = device.seen('onConnected').length;
  await never(() => device.seen('onReconnecting').length > 0 || device.seen('onConnected').length > connected, RECONNECTS_WITHIN_MS, 'the device came back');
}

describe.each<SdkName>(['agora-chat', 'easemob-websdk'])('the end of a session of %s', (sdk) => {
  const proven = (...items: string[]) => sdk === 'agora-chat' && proves('Forced end', ...items);

  it('comes for the oldest web device when a fifth logs in, and tells who', async () => {
    const alice = await on.user('alice');
    const four: SdkDevice[] = [];
    for (const deviceId of ['one', 'two', 'three', 'four']) four.push(await on.online(alice, { sdk, deviceId, gateway: four.length }));
    const fifth = await on.device({ sdk, deviceId: 'five' });
    await fifth.call('setLoginInfoCustomExt', 'the fifth device');

    await fifth.open({ user: alice.username, pwd: alice.password });

    const error = await four[0]!.event('onError', (one) => one.type === 206);
    expect(JSON.stringify(error)).toContain('the fifth device');
    await endsForGood(four[0]!, 206);
    for (const device of four.slice(1)) expect(device.seen('onError')).toEqual([]);
    proven('206 other device', 'onDisconnected without reconnect');
    if (sdk === 'agora-chat') proves('Session', 'setLoginInfoCustomExt');
  });

  it('comes for a device whose place another login takes', async () => {
    const alice = await on.user('alice');
    const first = await on.online(alice, { sdk, deviceId: 'same' });
    const second = await on.online(alice, { sdk, deviceId: 'same', gateway: 1 });
    await endsForGood(first, 206);
    expect(await second.call('isOpened')).toBe(true);
  });

  it('comes from the administrator', async () => {
    const alice = await on.user('alice');
    const device = await on.online(alice, { sdk });
    const answer = await on.platform.rest.call('GET', `/users/${alice.username}/disconnect`);
    expect(answer).toMatchObject({ status: 200, body: { data: { result: true } } });
    await endsForGood(device, 217);
    proven('217 kicked');
  });

  it('comes for one device from the administrator', async () => {
    const alice = await on.user('alice');
    const [phone, laptop] = [await on.online(alice, { sdk, deviceId: 'phone' }), await on.online(alice, { sdk, deviceId: 'laptop' })];
    const answer = await on.platform.rest.call('DELETE', `/users/${alice.username}/disconnect/${phone.resource}`);
    expect(answer.status).toBe(200);
    await endsForGood(phone, 217);
    expect(await laptop.call('isOpened')).toBe(true);
  });

  it('comes with a new password, after which only that one opens', async () => {
    const alice = await on.user('alice');
    const [device, second, away] = [await on.online(alice, { sdk }), await on.online(alice, { sdk, gateway: 1 }), await on.online(alice, { sdk })];
    const oldToken = await on.platform.rest.userToken(alice.username, alice.password);
    await away.setOffline(true);
    await away.event('onReconnecting');

    await on.platform.rest.call('PUT', `/users/${alice.username}/password`, { body: { newpassword: 'brand-new' } });

    await Promise.all([device, second].map((one) => endsForGood(one, 216)));
    await away.setOffline(false);
    await away.event('onError', (error) => error.type === 28, 15_000);
    expect(away.seen('onConnected')).toHaveLength(1);
    const later = await on.device({ sdk });
    await expect(later.open({ user: alice.username, pwd: alice.password })).rejects.toMatchObject({ type: 1 });
    await expect(later.open({ user: alice.username, accessToken: oldToken })).rejects.toMatchObject({ type: 28 });
    await later.open({ user: alice.username, pwd: 'brand-new' });
    proven('216 password changed');
  });

  it('comes with the removal of the user, and a user of the same name inherits nothing', async () => {
    const [alice, bob] = [await on.user('alice'), await on.user('bob')];
    const [device, second, away] = [await on.online(alice, { sdk }), await on.online(alice, { sdk, gateway: 1 }), await on.online(alice, { sdk })];
    const bobs = await on.online(bob, { sdk });
    await away.setOffline(true);
    await away.event('onReconnecting');

    await on.platform.rest.call('DELETE', `/users/${alice.username}`);

    await Promise.all([device, second].map((one) => endsForGood(one, 207)));
    await away.setOffline(false);
    await away.event('onError', (error) => error.type === 204, 15_000);
    expect(away.seen('onConnected')).toHaveLength(1);
    await on.platform.rest.call('POST', '/users', { body: [{ username: alice.username, password: 'second-life' }] });
    const fresh = await bobs.sendText(alice.username, 'are you new here?');
    const again = await on.device({ sdk });
    await again.open({ user: alice.username, pwd: 'second-life' });
    await again.event('onTextMessage', (one) => one.id === fresh);
    expect(again.seen('onTextMessage')).toHaveLength(1);
    proven('207 user removed');
  });
});
