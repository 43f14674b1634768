import { describe, expect, it } from '@jest/globals';
import { eventually, type SdkDevice } from '@parley/testkit';
import { proves } from '../conformance/proves.js';
import { expectError } from './envelope.js';
import { stage } from './stage.js';

const on = stage();

interface Entry {
  conversationId: string;
  unReadCount: number;
  isPinned: boolean;
  lastMessage: { msg?: string } | null;
  marks?: number[];
}
const list = async (device: SdkDevice, more = {}): Promise<Entry[]> => (await device.call('getServerConversations', { pageSize: 20, ...more })).data.conversations;
const unread = async (device: SdkDevice, peer: string) => (await list(device)).find((one) => one.conversationId === peer)?.unReadCount;
const untilUnread = (device: SdkDevice, peer: string, count: number) =>
  eventually(async () => ((await unread(device, peer)) === count ? true : undefined), { what: `${count} unread of ${peer}` });
const operation = (name: string, peer: string) => (data: { operation: string; conversationId: string }) => data.operation === name && data.conversationId === peer;

describe('the list of conversations by the official SDK', () => {
  it('has the newest first, with the last message and what is unread, equal on every device after any receipt', async () => {
    const [alice, bob, carol] = [await on.user('alice'), await on.user('bob'), await on.user('carol')];
    const [alices, bobs, carols] = [await on.online(alice), await on.online(bob), await on.online(carol)];
    const second = await on.online(alice, { sdk: 'easemob-websdk' });
    const ids: string[] = [];
    for (let i = 0; i < 3; i++) ids.push(await bobs.sendText(alice.username, `b${i}`));
    await carols.sendText(alice.username, 'c');
    for (const device of [alices, second]) {
      expect((await list(device)).map((one) => [one.conversationId, one.unReadCount, one.lastMessage?.msg])).toEqual([
        [carol.username, 1, 'c'],
        [bob.username, 3, 'b2'],
      ]);
    }
    expect((await list(bobs)).map((one) => [one.conversationId, one.unReadCount])).toEqual([[alice.username, 0]]);

    await alices.send({ type: 'read', chatType: 'singleChat', to: bob.username, id: ids[1] });
    await untilUnread(second, bob.username, 1);
    await second.send({ type: 'channel', chatType: 'singleChat', to: bob.username });
    await untilUnread(alices, bob.username, 0);

    const older = (await alices.call('getConversationlist', { pageNum: 1, pageSize: 10 })).data.channel_infos;
    expect(older.map((one: { channel_id: string; unread_num: number }) => [one.channel_id.includes(carol.username), one.unread_num])).toEqual([[true, 1], [false, 0]]);
    expect((await alices.call('getSessionList')).data.channel_infos).toHaveLength(2);
    const first = await alices.call('getServerConversations', { pageSize: 1 });
    const next = await alices.call('getServerConversations', { pageSize: 1, cursor: first.data.cursor });
    expect([first, next].map((page) => page.data.conversations[0].conversationId)).toEqual([carol.username, bob.username]);
    expect(next.data.cursor).toBe('');
    proves('Conversations', 'getServerConversations', 'getConversationlist', 'getSessionList');
  });

  it('pins, marks and deletes, and tells my other devices, those away too', async () => {
    const [alice, bob, carol] = [await on.user('alice'), await on.user('bob'), await on.user('carol')];
    const [alices, bobs] = [await on.online(alice), await on.online(bob)];
    const second = await on.online(alice);
    const away = await on.online(alice, { sdk: 'easemob-websdk' });
    await away.setOffline(true);
    await alices.sendText(carol.username, 'x');
    await bobs.sendText(alice.username, 'y');

    const target = { conversationId: carol.username, conversationType: 'singleChat' };
    expect((await alices.call('pinConversation', { ...target, isPinned: true })).data).toMatchObject({ isPinned: true, pinnedTime: expect.any(Number) });
    await second.event('onMultiDeviceEvent', operation('pinnedConversation', carol.username));
    const pinned = (await second.call('getServerPinnedConversations', { pageSize: 10 })).data.conversations;
    expect(pinned.map((one: Entry) => [one.conversationId, one.isPinned])).toEqual([[carol.username, true]]);
    await alices.call('pinConversation', { ...target, isPinned: false });
    await second.event('onMultiDeviceEvent', operation('unpinnedConversation', carol.username));

    await alices.call('addConversationMark', { conversations: [target], mark: 3 });
    await second.event('onMultiDeviceEvent', operation('markConversation', carol.username));
    const marked = (await second.call('getServerConversationsByFilter', { pageSize: 10, filter: { mark: 3 } })).data.conversations;
    expect(marked.map((one: Entry) => [one.conversationId, one.marks])).toEqual([[carol.username, [3]]]);
    await alices.call('removeConversationMark', { conversations: [target], mark: 3 });
    await second.event('onMultiDeviceEvent', operation('unMarkConversation', carol.username));
    expect((await second.call('getServerConversationsByFilter', { pageSize: 10, filter: { mark: 3 } })).data.conversations).toEqual([]);

    await alices.call('deleteConversation', { channel: bob.username, chatType: 'singleChat', deleteRoam: true });
    await second.event('onMultiDeviceEvent', operation('deleteConversation', bob.username));
    expect((await list(second)).map((one) => one.conversationId)).toEqual([carol.username]);
    expect((await second.call('getHistoryMessages', { targetId: bob.username, chatType: 'singleChat' })).messages).toEqual([]);
    await bobs.sendText(alice.username, 'again');
    await eventually(async () => ((await list(second))[0]?.lastMessage?.msg === 'again' ? true : undefined), { what: 'the conversation again' });
    expect(await unread(second, bob.username)).toBe(1);

    await away.setOffline(false);
    await away.event('onMultiDeviceEvent', operation('deleteConversation', bob.username), 20_000);
    const operations = (device: SdkDevice) => device.seen('onMultiDeviceEvent').map((data) => data.operation);
    expect(operations(away)).toEqual(operations(second));
    expect(operations(alices)).toEqual([]);
    proves('Conversations', 'getServerPinnedConversations', 'getServerConversationsByFilter', 'pinConversation', 'deleteConversation', 'addConversationMark', 'removeConversationMark',
      ...['pinnedConversation', 'unpinnedConversation', 'deleteConversation', 'markConversation', 'unMarkConversation'].map((one) => `onMultiDeviceEvent ${one}`));
  });

  it('leaves out those in which only a server has written', async () => {
    const [alice, bob] = [await on.user('alice'), await on.user('bob')];
    const bobs = await on.online(bob);
    const { rest } = on.platform;
    await rest.call('POST', '/messages/users', { body: { from: alice.username, to: [bob.username], type: 'txt', body: { msg: 'from a server' } } });
    await bobs.event('onTextMessage');
    expect(await list(bobs)).toEqual([]);
    await bobs.sendText(alice.username, 'hello');
    expect((await list(bobs)).map((one) => [one.conversationId, one.unReadCount])).toEqual([[alice.username, 1]]);
  });
});

