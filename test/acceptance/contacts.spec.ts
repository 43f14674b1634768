import { describe, expect, it } from '@jest/globals';
import { eventually, givenApp, givenUser, type SdkDevice, SdkDevice as Device, type TestUser } from '@parley/testkit';
import { proves } from '../conformance/proves.js';
import { stage } from './stage.js';

const on = stage();
const { rest } = on.platform;

const EVENTS = ['onContactInvited', 'onContactAgreed', 'onContactRefuse', 'onContactDeleted', 'onContactAdded'];
/** What a device was told of contacts, in order. */
const toldOf = (device: SdkDevice) => device.events.filter((event) => EVENTS.includes(event.name)).map(({ name, data }) => `${name} ${data.from}`);
/** Contacts as the events that a device saw add up to. */
function believedBy(device: SdkDevice): string[] {
  const contacts = new Set<string>();
  for (const { name, data } of device.events) {
    if (name === 'onContactAgreed' || name === 'onContactAdded') contacts.add(data.from);
    if (name === 'onContactDeleted') contacts.delete(data.from);
  }
  return [...contacts].sort();
}
const contactsOf = async (device: SdkDevice): Promise<string[]> => ((await device.call('getContacts')).data as string[]).toSorted();
/** Each device's events add up to what each device fetches. */
async function verifyContacts(devices: readonly SdkDevice[], contacts: readonly string[]): Promise<void> {
  for (const device of devices) {
    await eventually(() => believedBy(device).join() === contacts.join(), { what: `contacts [${contacts.join()}] at ${device.resource}: ${toldOf(device).join('; ')}` });
    expect(await contactsOf(device)).toEqual([...contacts]);
  }
}

