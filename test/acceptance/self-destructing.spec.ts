import { describe, expect, it } from '@jest/globals';
import type { SdkDevice, SdkName } from '@parley/testkit';
import { expectError } from './envelope.js';
import { stage } from './stage.js';

const on = stage();
const { rest } = on.platform;
const EXPIRED = JSON.stringify({ parley_reason: 'expired' });
const goneAt = async (device: SdkDevice, id: string) => expect(await device.event('onRecallMessage', (one) => one.mid === id, 15_000)).toMatchObject({ ext: EXPIRED });

describe.each<[SdkName, SdkName]>([
  ['agora-chat', 'easemob-websdk'],
  ['easemob-websdk', 'agora-chat'],
])('a self-destructing message from %s to %s', (sending, receiving) => {
  it('goes everywhere when its time after the sending is up, and who comes later does not see it', async () => {
    const [alice, bob] = [await on.user('alice'), await on.user('bob')];
    const from = await on.online(alice, { sdk: sending });
    const to = await on.online(bob, { sdk: receiving, deviceId: 'first' });
    const sentAt = Date.now();
    const id = await from.sendText(bob.username, 'for five seconds', { ext: { parley_ttl: 5 } });
    const kept = await from.sendText(bob.username, 'kept');
    await to.event('onTextMessage', (one) => one.id === id);

    for (const device of [from, to]) await goneAt(device, id);
    expect(Date.now() - sentAt).toBeGreaterThanOrEqual(5_000);
    const carol = await on.user('carol');
    const never = await from.sendText(carol.username, 'too late', { ext: { parley_ttl: 1 } });
    await goneAt(from, never);
    const fresh = await on.online(carol, { sdk: receiving });
    await goneAt(fresh, never);
    expect(fresh.seen('onTextMessage')).toEqual([]);
    expect(to.seen('onTextMessage').map((one) => one.id)).toEqual([id, kept]);
  });

  it('whose time begins with the reading stays until then', async () => {
    const [alice, bob] = [await on.user('alice'), await on.user('bob')];
    const [from, to] = [await on.online(alice, { sdk: sending }), await on.online(bob, { sdk: receiving })];
    const ext = { parley_ttl: 1, parley_ttl_from: 'read' };
    const unread = await from.sendText(bob.username, 'unread', { ext });
    const read = await from.sendText(bob.username, 'read', { ext });
    await to.event('onTextMessage', (one) => one.id === read);

    await to.send({ type: 'read', chatType: 'singleChat', to: alice.username, id: read });
    for (const device of [from, to]) await goneAt(device, read);
    expect(from.seen('onRecallMessage').map((one) => one.mid)).toEqual([read]);
    await to.send({ type: 'channel', chatType: 'singleChat', to: alice.username });
    for (const device of [from, to]) await goneAt(device, unread);
  });
});

describe('a time to live', () => {
  it('is refused over its bound, through the SDK and over REST, where it works as well', async () => {
    const [alice, bob] = [await on.user('alice'), await on.user('bob')];
    const [from, to] = [await on.online(alice), await on.online(bob)];
    await expect(from.sendText(bob.username, 'for ever', { ext: { parley_ttl: 1e12 } })).rejects.toMatchObject({ type: 1303 });
    const send = (ttl: unknown) => rest.call('POST', '/messages/users', { body: { from: alice.username, to: [bob.username], type: 'txt', body: { msg: 'x' }, ext: { parley_ttl: ttl } } });
    expectError(await send(0), 400, 'message_send_error', /whole number of seconds from 1 to 2592000/);
    const { body } = await send(1);
    await goneAt(to, body.data[bob.username]);
  });
});
