import { describe, expect, it } from '@jest/globals';
import { never } from '@parley/testkit';
import { proves } from '../conformance/proves.js';
import { stage } from './stage.js';
import { verifySync } from './verify-sync.js';

const on = stage();

describe('several devices of a user', () => {
  it('all receive, and the other ones get copies of what one sends', async () => {
    const [alice, bob] = [await on.user('alice'), await on.user('bob')];
    const phone = await on.online(alice, { deviceId: 'phone' });
    const laptop = await on.online(alice, { deviceId: 'laptop', gateway: 1, sdk: 'easemob-websdk' });
    const bobs = await on.online(bob);

    const sent = await phone.sendText(bob.username, 'from the phone');
    const answer = await bobs.sendText(alice.username, 'to all of you');

    expect(await laptop.event('onTextMessage', (one) => one.id === sent)).toMatchObject({ from: alice.username, to: bob.username });
    await Promise.all([phone, laptop].map((device) => device.event('onTextMessage', (one) => one.id === answer)));
    expect(phone.seen('onTextMessage').map((one) => one.id)).toEqual([answer]);
  });

  it('can be addressed one at a time', async () => {
    const alice = await on.user('alice');
    const [phone, laptop, tablet] = [
      await on.online(alice, { deviceId: 'phone' }),
      await on.online(alice, { deviceId: 'laptop' }),
      await on.online(alice, { deviceId: 'tablet' }),
    ];

    const only = await phone.sendText(`${alice.username}/${laptop.resource}`, 'laptop only');
    const all = await phone.sendText(alice.username, 'all of mine');

    await laptop.event('onTextMessage', (one) => one.id === only);
    await Promise.all([laptop, tablet].map((device) => device.event('onTextMessage', (one) => one.id === all)));
    expect(tablet.seen('onTextMessage').map((one) => one.id)).toEqual([all]);
    proves('Send options', 'to-one-resource');
  });
});

describe('messages sent while a device was away', () => {
  it('come in order at the login, between start and finish', async () => {
    const [alice, bob] = [await on.user('alice'), await on.user('bob')];
    const from = await on.online(alice);
    const ids: string[] = [];
    for (let i = 0; i < 25; i++) ids.push(await from.sendText(bob.username, `offline ${i}`));

    const to = await on.online(bob);

    await to.event('onOfflineMessageSyncFinish');
    await to.event('onTextMessage', (one) => one.id === ids.at(-1));
    expect(to.seen('onTextMessage').map((one) => one.id)).toEqual(ids);
    const names = to.events.map((event) => event.name);
    expect(names.indexOf('onOfflineMessageSyncStart')).toBeLessThan(names.indexOf('onTextMessage'));
    expect(names.indexOf('onOfflineMessageSyncStart')).toBeGreaterThanOrEqual(0);
    proves('Session', 'onOfflineMessageSyncStart', 'onOfflineMessageSyncFinish');
  });

  it('come once: the same device does not get them again', async () => {
    const [alice, bob] = [await on.user('alice'), await on.user('bob')];
    const from = await on.online(alice);
    const early = await from.sendText(bob.username, 'early');
    const first = await on.online(bob, { deviceId: 'phone' });
    await first.event('onTextMessage', (one) => one.id === early);
    await first.event('onOfflineMessageSyncFinish');
    await first.call('close');
    const late = await from.sendText(bob.username, 'late');

    const second = await on.online(bob, { deviceId: 'phone' });

    await second.event('onTextMessage', (one) => one.id === late);
    expect(second.seen('onTextMessage').map((one) => one.id)).toEqual([late]);
  });

  it('arrive after a dropped connection, and both devices have seen the same', async () => {
    const [alice, bob] = [await on.user('alice'), await on.user('bob')];
    const from = await on.online(alice);
    const steady = await on.online(bob, { deviceId: 'steady' });
    const shaky = await on.online(bob, { deviceId: 'shaky', gateway: 1 });
    const ids = [await from.sendText(bob.username, 'before')];
    await shaky.event('onTextMessage', (one) => one.id === ids[0]);

    await shaky.setOffline(true);
    await shaky.event('onReconnecting');
    for (let i = 0; i < 10; i++) ids.push(await from.sendText(bob.username, `missed ${i}`));
    await shaky.setOffline(false);
    await shaky.event('onTextMessage', (one) => one.id === ids.at(-1), 20_000);
    ids.push(await from.sendText(bob.username, 'after'));

    await verifySync([steady, shaky], ids);
    const reply = await shaky.sendText(alice.username, 'sending works again');
    await from.event('onTextMessage', (one) => one.id === reply);
    proves('Session', 'onReconnecting');
  });

  it('arrive as soon as the browser notices that its network is back', async () => {
    const [alice, bob] = [await on.user('alice'), await on.user('bob')];
    const from = await on.online(alice);
    const [steady, laptop] = [await on.online(bob, { deviceId: 'steady' }), await on.online(bob, { deviceId: 'laptop', gateway: 1 })];
    const ids = [await from.sendText(bob.username, 'before')];
    await laptop.event('onTextMessage', (one) => one.id === ids[0]);

    await laptop.loseNetwork();
    await laptop.event('onOffline');
    for (let i = 0; i < 3; i++) ids.push(await from.sendText(bob.username, `missed ${i}`));
    await laptop.regainNetwork();

    await laptop.event('onOnline');
    await verifySync([steady, laptop], ids);
    proves('Session', 'onOffline', 'onOnline');
  });

  it('arrive when the page is shown again and the SDK finds its connection dead', async () => {
    const [alice, bob] = [await on.user('alice'), await on.user('bob')];
    const from = await on.online(alice);
    const [steady, phone] = [await on.online(bob, { deviceId: 'steady' }), await on.online(bob, { deviceId: 'phone', gateway: 1 })];
    const ids = [await from.sendText(bob.username, 'before')];
    await phone.event('onTextMessage', (one) => one.id === ids[0]);

    await phone.stallSocket();
    for (let i = 0; i < 3; i++) ids.push(await from.sendText(bob.username, `missed ${i}`));
    // The SDK asks nothing when it has heard of the server within two seconds.
    await never(() => phone.seen('onReconnecting').length > 0, 2_500, 'the dead connection was noticed by itself');
    await phone.call('onShow');

    await phone.event('onReconnecting', () => true, 12_000);
    await verifySync([steady, phone], ids);
    proves('Session', 'onShow');
  });
});