describe('the list of conversations over REST', () => {
  const { rest } = on.platform;

  it('refuses what it cannot do, and tells why', async () => {
    const alice = await on.user('alice');
    const gone = (body: unknown) => rest.call('DELETE', `/users/${alice.username}/user_channel`, { body });
    expectError(await gone({ type: 'chat', delete_roam: true }), 400, 'illegal_argument', 'field channel cannot be null or empty');
    expectError(await gone({ channel: 'bob', delete_roam: true }), 400, 'illegal_argument', 'field type cannot be null or empty');
    expectError(await gone({ channel: 'bob', type: 'chat' }), 400, 'illegal_argument', 'field delete_roam cannot be null');
    expect((await gone({ channel: 'bob', type: 'chat', delete_roam: true })).body.data).toEqual({ result: 'ok' });
    const mark = (body: unknown) => rest.call('POST', `/sdk/user/${alice.username}/user_channels/mark`, { body });
    expectError(await mark({ mark: 'mark_20', targets: [{ to: 'bob', type: 'chat' }] }), 400, 'illegal_argument', 'param mark illegal, please check it!');
    expectError(await mark({ targets: [] }), 400, 'illegal_argument', 'param mark must be not empty, please check!');
    const ignored = await mark({ mark: 'mark_1', targets: [{ to: 'nobody-at-all', type: 'chat' }] });
    expect(ignored.body.data).toEqual({ ignore: [{ to: 'nobody-at-all', type: 'chat' }] });
  });
});
