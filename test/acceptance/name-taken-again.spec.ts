import { describe, expect, it } from '@jest/globals';
import { eventually, type SdkDevice, type TestUser } from '@parley/testkit';
import { stage } from './stage.js';

const on = stage();
const { rest } = on.platform;

const ok = async (method: string, path: string, body?: unknown, token?: string) => {
  const answer = await rest.call(method, path, { body, token });
  expect({ method, path, status: answer.status, error: answer.body.error }).toEqual({ method, path, status: 200, error: undefined });
  return answer.body;
};
/** Deletes the user and registers another one of the same name. */
async function another(user: TestUser): Promise<TestUser> {
  await ok('DELETE', `/users/${user.username}`);
  await ok('POST', '/users', { ...user, password: 'another secret' });
  return { ...user, password: 'another secret' };
}
const history = async (device: SdkDevice, peer: TestUser) =>
  (await device.call('getHistoryMessages', { targetId: peer.username, chatType: 'singleChat', pageSize: 50 })).messages.map((one: { id: string }) => one.id);
const conversations = async (device: SdkDevice) => (await device.call('getServerConversations', { pageSize: 20 })).data.conversations;
const presence = async (device: SdkDevice) => (await device.call('getSubscribedPresenceList', { pageNum: 1, pageSize: 10 })).result.totalnum;

