import { describe, expect, it } from '@jest/globals';
import { eventually, type SdkDevice, type TestUser } from '@parley/testkit';
import { proves } from '../conformance/proves.js';
import { expectError } from './envelope.js';
import { stage } from './stage.js';
import { verifySync } from './verify-sync.js';

const on = stage();

const history = (device: SdkDevice, targetId: string, more: Record<string, unknown> = {}) =>
  device.call('getHistoryMessages', { targetId, chatType: 'singleChat', pageSize: 50, searchDirection: 'up', ...more });
const idsOf = (page: { messages: { id: string }[] }) => page.messages.map((one) => one.id);

async function pair(): Promise<{ alice: TestUser; bob: TestUser; alices: SdkDevice; bobs: SdkDevice }> {
  const [alice, bob] = [await on.user('alice'), await on.user('bob')];
  return { alice, bob, alices: await on.online(alice), bobs: await on.online(bob) };
}

describe('history by the official SDK', () => {
  it('is what the devices saw: online, and those that come fresh', async () => {
    const { alice, bob, alices, bobs } = await pair();
    const ids: string[] = [];
    for (let i = 0; i < 5; i++) ids.push(await alices.sendText(bob.username, `m${i}`));
    await alices.send({ type: 'cmd', chatType: 'singleChat', to: bob.username, action: 'typing' });
    await bobs.send({ type: 'read', chatType: 'singleChat', to: alice.username, id: ids[1] });
    await alices.event('onReadMessage');
    await bobs.event('onTextMessage', (one) => one.id === ids.at(-1));
    const fresh = await on.online(bob, { sdk: 'easemob-websdk' });
    await verifySync([bobs], ids);

    const newestFirst = [...ids].reverse();
    expect(idsOf(await history(bobs, alice.username))).toEqual(newestFirst);
    expect(idsOf(await history(fresh, alice.username))).toEqual(newestFirst);
    expect(idsOf(await history(alices, bob.username))).toEqual(newestFirst);
    // No receipt fires again because history was read.
    expect(alices.seen('onReadMessage')).toHaveLength(1);
    const mine = (await history(alices, bob.username)).messages;
    expect(mine.filter((one: { isRead?: boolean }) => one.isRead).map((one: { id: string }) => one.id)).toEqual([ids[1]]);

    const older = await bobs.call('fetchHistoryMessages', { queue: alice.username, count: 3 });
    expect(older.map((one: { id: string }) => one.id)).toEqual(ids.slice(-3));
    proves('History', 'getHistoryMessages', 'fetchHistoryMessages');
  });

  it('is read page by page, each message once, both ways; by time and by type', async () => {
    const { bob, alices } = await pair();
    const ids: string[] = [];
    for (let i = 0; i < 7; i++) ids.push(await alices.sendText(bob.username, `m${i}`));
    ids.push((await alices.send({ type: 'custom', chatType: 'singleChat', to: bob.username, customEvent: 'e', customExts: { a: '1' } })).serverMsgId);

    const walk = async (searchDirection: string) => {
      const seen: string[] = [];
      let cursor: string | number = searchDirection === 'up' ? -1 : '1';
      for (let pages = 0; pages < 10; pages++) {
        const page = await history(alices, bob.username, { cursor, pageSize: 3, searchDirection });
        seen.push(...idsOf(page));
        if (page.isLast) break;
        cursor = page.cursor;
      }
      return seen;
    };
    expect(await walk('up')).toEqual([...ids].reverse());
    expect(await walk('down')).toEqual(ids);
    expect(idsOf(await history(alices, bob.username, { searchOptions: { msgTypes: ['custom', 'img'] } }))).toEqual([ids.at(-1)]);
    const third = (await history(alices, bob.username)).messages.find((one: { id: string }) => one.id === ids[2]);
    expect(idsOf(await history(alices, bob.username, { searchOptions: { startTime: third.time, endTime: third.time } }))).toContain(ids[2]);
    expect(idsOf(await history(alices, bob.username, { searchOptions: { startTime: 1, endTime: 2 } }))).toEqual([]);
  });

  it('shows what was read and delivered, also by a receipt for the whole conversation', async () => {
    const { alice, bob, alices } = await pair();
    const delivering = await on.online(bob, { connection: { delivery: true } });
    const id = await alices.sendText(bob.username, 'one');
    await alices.event('onDeliveredMessage');
    const state = async () => (await history(alices, bob.username)).messages.find((one: { id: string }) => one.id === id);
    expect(await state()).toMatchObject({ isDelivered: true });
    expect((await state()).isRead).toBeFalsy();
    await delivering.send({ type: 'channel', chatType: 'singleChat', to: alice.username });
    await alices.event('onChannelMessage');
    expect(await state()).toMatchObject({ isRead: true, isDelivered: true });
  });

  it('forgets for me what I remove, on all my devices and for those that were away, and for nobody else', async () => {
    const { alice, bob, alices, bobs } = await pair();
    const away = await on.online(alice, { deviceId: `away${Date.now()}` });
    const second = await on.online(alice, { sdk: 'easemob-websdk' });
    const ids: string[] = [];
    for (let i = 0; i < 4; i++) ids.push(await bobs.sendText(alice.username, `m${i}`));
    await Promise.all([alices, away].map((device) => device.event('onTextMessage', (one) => one.id === ids.at(-1))));
    await away.setOffline(true);

    await alices.call('removeHistoryMessages', { targetId: bob.username, chatType: 'singleChat', messageIds: [ids[1]] });
    const removed = (data: { operation: string; conversationId: string }) => data.operation === 'deleteRoaming' && data.conversationId === bob.username;
    await second.event('onMultiDeviceEvent', removed);
    expect(idsOf(await history(alices, bob.username))).toEqual([ids[3], ids[2], ids[0]]);
    expect(idsOf(await history(bobs, alice.username))).toEqual([...ids].reverse());

    await away.setOffline(false);
    await away.event('onMultiDeviceEvent', removed, 20_000);
    expect(alices.seen('onMultiDeviceEvent')).toEqual([]);

    const kept = (await history(bobs, alice.username)).messages[0];
    await alices.call('removeHistoryMessages', { targetId: bob.username, chatType: 'singleChat', beforeTimeStamp: kept.time - 1 });
    expect(idsOf(await history(second, bob.username))).toEqual([ids[3]]);

    await alices.call('deleteAllMessagesAndConversations');
    expect(idsOf(await history(second, bob.username))).toEqual([]);
    expect((await alices.call('getServerConversations', {})).data.conversations).toEqual([]);
    expect(idsOf(await history(bobs, alice.username))).toHaveLength(4);
    proves('History', 'removeHistoryMessages', 'deleteAllMessagesAndConversations', 'onMultiDeviceEvent deleteRoaming');
  });
});

