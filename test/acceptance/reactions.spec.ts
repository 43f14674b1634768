import { describe, expect, it } from '@jest/globals';
import type { SdkDevice, SdkName } from '@parley/testkit';
import { proves } from '../conformance/proves.js';
import { expectError } from './envelope.js';
import { stage } from './stage.js';

const on = stage();
const { rest } = on.platform;
const change = (device: SdkDevice, messageId: string, count: number) =>
  device.event('onReactionChange', (one) => one.messageId === messageId && one.reactions[0].count === count, 15_000);

describe.each<[SdkName, SdkName]>([
  ['agora-chat', 'agora-chat'],
  ['easemob-websdk', 'agora-chat'],
])('reactions with %s and %s', (reacting, other) => {
  it('are added, seen by all devices of both sides at once or later, listed, and taken back', async () => {
    const [alice, bob] = [await on.user('alice'), await on.user('bob')];
    const from = await on.online(alice, { sdk: other, deviceId: 'phone' });
    const away = await on.online(alice, { sdk: other, deviceId: 'away', gateway: 1 });
    const bobs = await on.online(bob, { sdk: reacting, deviceId: 'phone' });
    const bobs2 = await on.online(bob, { sdk: reacting, deviceId: 'laptop', gateway: 1 });
    const messageId = await from.sendText(bob.username, 'shall we?');
    await bobs.event('onTextMessage', (one) => one.id === messageId);
    await away.setOffline(true);
    await away.event('onReconnecting');

    await bobs.call('addReaction', { messageId, reaction: '👍' });
    const added = { from: bob.username, to: alice.username, chatType: 'singleChat', reactions: [{ reaction: '👍', count: 1, userList: [bob.username] }] };
    expect(await change(from, messageId, 1)).toMatchObject(added);
    expect((await change(from, messageId, 1)).reactions[0]).toMatchObject({ isAddedBySelf: false, op: [{ operator: bob.username, reactionType: 'create' }] });
    expect((await change(bobs2, messageId, 1)).reactions[0]).toMatchObject({ isAddedBySelf: true });
    await away.setOffline(false);
    expect(await change(away, messageId, 1)).toMatchObject(added);

    await from.call('addReaction', { messageId, reaction: '👍' });
    await change(bobs, messageId, 2);
    const list = await bobs.call('getReactionList', { chatType: 'singleChat', messageId: [messageId] });
    expect(list.data).toEqual([
      { msgId: messageId, reactionList: [{ reaction: '👍', count: 2, isAddedBySelf: true, userList: [bob.username, alice.username] }] },
    ]);
    const history = await bobs.call('getHistoryMessages', { targetId: alice.username, chatType: 'singleChat', pageSize: 10 });
    const shown = history.messages.find((one: { id: string }) => one.id === messageId);
    expect(shown.reactions).toEqual([{ reaction: '👍', count: 2, isAddedBySelf: true, userList: [bob.username, alice.username] }]);
    const first = await bobs.call('getReactionDetail', { messageId, reaction: '👍', pageSize: 1 });
    expect(first.data).toMatchObject({ reaction: '👍', count: 2, isAddedBySelf: true, userList: [bob.username] });
    const second = await bobs.call('getReactionDetail', { messageId, reaction: '👍', pageSize: 1, cursor: first.data.cursor });
    expect(second.data).toMatchObject({ userList: [alice.username] });
    expect(second.data.cursor).toBeFalsy();

    await bobs.call('deleteReaction', { messageId, reaction: '👍' });
    const gone = await from.event('onReactionChange', (one) => one.messageId === messageId && one.reactions[0].op[0].reactionType === 'delete');
    expect(gone.reactions[0]).toMatchObject({ count: 1, userList: [alice.username], isAddedBySelf: true });
    if (reacting === 'agora-chat') proves('Reactions', 'addReaction', 'deleteReaction', 'getReactionList', 'getReactionDetail', 'onReactionChange');
  });

  it('are refused twice, when not given, from strangers, and on what is gone', async () => {
    const [alice, bob, carol] = [await on.user('alice'), await on.user('bob'), await on.user('carol')];
    const from = await on.online(alice, { sdk: other });
    const [bobs, carols] = [await on.online(bob, { sdk: reacting }), await on.online(carol, { sdk: reacting })];
    const messageId = await from.sendText(bob.username, 'yes?');

    await bobs.call('addReaction', { messageId, reaction: 'ok' });
    await expect(bobs.call('addReaction', { messageId, reaction: 'ok' })).rejects.toMatchObject({ type: 1101 });
    await expect(bobs.call('deleteReaction', { messageId, reaction: 'no' })).rejects.toMatchObject({ type: 1103 });
    await expect(carols.call('addReaction', { messageId, reaction: 'ok' })).rejects.toMatchObject({ type: 1103 });
    expect((await carols.call('getReactionList', { chatType: 'singleChat', messageId: [messageId] })).data).toEqual([]);
    await from.call('recallMessage', { mid: messageId, to: bob.username, chatType: 'singleChat' });
    await expect(bobs.call('addReaction', { messageId, reaction: 'late' })).rejects.toMatchObject({ type: 1103 });
  });
});

