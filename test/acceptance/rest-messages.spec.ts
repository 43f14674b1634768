import { describe, expect, it } from '@jest/globals';
import { type SdkName, uniqueName } from '@parley/testkit';
import { expectEnvelope, expectError } from './envelope.js';
import { stage } from './stage.js';

const on = stage();
const { rest } = on.platform;
const send = (body: unknown) => rest.call('POST', '/messages/users', { body });

describe('POST /messages/users', () => {
  it('sends a text that the SDK shows', async () => {
    const [alice, bob] = [await on.user('alice'), await on.user('bob')];
    const bobs = await on.online(bob);
    const answer = await send({ from: alice.username, to: [bob.username], type: 'txt', body: { msg: 'from a server' }, ext: { order: 7, tags: ['a'] } });
    expectEnvelope(on.platform, answer, 'post', '/messages/users', { data: { [bob.username]: expect.stringMatching(/^\d+$/) } });
    const message = await bobs.event('onTextMessage', (one) => one.id === answer.body.data[bob.username]);
    expect(message).toMatchObject({ from: alice.username, to: bob.username, msg: 'from a server', ext: { order: 7, tags: ['a'] } });
  });

  it('sends a command to several; from admin when nobody is named', async () => {
    const [bob, carol] = [await on.user('bob'), await on.user('carol')];
    const devices = [await on.online(bob), await on.online(carol, { sdk: 'easemob-websdk' })];
    const { status, body } = await send({ to: [bob.username, carol.username], type: 'cmd', body: { action: 'refresh' } });
    expect(status).toBe(200);
    expect(Object.keys(body.data).sort()).toEqual([bob.username, carol.username].sort());
    for (const device of devices) expect(await device.event('onCmdMessage')).toMatchObject({ action: 'refresh', from: 'admin' });
  });

  it.each<SdkName>(['agora-chat', 'easemob-websdk'])('carries an ext of values of all kinds to %s', async (sdk) => {
    const bob = await on.user('bob');
    const bobs = await on.online(bob, { sdk });
    const ext = { text: 'é😀', empty: '', whole: 7, negative: -7, zero: 0, fraction: 1.5, large: 12_345_678_901_234, yes: true, no: false, list: [1, 'two', { three: 3 }], nested: { a: { b: [null] } } };
    const { status, body } = await send({ from: 'shop', to: [bob.username], type: 'custom', body: { customEvent: 'order', customExts: { sku: 'a', n: '1' } }, ext });
    expect(status).toBe(200);
    const id = body.data[bob.username];
    expect(await bobs.event('onCustomMessage', (one) => one.id === id)).toMatchObject({ customEvent: 'order', customExts: { sku: 'a', n: '1' }, ext });
    expect((await rest.call('GET', `/messages/${id}`)).body.data.payload.ext).toEqual(ext);
  });

  it('reaches each of several receivers once, whether he is there or comes later, and leaves out who is not known', async () => {
    const [bob, carol] = [await on.user('bob'), await on.user('carol')];
    const bobs = await on.online(bob);
    const nobody = uniqueName('nobody');
    const { body } = await send({ from: 'shop', to: [bob.username, carol.username, nobody, bob.username.toUpperCase()], type: 'txt', body: { msg: 'to all' } });
    expect(Object.keys(body.data)).toEqual([bob.username, carol.username, nobody]);
    expect(new Set(Object.values(body.data)).size).toBe(3);
    const carols = await on.online(carol);
    const last = (await send({ from: 'shop', to: [bob.username, carol.username], type: 'txt', body: { msg: 'last' } })).body.data;
    for (const [device, user] of [[bobs, bob], [carols, carol]] as const) {
      await device.event('onTextMessage', (one) => one.id === last[user.username]);
      expect(device.seen('onTextMessage').map((one) => one.id)).toEqual([body.data[user.username], last[user.username]]);
    }
  });

  it('leaves the sender out, unless sync_device', async () => {
    const [alice, bob] = [await on.user('alice'), await on.user('bob')];
    const alices = await on.online(alice);
    const text = (msg: string, more = {}) => send({ from: alice.username, to: [bob.username], type: 'txt', body: { msg }, ...more });
    await text('not for my devices');
    const { body } = await text('for my devices too', { sync_device: true });
    await alices.event('onTextMessage', (one) => one.id === body.data[bob.username]);
    expect(alices.seen('onTextMessage').map((one) => one.msg)).toEqual(['for my devices too']);
  });

  it('keeps nothing for later with ROUTE_ONLINE', async () => {
    const bob = await on.user('bob');
    await send({ to: [bob.username], type: 'txt', body: { msg: 'now or never' }, routetype: 'ROUTE_ONLINE' });
    await send({ to: [bob.username], type: 'txt', body: { msg: 'kept' } });
    const bobs = await on.online(bob);
    await bobs.event('onTextMessage', (one) => one.msg === 'kept');
    await send({ to: [bob.username], type: 'txt', body: { msg: 'now' }, routetype: 'ROUTE_ONLINE' });
    await bobs.event('onTextMessage', (one) => one.msg === 'now');
    expect(bobs.seen('onTextMessage')).toHaveLength(2);
    const { messages } = await bobs.call('getHistoryMessages', { targetId: 'admin', chatType: 'singleChat', pageSize: 10 });
    expect(messages.map((one: { msg: string }) => one.msg)).toEqual(['kept']);
  });

  it('answers an unknown recipient with an id, as the original does', async () => {
    const nobody = uniqueName('nobody');
    const answer = await send({ to: [nobody], type: 'txt', body: { msg: 'hello?' } });
    expect(answer).toMatchObject({ status: 200, body: { data: { [nobody]: expect.stringMatching(/^\d+$/) } } });
  });

  it.each([
    ['an empty sender', { from: '', to: ['a'], type: 'txt', body: { msg: 'x' } }, "param from can't be empty", 14001],
    ['no recipient', { to: [], type: 'txt', body: { msg: 'x' } }, "param to can't be empty", 14002],
    ['a receiver without a name', { to: ['a', ''], type: 'txt', body: { msg: 'x' } }, "param to can't be empty", 14002],
    ['a merged forward, which is not sent over REST', { to: ['a'], type: 'combine', body: { msg: 'x' } }, 'param type combine is not supported', undefined],
    ['more than 20 whose history leaves it out', { to: ['a'], type: 'txt', body: { msg: 'x' }, roam_ignore_users: Array.from({ length: 21 }, (_, i) => `u${i}`) }, "params roam_ignore_users's size can't exceed limit 20", undefined],
    ['an ext of null', { to: ['a'], type: 'txt', body: { msg: 'x' }, ext: null }, 'param ext must be JSONObject', undefined],
    ['no type', { to: ['a'], body: { msg: 'x' } }, "param type can't be empty", undefined],
    ['no body', { to: ['a'], type: 'txt' }, "param body can't be empty", 14005],
    ['an ext that is no object', { to: ['a'], type: 'txt', body: { msg: 'x' }, ext: 'text' }, 'param ext must be JSONObject', undefined],
    ['too large a message', { to: ['a'], type: 'txt', body: { msg: 'x'.repeat(6_000) } }, 'message is too large', 14007],
    ['too many recipients', { to: Array.from({ length: 601 }, (_, i) => `u${i}`), type: 'txt', body: { msg: 'x' } }, "params to's size can't exceed limit 600", undefined],
  ])('refuses %s', async (_, body, description, code) => {
    expectError(await send(body), 400, 'message_send_error', description, code);
  });

  it.each([
    ['a text for the receivers', { to: 'a' }],
    ['a number as sender', { from: 5 }],
    ['a text as body', { body: 'x' }],
    ['a body of another type', { body: { action: 'x' } }],
    ['a text for sync_device', { sync_device: 'true' }],
    ['a route that there is not', { routetype: 'ROUTE_OFFLINE' }],
    ['a long label', { env: '123456789' }],
    ['a list for what histories leave out', { roam_ignore_users: [1] }],
  ])('refuses %s', async (_, wrong) => {
    expectError(await send({ to: ['a'], type: 'txt', body: { msg: 'x' }, ...wrong }), 400, 'invalid_request_body', 'Request body is invalid. Please check body is correct.');
  });
});
