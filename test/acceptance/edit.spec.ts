import { describe, expect, it } from '@jest/globals';
import type { SdkName } from '@parley/testkit';
import { proves } from '../conformance/proves.js';
import { expectError } from './envelope.js';
import { stage } from './stage.js';

const on = stage();
const { rest } = on.platform;
const text = (to: string, msg: string, more = {}) => ({ type: 'txt', chatType: 'singleChat', to, msg, ...more });

describe.each<[SdkName, SdkName]>([
  ['agora-chat', 'agora-chat'],
  ['easemob-websdk', 'agora-chat'],
  ['agora-chat', 'easemob-websdk'],
])('an edit from %s to %s', (sending, receiving) => {
  it('shows the new text to everybody: online, reconnecting, and new', async () => {
    const [alice, bob] = [await on.user('alice'), await on.user('bob')];
    const from = await on.online(alice, { sdk: sending, deviceId: 'phone' });
    const mine = await on.online(alice, { sdk: sending, deviceId: 'laptop', gateway: 1 });
    const steady = await on.online(bob, { sdk: receiving, deviceId: 'steady' });
    const shaky = await on.online(bob, { sdk: receiving, deviceId: 'shaky', gateway: 1 });
    const id = await from.sendText(bob.username, 'teh text', { ext: { draft: true } });
    await Promise.all([mine, steady, shaky].map((device) => device.event('onTextMessage', (one) => one.id === id)));
    await shaky.setOffline(true);
    await shaky.event('onReconnecting');

    const first = await from.modify(id, text(bob.username, 'the text'));
    const second = await from.modify(id, text(bob.username, 'the final text', { ext: { draft: false } }));

    expect(first.message).toMatchObject({ id, msg: 'the text', from: alice.username, modifiedInfo: { operatorId: alice.username, operationCount: 1 } });
    expect(second.message).toMatchObject({ modifiedInfo: { operationCount: 2, operationTime: expect.any(Number) } });
    await shaky.setOffline(false);
    const edited = { id, msg: 'the final text', from: alice.username, ext: { draft: false }, modifiedInfo: { operatorId: alice.username, operationCount: 2 } };
    for (const device of [mine, steady, shaky]) {
      expect(await device.event('onModifiedMessage', (one) => one.modifiedInfo.operationCount === 2, 15_000)).toMatchObject(edited);
    }

    const history = await steady.call('getHistoryMessages', { targetId: alice.username, chatType: 'singleChat', pageSize: 10 });
    expect(history.messages).toMatchObject([edited]);

    // Who comes later gets the message as it is now.
    const carol = await on.user('carol');
    const other = await from.sendText(carol.username, 'first words');
    await from.modify(other, text(carol.username, 'last words'));
    const fresh = await on.online(carol, { sdk: receiving });
    expect(await fresh.event('onTextMessage', (one) => one.id === other)).toMatchObject({ msg: 'last words', modifiedInfo: { operationCount: 1 } });
    expect(await fresh.event('onModifiedMessage', (one) => one.id === other)).toMatchObject({ msg: 'last words' });
    if (sending === 'agora-chat' && receiving === 'agora-chat') proves('Recall and edit', 'modifyMessage', 'onModifiedMessage');
  });
});

describe('an edit is refused', () => {
  it('for what others wrote, what is not there, another type, and beyond the limit', async () => {
    const [alice, bob] = [await on.user('alice'), await on.user('bob')];
    const [from, to] = [await on.online(alice), await on.online(bob)];
    const id = await from.sendText(bob.username, 'mine');

    await expect(to.modify(id, text(alice.username, 'yours'))).rejects.toMatchObject({ type: 603 });
    await expect(from.modify('123456', text(bob.username, 'x'))).rejects.toMatchObject({ type: 1302 });
    const custom = { type: 'custom', chatType: 'singleChat', to: bob.username, customEvent: 'gift', customExts: { name: 'rose' } };
    await expect(from.modify(id, custom)).rejects.toMatchObject({ type: 1303 });
    for (let i = 1; i <= 10; i++) await from.modify(id, text(bob.username, `version ${i}`));
    await expect(from.modify(id, text(bob.username, 'version 11'))).rejects.toMatchObject({ type: 50 });
    await from.call('recallMessage', { mid: id, to: bob.username, chatType: 'singleChat' });
    await expect(from.modify(id, text(bob.username, 'too late'))).rejects.toMatchObject({ type: 1302 });
    proves('Send errors', '50 edit limit reached', '1303 format is incorrect');
  });
});