describe('contacts', () => {
  it('are invited, accepted, named and removed, and every device of both learns of it once, whenever it comes', async () => {
    const [alice, bob] = [await on.user('alice'), await on.user('bob')];
    const [phone, laptop] = [await on.online(alice, { deviceId: 'phone' }), await on.online(alice, { deviceId: 'laptop', sdk: 'easemob-websdk' })];
    const [bobs, bobsTablet] = [await on.online(bob, { deviceId: 'bphone', gateway: 1 }), await on.online(bob, { deviceId: 'btablet', gateway: 1 })];
    await bobsTablet.setOffline(true);

    await phone.call('addContact', bob.username, 'It is me, Alice ä€😀');
    expect(await bobs.event('onContactInvited')).toMatchObject({ from: alice.username, to: bob.username, status: 'It is me, Alice ä€😀' });
    await phone.call('addContact', bob.username, 'It is me, Alice ä€😀');
    expect(await contactsOf(phone)).toEqual([]);

    await bobs.call('acceptContactInvite', alice.username);
    for (const device of [phone, laptop]) expect(await device.event('onContactAgreed')).toMatchObject({ from: bob.username, to: alice.username });
    expect(await bobs.event('onContactAdded')).toMatchObject({ from: alice.username, to: bob.username });
    await bobsTablet.setOffline(false);
    await verifyContacts([phone, laptop], [bob.username]);
    await verifyContacts([bobs, bobsTablet], [alice.username]);
    // A new device begins with what is, not with what was told before.
    expect(await contactsOf(await on.online(bob, { deviceId: 'bnew' }))).toEqual([alice.username]);
    expect(toldOf(bobsTablet)).toEqual([`onContactInvited ${alice.username}`, `onContactAdded ${alice.username}`]);

    await phone.call('setContactRemark', { userId: bob.username, remark: 'Bobby' });
    expect((await laptop.call('getAllContacts')).data).toEqual([{ userId: bob.username, remark: 'Bobby' }]);
    expect((await bobs.call('getAllContacts')).data).toMatchObject([{ userId: alice.username }]);
    expect((await phone.call('getContactsWithCursor', { pageSize: 20 })).data).toEqual({ cursor: '', contacts: [{ userId: bob.username, remark: 'Bobby' }] });

    await bobsTablet.setOffline(true);
    await laptop.call('deleteContact', bob.username);
    await bobs.event('onContactDeleted');
    await bobsTablet.setOffline(false);
    for (const device of [bobs, bobsTablet]) expect(await device.event('onContactDeleted')).toMatchObject({ from: alice.username, to: bob.username });
    await phone.event('onContactDeleted', (event) => event.from === bob.username);
    await verifyContacts([phone], []);
    await verifyContacts([bobs, bobsTablet], []);
    expect(await contactsOf(laptop)).toEqual([]);
    expect(laptop.seen('onContactDeleted')).toEqual([]);
    expect(toldOf(bobs)).toEqual([`onContactInvited ${alice.username}`, `onContactAdded ${alice.username}`, `onContactDeleted ${alice.username}`]);
    proves('Contacts', 'addContact', 'acceptContactInvite', 'getContacts', 'getAllContacts', 'getContactsWithCursor', 'setContactRemark', 'deleteContact');
    proves('Contacts', 'onContactInvited', 'onContactAgreed', 'onContactAdded', 'onContactDeleted');
  });

  it('are declined', async () => {
    const [alice, bob] = [await on.user('alice'), await on.user('bob')];
    const [phone, bobs, bobsTablet] = [await on.online(alice), await on.online(bob), await on.online(bob)];
    const laptop = await on.online(alice, { sdk: 'easemob-websdk' });
    await laptop.setOffline(true);
    await phone.call('addContact', bob.username, '');
    for (const device of [bobs, bobsTablet]) await device.event('onContactInvited');
    await bobs.call('declineContactInvite', alice.username);
    expect(await phone.event('onContactRefuse')).toMatchObject({ from: bob.username, to: alice.username });
    expect(await bobsTablet.event('onContactRefuse')).toMatchObject({ from: bob.username, to: alice.username });
    await laptop.setOffline(false);
    expect(await laptop.event('onContactRefuse', () => true, 15_000)).toMatchObject({ from: bob.username, to: alice.username });
    expect(await contactsOf(await on.online(alice, { deviceId: 'fresh' }))).toEqual([]);
    await expect(bobs.call('acceptContactInvite', alice.username)).rejects.toMatchObject({ type: 17 });
    expect(await contactsOf(bobs)).toEqual([]);
    expect(bobs.seen('onContactRefuse')).toEqual([]);
    proves('Contacts', 'declineContactInvite', 'onContactRefuse');
  });

  it('are those of both who invited each other', async () => {
    const [alice, bob] = [await on.user('alice'), await on.user('bob')];
    const [phone, bobs] = [await on.online(alice), await on.online(bob)];
    await Promise.all([phone.call('addContact', bob.username, ''), bobs.call('addContact', alice.username, '')]);
    await verifyContacts([phone], [bob.username]);
    await verifyContacts([bobs], [alice.username]);
  });

  it('vanish with a user who is deleted', async () => {
    const [alice, bob] = [await on.user('alice'), await on.user('bob')];
    const phone = await on.online(alice);
    await rest.call('POST', `/users/${alice.username}/contacts/users/${bob.username}`);
    await verifyContacts([phone], [bob.username]);
    await rest.call('DELETE', `/users/${bob.username}`);
    await phone.event('onContactDeleted', (event) => event.from === bob.username);
    await verifyContacts([phone], []);
  });
});

describe('an app for contacts only', () => {
  it('carries what contacts write, until they are no contacts', async () => {
    const app = await givenApp(on.platform, { settings: { contactsOnly: true } });
    const [alice, bob] = [await givenUser(app), await givenUser(app)];
    const online = async (user: TestUser) => {
      const device = await Device.create(app);
      await device.open({ user: user.username, pwd: user.password });
      return device;
    };
    const [phone, bobs] = await Promise.all([online(alice), online(bob)]);
    try {
      await expect(phone.sendText(bob.username, 'stranger')).rejects.toMatchObject({ type: 221 });
      await app.rest.call('POST', `/users/${alice.username}/contacts/users/${bob.username}`);
      const id = await phone.sendText(bob.username, 'friend');
      await bobs.event('onTextMessage', (message) => message.id === id);
      await bobs.call('deleteContact', alice.username);
      await expect(phone.sendText(bob.username, 'no friend any more')).rejects.toMatchObject({ type: 221 });
      expect(bobs.seen('onTextMessage')).toHaveLength(1);
      proves('Send errors', '221 not a contact');
    } finally {
      await Promise.all([phone.stop(), bobs.stop()]);
    }
  });
});