describe('/reaction/user/{user}', () => {
  it('takes ids as text or number, bounds kinds and pages, and has a word for each error', async () => {
    const [alice, bob] = [await on.user('alice'), await on.user('bob')];
    const from = await on.online(alice);
    const msgId = await from.sendText(bob.username, 'many kinds');
    const base = `/reaction/user/${bob.username}`;
    const add = (message: string) => rest.call('POST', base, { body: { msgId, message } });

    const raw = await rest.call('POST', base, { body: `{"msgId":${msgId},"message":"kind 1"}`, headers: { 'content-type': 'application/json' } });
    expect(raw.body).toEqual({
      requestStatusCode: 'ok',
      timestamp: expect.any(Number),
      data: { id: expect.any(String), msgId, msgType: 'chat', groupId: null, reaction: 'kind 1', createdAt: expect.any(Number), updatedAt: expect.any(Number) },
    });
    for (let i = 2; i <= 20; i++) expect((await add(`kind ${i}`)).status).toBe(200);
    expectError(await add('kind 21'), 400, 'Bad Request', 'The quantity has exceeded the limit!');
    expectError(await add('kind 1'), 400, 'Bad Request', 'the user is already operation this message');
    expectError(await add('x'.repeat(129)), 400, 'illegal_argument', /128/);
    expectError(await rest.call('POST', base, { body: { message: 'ok' } }), 400, 'illegal_argument', 'msgId: must be a decimal message id');
    expectError(await rest.call('POST', base, { body: { msgId } }), 400, 'illegal_argument', /^message: /);
    expectError(await rest.call('POST', base, { body: { msgId: '42', message: 'ok' } }), 400, 'Bad Request', 'the user operation is illegal!');
    expectError(await rest.call('POST', '/reaction/user/nobody-at-all', { body: { msgId, message: 'ok' } }), 404, 'service_resource_not_found', 'Service resource not found');
    const others = await rest.userToken(alice.username, alice.password);
    expectError(await rest.call('POST', base, { body: { msgId, message: 'ok' }, token: others }), 401, 'unauthorized', /Unable to authenticate/);
    expect((await rest.call('GET', `${base}?msgIdList=${msgId}&msgType=chat`)).body.data[0].reactionList).toHaveLength(20);
    const ids = Array.from({ length: 21 }, (_, i) => i + 1).join(',');
    expectError(await rest.call('GET', `${base}?msgIdList=${ids}`), 400, 'Bad Request', 'msgIdList exceeds the maximum number limit');
    expectError(await rest.call('GET', `${base}?msgIdList=${msgId}&msgType=groupchat`), 400, 'Bad Request', 'groupId can not be null!');
    const detail = `${base}/detail?msgId=${msgId}&message=kind%201`;
    expectError(await rest.call('GET', `${detail}&limit=51`), 400, 'Bad Request', 'Limit exceeds the maximum quantity limit');
    expect((await rest.call('GET', `${detail}&limit=50`)).body.data).toMatchObject({ reaction: 'kind 1', count: 1, state: true, userList: [bob.username] });
    expect((await rest.call('DELETE', `${base}?msgId=${msgId}&message=kind%201`)).body).toEqual({ requestStatusCode: 'ok', timestamp: expect.any(Number) });
    expectError(await rest.call('DELETE', `${base}?msgId=${msgId}&message=kind%201`), 400, 'Bad Request', 'the user operation is illegal!');
  });
});