describe('PUT /messages/rewrite/{id}', () => {
  it('does not make a message larger than messages may be, little by little', async () => {
    const [alice, bob] = [await on.user('alice'), await on.user('bob')];
    const from = await on.online(alice);
    const id = await from.sendText(bob.username, 'short', { ext: { first: 'x'.repeat(3_000) } });
    const put = (body: object) => rest.call('PUT', `/messages/rewrite/${id}`, { body: { user: alice.username, ...body } });
    const long = 'x'.repeat(3_000);
    expectError(await put({ new_ext: { second: long } }), 400, 'message_send_error', 'message is too large', 14_007);
    expectError(await put({ new_msg: { type: 'txt', msg: long } }), 400, 'message_send_error', 'message is too large', 14_007);
    expect(await put({ new_ext: { first: 'y'.repeat(2_000) } })).toMatchObject({ status: 200 });
    expect(await put({ new_msg: { type: 'txt', msg: long }, new_ext: { only: 1 }, is_combine_ext: false })).toMatchObject({ status: 200 });
    const { messages } = await from.call('getHistoryMessages', { targetId: bob.username, chatType: 'singleChat', pageSize: 10 });
    expect(messages).toMatchObject([{ id, msg: long, ext: { only: 1 }, modifiedInfo: { operationCount: 2 } }]);
  });

  it('edits as the sender or as admin, merges ext or replaces it, and says what was wrong', async () => {
    const [alice, bob] = [await on.user('alice'), await on.user('bob')];
    const [from, to] = [await on.online(alice), await on.online(bob)];
    const id = await from.sendText(bob.username, 'draft', { ext: { a: 1, b: 2 } });
    const put = (body: unknown, of = id) => rest.call('PUT', `/messages/rewrite/${of}`, { body });
    const edit = (count: number) => to.event('onModifiedMessage', (one) => one.modifiedInfo.operationCount === count);

    expect(await put({ user: alice.username, new_msg: { type: 'txt', msg: 'better' }, new_ext: { b: 3 } })).toMatchObject({ status: 200, body: { data: 'success' } });
    expect(await edit(1)).toMatchObject({ id, msg: 'better', ext: { a: 1, b: 3 }, modifiedInfo: { operatorId: alice.username } });
    expect(await put({ user: 'admin', new_ext: { c: 4 }, is_combine_ext: false })).toMatchObject({ status: 200 });
    expect(await edit(2)).toMatchObject({ id, msg: 'better', ext: { c: 4 }, modifiedInfo: { operatorId: 'admin' }, from: alice.username });

    const words = { user: alice.username, new_msg: { type: 'txt', msg: 'x' } };
    expectError(await put({ user: alice.username }), 400, 'illegal_argument', 'new_msg is required');
    expectError(await put({ ...words, new_msg: { type: 'img', url: 'u' } }), 400, 'message_rewrite_error', /not supported for modification/);
    expectError(await put({ ...words, new_msg: { type: 'custom', customEvent: 'e' } }), 400, 'message_rewrite_error', /not supported for modification/);
    expectError(await put(words, 'abc'), 400, 'InvalidMessageIdException', 'The provided message ID is not a valid number.');
    expectError(await put({ ...words, user: bob.username }), 401, 'message_rewrite_error', 'You are not authorized to edit this message.');
    expectError(await put({ ...words, user: 'nobody-at-all' }), 401, 'message_rewrite_error', 'You are not authorized to edit this message.');
    expectError(await put(words, '42'), 404, 'message_rewrite_error', 'The message is unavailable or has expired.');
    const place = await from.send({ type: 'loc', chatType: 'singleChat', to: bob.username, addr: 'here', buildingName: 'b', lat: 1, lng: 2 });
    expectError(await put(words, place.serverMsgId), 400, 'message_rewrite_error', /not supported for modification/);
    expect(await put({ user: alice.username, new_ext: { seen: true } }, place.serverMsgId)).toMatchObject({ status: 200 });
    expect(await to.event('onModifiedMessage', (one) => one.id === place.serverMsgId)).toMatchObject({ addr: 'here', ext: { seen: true } });
    for (let i = 3; i <= 10; i++) expect(await put(words)).toMatchObject({ status: 200 });
    expectError(await put(words), 403, 'message_rewrite_error', /edit limit/);
  });
});