describe('who takes the name of a deleted user', () => {
  it('finds nothing that was his: not with others, not with himself, not among messages', async () => {
    const [alice, bob, carol, dave] = [await on.user('alice'), await on.user('bob'), await on.user('carol'), await on.user('dave')];
    const [alices, bobs, carols] = [await on.online(alice, { deviceId: 'phone' }), await on.online(bob), await on.online(carol)];
    const path = `/users/${alice.username}`;
    const pair = { conversationId: bob.username, conversationType: 'singleChat' };
    // Relations of every kind, both ways.
    await ok('POST', `${path}/contacts/users/${bob.username}`);
    await ok('PUT', `${path}/contacts/users/${bob.username}`, { remark: 'Bobby' });
    await carols.call('addContact', alice.username, 'please');
    await ok('POST', `${path}/blocks/users`, { usernames: [carol.username] });
    await ok('POST', `/users/${dave.username}/blocks/users`, { usernames: [alice.username] });
    await alices.call('subscribePresence', { usernames: [bob.username], expiry: 3_600 });
    await bobs.call('subscribePresence', { usernames: [alice.username], expiry: 3_600 });
    // What she said of herself, and what was said of her.
    await alices.call('updateUserInfo', { nickname: 'Ada', sign: 'hello' });
    await ok('PUT', path, { nickname: 'Countess' });
    await alices.call('publishPresence', { description: 'in a meeting' });
    await ok('POST', '/mutes', { username: alice.username, groupchat: -1, chatroom: 3_600 });
    // Messages, and what she did to them.
    const hers = await alices.sendText(bob.username, 'hers');
    const his = await bobs.sendText(alice.username, 'his');
    await alices.event('onTextMessage', (one) => one.id === his);
    await alices.call('addReaction', { messageId: his, reaction: 'smile' });
    await alices.call('pinMessage', { ...pair, messageId: his });
    await alices.call('pinConversation', { ...pair, isPinned: true });
    await alices.call('addConversationMark', { conversations: [pair], mark: 3 });
    await alices.call('close');
    const waiting = await bobs.sendText(alice.username, 'waits');

    const reborn = await another(alice);

    const fresh = await on.online(reborn, { deviceId: 'phone' });
    await fresh.event('onConnected');
    const token = await rest.userToken(reborn.username, reborn.password);
    expect((await fresh.call('getContacts')).data).toEqual([]);
    expect((await fresh.call('getBlocklist')).data).toEqual([]);
    expect(await presence(fresh)).toBe('0');
    expect(await conversations(fresh)).toEqual([]);
    expect((await fresh.call('getServerPinnedConversations', { pageSize: 20 })).data.conversations).toEqual([]);
    expect(await history(fresh, bob)).toEqual([]);
    expect((await fresh.call('fetchUserInfoById', [alice.username])).data).toEqual({ [alice.username]: {} });
    expect((await ok('GET', path)).entities[0]).not.toHaveProperty('nickname');
    expect((await ok('GET', `${path}/resources`)).data).toEqual([expect.objectContaining({ res: fresh.resource })]);
    expect((await ok('GET', `${path}/offline_msg_count`)).data).toEqual({ [alice.username]: 0 });
    expect((await ok('GET', `/mutes/${alice.username}`)).data).toMatchObject({ chat: 0, groupchat: 0, chatroom: 0 });
    expect((await ok('POST', `/users/${bob.username}/presence`, { usernames: [alice.username] })).result[0]).toMatchObject({ ext: '', status: { [fresh.resource]: '1' } });
    // Nor do others have him, or find him barred.
    expect((await ok('GET', `/users/${bob.username}/contacts/users`)).data).toEqual([]);
    expect((await ok('GET', `/users/${dave.username}/blocks/users`)).data).toEqual([]);
    expect(await presence(bobs)).toBe('0');
    expect((await rest.call('POST', `${path}/contacts/accept/users/${carol.username}`, { token })).status).toBe(404);
    const toDave = await fresh.sendText(dave.username, 'not barred');
    await (await on.online(dave)).event('onTextMessage', (one) => one.id === toDave);
    const fromCarol = await carols.sendText(alice.username, 'not barred either');
    await fresh.event('onTextMessage', (one) => one.id === fromCarol);

    // The old messages are bob's alone now, as they were.
    for (const mid of [hers, his, waiting]) {
      await expect(fresh.call('recallMessage', { mid, to: bob.username, chatType: 'singleChat' })).rejects.toMatchObject({ type: expect.any(Number) });
      await expect(fresh.call('addReaction', { messageId: mid, reaction: 'angry' })).rejects.toMatchObject({ type: expect.any(Number) });
      await expect(fresh.call('pinMessage', { ...pair, messageId: mid })).rejects.toMatchObject({ type: expect.any(Number) });
    }
    await expect(fresh.modify(hers, { type: 'txt', chatType: 'singleChat', to: bob.username, msg: 'changed' })).rejects.toMatchObject({ type: expect.any(Number) });
    await expect(fresh.call('deleteReaction', { messageId: his, reaction: 'smile' })).rejects.toMatchObject({ type: expect.any(Number) });
    expect(await history(bobs, alice)).toEqual([waiting, his, hers]);
    expect((await bobs.call('getReactionList', { chatType: 'singleChat', messageId: [his] })).data[0].reactionList[0]).toMatchObject({ reaction: 'smile', count: 1 });
    expect(fresh.seen('onTextMessage').map((one) => one.id)).toEqual([fromCarol]);
    expect(fresh.events.filter(({ name }) => /^onContact|^onMultiDevice|^onMessagePin|^onReaction|^onPresence/.test(name))).toEqual([]);
  });

  it('does not go on with his uploads, nor gets a secret of his files', async () => {
    const alice = await on.user('alice');
    const of = async (user: TestUser) => ({ authorization: `Bearer ${await rest.userToken(user.username, user.password)}` });
    const [hers, parts] = [await of(alice), `${rest.base}/sdk/chatfiles/part-upload`];
    const begin = async () => ((await (await fetch(parts, { method: 'POST', headers: hers })).json()) as { entities: { uuid: string }[] }).entities[0]!.uuid;
    const put = (id: string, headers: Record<string, string>) => {
      const form = new FormData();
      form.append('part_number', '1');
      form.append('part_file', new Blob(['nobody else reads this']));
      return fetch(`${parts}/${id}`, { method: 'PUT', body: form, headers });
    };
    const complete = (id: string, headers: Record<string, string>) => fetch(`${parts}/${id}?restrict-access=true`, { method: 'POST', headers });
    const [done, begun] = [await begin(), await begin()];
    expect((await put(done, hers)).status).toBe(200);
    const file = (await (await complete(done, hers)).json()) as { entities: { 'share-secret': string }[] };
    expect((await put(begun, hers)).status).toBe(200);

    const his = await of(await another(alice));

    expect([(await put(begun, his)).status, (await complete(begun, his)).status, (await complete(done, his)).status]).toEqual([404, 404, 404]);
    // Whoever was given the secret has it still.
    expect((await fetch(`${rest.base}/chatfiles/${done}?share-secret=${file.entities[0]!['share-secret']}`)).status).toBe(200);
  });

  it('gets what is sent to the name from the moment that he has it', async () => {
    const [alice, bob] = [await on.user('alice'), await on.user('bob')];
    const bobs = [await on.online(bob), await on.online(bob, { gateway: 1 })];
    let now = alice;
    for (let round = 0; round < 5; round++) {
      // The name is known everywhere by then.
      for (const device of bobs) await device.sendText(now.username, 'to the one before');
      now = await another(now);
      const ids = await Promise.all(bobs.map((device) => device.sendText(now.username, `round ${round}`)));
      const { data } = await ok('POST', '/messages/users', { from: bob.username, to: [now.username], type: 'txt', body: { msg: 'by REST' } });
      ids.push(data[now.username]);
      const device = await on.online(now, { deviceId: `round${round}` });
      await eventually(() => device.seen('onTextMessage').length >= ids.length, { what: 'all messages' });
      expect(device.seen('onTextMessage').map((one) => one.id).toSorted()).toEqual(ids.toSorted());
    }
  });
});
