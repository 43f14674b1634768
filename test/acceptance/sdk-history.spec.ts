import { describe, expect, it } from '@jest/globals';
import { eventually, type SdkDevice, type SdkName, type TestUser } from '@parley/testkit';
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

  it.each<SdkName>(['agora-chat', 'easemob-websdk'])('is searched by %s: by type, by time, and by both', async (sdk) => {
    const [alice, bob] = [await on.user('alice'), await on.user('bob')];
    const [alices, bobs] = [await on.online(alice, { sdk }), await on.online(bob)];
    const to = { chatType: 'singleChat', to: bob.username };
    const sent = async (message: Record<string, unknown>) => (await alices.send({ ...to, ...message })).serverMsgId as string;
    const [text, place, custom] = [await sent({ type: 'txt', msg: 'one' }), await sent({ type: 'loc', addr: 'a', buildingName: 'b', lat: 1, lng: 2 }), await sent({ type: 'custom', customEvent: 'e' })];
    const merged = await sent({ type: 'combine', title: 't', summary: 's', compatibleText: 'c', messageList: [{ type: 'txt', chatType: 'singleChat', id: '1', from: alice.username, to: bob.username, msg: 'm', time: 1, ext: {} }] });
    await sent({ type: 'cmd', action: 'typing' });
    const answer = await bobs.sendText(alice.username, 'two');
    await alices.event('onTextMessage', (one) => one.id === answer);

    const found = async (searchOptions: Record<string, unknown>) => idsOf(await history(alices, bob.username, { searchOptions }));
    expect(await found({ msgTypes: ['txt'] })).toEqual([answer, text]);
    expect(await found({ msgTypes: ['combine'] })).toEqual([merged]);
    expect(await found({ msgTypes: ['combine', 'loc'] })).toEqual([merged, place]);
    expect(await found({ msgTypes: ['txt', 'combine', 'custom'] })).toEqual([answer, merged, custom, text]);
    expect(await found({ msgTypes: ['img', 'cmd'] })).toEqual([]);
    expect(await found({})).toEqual([answer, merged, custom, place, text]);

    const times = new Map((await history(alices, bob.username)).messages.map((one: { id: string; time: number }) => [one.id, one.time]));
    const [from, until] = [times.get(place) as number, times.get(merged) as number];
    expect(await found({ startTime: from, endTime: until })).toEqual([merged, custom, place].filter((id) => (times.get(id) as number) >= from));
    expect(await found({ startTime: from, endTime: until, msgTypes: ['custom'] })).toEqual([custom]);
    // The SDKs name a sender only in groups.
    expect(await found({ from: bob.username })).toEqual([answer, merged, custom, place, text]);
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

  it('is searched by sender as well, in pages that go on where they ended', async () => {
    const { alice, bob, alices, bobs } = await pair();
    const [mine, theirs]: [string[], string[]] = [[], []];
    for (let i = 0; i < 3; i++) {
      mine.push(await alices.sendText(bob.username, `mine ${i}`));
      theirs.push(await bobs.sendText(alice.username, `theirs ${i}`));
    }
    const token = await rest.userToken(alice.username, alice.password);
    const page = async (body: Record<string, unknown>) => {
      const answer = await rest.call('POST', `/users/${alice.username}/messageroaming`, { token, body: { queue: `${bob.username}@easemob.com`, start: -1, ...body } });
      expect(answer.status).toBe(200);
      return answer.body.data as { msgs: { msg_id: string }[]; next_key: string; is_last: boolean };
    };
    const ids = async (body: Record<string, unknown>) => (await page(body)).msgs.map((one) => one.msg_id);
    expect(await ids({ userId: alice.username })).toEqual([...mine].reverse());
    expect(await ids({ userId: bob.username.toUpperCase(), is_positive: true })).toEqual(theirs);
    expect(await ids({ userId: 'somebody-else' })).toEqual([]);
    expect(await ids({ userId: bob.username, msgType: 'txt', pull_number: 50 })).toEqual([...theirs].reverse());
    expect(await ids({ userId: bob.username, msgType: 'no-such-type' })).toEqual([]);
    const first = await page({ userId: bob.username, pull_number: 2 });
    expect(first).toMatchObject({ msgs: [{ msg_id: theirs[2] }, { msg_id: theirs[1] }], is_last: false });
    expect(await page({ userId: bob.username, pull_number: 2, start: first.next_key })).toMatchObject({ msgs: [{ msg_id: theirs[0] }], is_last: true });
  });

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
    await eventually(async () => (idsOf(await history(alices, bob.username)).length === 0 ? true : undefined), { what: 'gone for the author' });
  });
});
