import { describe, expect, it } from '@jest/globals';
import { uniqueName } from '@parley/testkit';
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
    expect(bobs.seen('onTextMessage')).toHaveLength(1);
  });

  it('answers an unknown recipient with an id, as the original does', async () => {
    const nobody = uniqueName('nobody');
    const answer = await send({ to: [nobody], type: 'txt', body: { msg: 'hello?' } });
    expect(answer).toMatchObject({ status: 200, body: { data: { [nobody]: expect.stringMatching(/^\d+$/) } } });
  });

  it.each([
    ['an empty sender', { from: '', to: ['a'], type: 'txt', body: { msg: 'x' } }, "param from can't be empty", 14001],
    ['no recipient', { to: [], type: 'txt', body: { msg: 'x' } }, "param to can't be empty", 14002],
    ['no type', { to: ['a'], body: { msg: 'x' } }, "param type can't be empty", undefined],
    ['no body', { to: ['a'], type: 'txt' }, "param body can't be empty", 14005],
    ['an ext that is no object', { to: ['a'], type: 'txt', body: { msg: 'x' }, ext: 'text' }, 'param ext must be JSONObject', undefined],
    ['too large a message', { to: ['a'], type: 'txt', body: { msg: 'x'.repeat(6_000) } }, 'message is too large', 14007],
    ['too many recipients', { to: Array.from({ length: 601 }, (_, i) => `u${i}`), type: 'txt', body: { msg: 'x' } }, "params to's size can't exceed limit 600", undefined],
  ])('refuses %s', async (_, body, description, code) => {
    expectError(await send(body), 400, 'message_send_error', description, code);
  });

  it('refuses wrong types in the body', async () => {
    expectError(await send({ to: 'a', type: 'txt', body: { msg: 'x' } }), 400, 'invalid_request_body', 'Request body is invalid. Please check body is correct.');
  });
});
