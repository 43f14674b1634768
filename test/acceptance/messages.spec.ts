import { describe, expect, it } from '@jest/globals';
import { type SdkName, uniqueName } from '@parley/testkit';
import { proves } from '../conformance/proves.js';
import { stage } from './stage.js';

const on = stage();
const PAIRS: [SdkName, SdkName][] = [
  ['agora-chat', 'agora-chat'],
  ['agora-chat', 'easemob-websdk'],
  ['easemob-websdk', 'agora-chat'],
];

describe.each(PAIRS)('messages from %s to %s', (sending, receiving) => {
  async function twoOnline() {
    const [alice, bob] = [await on.user('alice'), await on.user('bob')];
    // Where there are two gateways, the two users are on different ones.
    const [from, to] = await Promise.all([on.online(alice, { sdk: sending }), on.online(bob, { sdk: receiving, gateway: 1 })]);
    return { alice, bob, from, to };
  }
  const bothAgora = sending === 'agora-chat' && receiving === 'agora-chat';

  it('carries text with every kind of extension', async () => {
    const { alice, bob, from, to } = await twoOnline();
    const ext = { text: 'ä€😀', yes: true, no: false, whole: 42, negative: -7, half: 0.5, list: [1, 'two'], object: { deep: { er: null } }, nothing: null };

    const id = await from.sendText(bob.username, 'Grüße 👋', { ext });

    const message = await to.event('onTextMessage', (one) => one.id === id);
    expect(message).toMatchObject({ from: alice.username, to: bob.username, msg: 'Grüße 👋', chatType: 'singleChat', ext });
    expect(Math.abs(Number(message.time) - Date.now())).toBeLessThan(60_000);
    await to.event('onMessage', (list) => list.some((one: { id: string }) => one.id === id));
    // The sender's SDK says so when the server has the message.
    expect(await from.event('onReceivedMessage', (one) => one.mid === id)).toMatchObject({ to: bob.username });
    if (bothAgora) proves('Send and receive', 'send txt', 'onTextMessage', 'onMessage', 'onReceivedMessage');
  });

  it('carries a command', async () => {
    const { bob, from, to } = await twoOnline();
    const { serverMsgId } = await from.send({ type: 'cmd', chatType: 'singleChat', to: bob.username, action: 'wave', ext: { times: 3 } });
    expect(await to.event('onCmdMessage', (one) => one.id === serverMsgId)).toMatchObject({ action: 'wave', ext: { times: 3 } });
    if (bothAgora) proves('Send and receive', 'send cmd', 'onCmdMessage');
  });

  it('carries a custom message', async () => {
    const { bob, from, to } = await twoOnline();
    const { serverMsgId } = await from.send({ type: 'custom', chatType: 'singleChat', to: bob.username, customEvent: 'gift', customExts: { name: 'rose', count: '3' } });
    const message = await to.event('onCustomMessage', (one) => one.id === serverMsgId);
    expect(message).toMatchObject({ customEvent: 'gift', customExts: { name: 'rose', count: '3' } });
    if (bothAgora) proves('Send and receive', 'send custom', 'onCustomMessage');
  });

  it('carries a location', async () => {
    const { bob, from, to } = await twoOnline();
    const place = { addr: 'Karlsplatz 1', buildingName: 'Rathaus', lat: 48.139, lng: 11.566 };
    const { serverMsgId } = await from.send({ type: 'loc', chatType: 'singleChat', to: bob.username, ...place });
    const message = await to.event('onLocationMessage', (one) => one.id === serverMsgId);
    expect(message).toMatchObject({ addr: place.addr, buildingName: place.buildingName });
    expect(Number(message.lat)).toBeCloseTo(place.lat, 5);
    expect(Number(message.lng)).toBeCloseTo(place.lng, 5);
    if (bothAgora) proves('Send and receive', 'send loc', 'onLocationMessage');
  });

  it('keeps the order of a burst, both ways at once', async () => {
    const { alice, bob, from, to } = await twoOnline();
    const burst = (prefix: string) => Array.from({ length: 30 }, (_, i) => `${prefix}${i}`);

    await Promise.all([
      Promise.all(burst('a').map((text) => from.sendText(bob.username, text))),
      Promise.all(burst('b').map((text) => to.sendText(alice.username, text))),
    ]);

    await Promise.all([to.event('onTextMessage', (one) => one.msg === 'a29'), from.event('onTextMessage', (one) => one.msg === 'b29')]);
    expect(to.seen('onTextMessage').map((one) => one.msg)).toEqual(burst('a'));
    expect(from.seen('onTextMessage').map((one) => one.msg)).toEqual(burst('b'));
  });

  it('brings automatic delivery, read and conversation acks back to the sender', async () => {
    const [alice, bob] = [await on.user('alice'), await on.user('bob')];
    const from = await on.online(alice, { sdk: sending });
    const to = await on.online(bob, { sdk: receiving, gateway: 1, connection: { delivery: true } });

    const id = await from.sendText(bob.username, 'seen?');
    await to.event('onTextMessage', (one) => one.id === id);
    await from.event('onDeliveredMessage', (ack) => ack.mid === id);

    await to.send({ type: 'read', chatType: 'singleChat', to: alice.username, id });
    await from.event('onReadMessage', (ack) => ack.mid === id && ack.from === bob.username);

    await to.send({ type: 'channel', chatType: 'singleChat', to: alice.username });
    await from.event('onChannelMessage', (ack) => ack.from === bob.username);
    if (bothAgora) proves('Acks', 'send read', 'send delivery', 'send channel', 'onReadMessage', 'onDeliveredMessage', 'onChannelMessage');
  });

  it('tells the sender that nobody has the name', async () => {
    const { from } = await twoOnline();
    await expect(from.sendText(uniqueName('nobody'), 'hello?')).rejects.toMatchObject({ type: 204 });
    if (bothAgora) proves('Send errors', '204 unknown user');
  });

  it('tells the sender that a message is too large', async () => {
    const { bob, from } = await twoOnline();
    await expect(from.sendText(bob.username, 'x'.repeat(6_000))).rejects.toMatchObject({ type: 511 });
    if (bothAgora) proves('Send errors', '511 data is too large');
  });
});

describe('a message for those who are online', () => {
  it('reaches who is there, and is not kept for who comes later', async () => {
    const [alice, bob] = [await on.user('alice'), await on.user('bob')];
    const from = await on.online(alice);
    const bobsPhone = await on.online(bob, { deviceId: 'phone' });
    await bobsPhone.stop();

    await from.send({ type: 'cmd', chatType: 'singleChat', to: bob.username, action: 'typing', deliverOnlineOnly: true });
    const kept = await from.sendText(bob.username, 'kept');

    const back = await on.online(bob, { deviceId: 'phone' });
    await back.event('onTextMessage', (one) => one.id === kept);
    expect(back.seen('onCmdMessage')).toEqual([]);

    await from.send({ type: 'cmd', chatType: 'singleChat', to: bob.username, action: 'typing again', deliverOnlineOnly: true });
    await back.event('onCmdMessage', (one) => one.action === 'typing again');
    proves('Send options', 'deliverOnlineOnly');
  });
});