describe('history over REST', () => {
  const { rest } = on.platform;

  it('refuses what it cannot do, and tells why', async () => {
    const alice = await on.user('alice');
    const path = `/rest/message/roaming/chat/user/${alice.username}`;
    const many = Array.from({ length: 51 }, (_, i) => i + 1).join(',');
    expectError(await rest.call('DELETE', `${path}?userId=bob&msgIdList=${many}`), 400, 'param exception', 'delete msg list limit can not greater than 50');
    expectError(await rest.call('DELETE', `${path}?userId=bob&msgIdList=abc`), 400, 'param exception', /decimal/);
    expectError(await rest.call('DELETE', `${path}/time?userId=bob&delTime=soon`), 400, 'param exception', /delTime/);
    expectError(await rest.call('POST', '/users/nobody-at-all/messageroaming', { body: { queue: 'bob@easemob.com' } }), 404, 'service_resource_not_found', 'Service resource not found');
    const done = await rest.call('POST', `${path}/time?userId=bob&delTime=1`);
    expect(done).toMatchObject({ status: 200, body: { requestStatusCode: 'ok', timestamp: expect.any(Number) } });
  });

  it('shows a message by its id to the app alone, and takes it away for all', async () => {
    const { bob, bobs, alice, alices } = await pair();
    const id = await alices.sendText(bob.username, 'evidence');
    const found = await rest.call('GET', `/messages/${id}`);
    expect(found).toMatchObject({ status: 200, body: { data: { id, state: 'stored', from: alice.username, to: bob.username, payload: { bodies: [{ type: 'txt', msg: 'evidence' }] } } } });
    const token = await rest.userToken(bob.username, bob.password);
    expect((await rest.call('GET', `/messages/${id}`, { token })).status).toBe(401);
    expectError(await rest.call('GET', '/messages/x'), 400, 'InvalidMessageIdException', 'The provided message ID is not a valid number.');
    expectError(await rest.call('GET', `/messages/${BigInt(id) + 5n}`), 404, 'message_not_found', /is not known/);

    expect((await rest.call('DELETE', `/messages/${id}`)).status).toBe(200);
    expect((await rest.call('DELETE', `/messages/${id}`)).status).toBe(200);
    expect(idsOf(await history(bobs, alice.username))).toEqual([]);
    expect((await rest.call('GET', `/messages/${id}`)).body.data).toMatchObject({ state: 'removed', payload: null });
    await eventually(async () => (idsOf(await history(alices, bob.username)).length === 0 ? true : undefined), { withinMs: 5_000, what: 'gone for the author' });
  });
});
