import { describe, expect, it } from '@jest/globals';
import { eventually } from '@parley/testkit';
import { proves } from '../conformance/proves.js';
import { stage } from './stage.js';

const on = stage();
const { rest } = on.platform;

describe('a block list', () => {
  it('stops what the blocked user writes, on all his devices, at once, until it is lifted', async () => {
    const [alice, bob] = [await on.user('alice'), await on.user('bob')];
    const [phone, laptop] = [await on.online(alice), await on.online(alice, { sdk: 'easemob-websdk' })];
    const [bobs, bobsTablet] = [await on.online(bob, { gateway: 1 }), await on.online(bob)];
    const before = await bobs.sendText(alice.username, 'before');

    await phone.call('addUsersToBlocklist', { name: [bob.username] });
    for (const device of [bobs, bobsTablet]) {
      await expect(device.sendText(alice.username, 'blocked')).rejects.toMatchObject({ type: 603 });
      const typing = { type: 'cmd', chatType: 'singleChat', to: alice.username, action: 'typing', deliverOnlineOnly: true };
      await expect(device.send(typing)).rejects.toMatchObject({ type: 603 });
    }
    for (const device of [laptop, await on.online(alice, { deviceId: 'fresh' })]) expect((await device.call('getBlocklist')).data).toEqual([bob.username]);
    await bobsTablet.dropSocket();
    await bobsTablet.event('onReconnecting');
    await eventually(() => bobsTablet.seen('onConnected').length > 1, { withinMs: 15_000, what: 'the tablet is back' });
    await expect(bobsTablet.sendText(alice.username, 'still blocked')).rejects.toMatchObject({ type: 603 });
    await expect(bobs.call('addContact', alice.username, 'please')).rejects.toMatchObject({ type: expect.any(Number) });
    // The other way is open, and so are receipts.
    const back = await phone.sendText(bob.username, 'you cannot answer');
    await bobs.event('onTextMessage', (message) => message.id === back);
    await bobs.send({ type: 'read', chatType: 'singleChat', to: alice.username, id: back });
    await phone.event('onReadMessage', (ack) => ack.mid === back);

    await laptop.call('removeUserFromBlocklist', { name: [bob.username] });
    const after = await bobs.sendText(alice.username, 'after');
    await phone.event('onTextMessage', (message) => message.id === after);
    expect((await phone.call('getBlocklist')).data).toEqual([]);
    for (const device of [phone, laptop]) {
      await eventually(() => device.seen('onTextMessage').some((message) => message.id === after), { what: 'the message after' });
      expect(device.seen('onTextMessage').filter((message) => message.from === bob.username).map((message) => message.id)).toEqual([before, after]);
    }
    proves('Block list', 'getBlocklist', 'addUsersToBlocklist', 'removeUserFromBlocklist', '603 for a blocked sender');
    proves('Send errors', '603 blocked');
  });

  it('does not stop a server', async () => {
    const [alice, bob] = [await on.user('alice'), await on.user('bob')];
    await rest.call('POST', `/users/${alice.username}/blocks/users`, { body: { usernames: [bob.username] } });
    const phone = await on.online(alice);
    const { body } = await rest.call('POST', '/messages/users', { body: { from: bob.username, to: [alice.username], type: 'txt', body: { msg: 'from the server' } } });
    await phone.event('onTextMessage', (message) => message.id === body.data[alice.username]);
  });
});
