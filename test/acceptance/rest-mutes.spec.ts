import { describe, expect, it } from '@jest/globals';
import { givenApp, givenUsers, uniqueName } from '@parley/testkit';
import { proves } from '../conformance/proves.js';
import { expectEnvelope, expectError } from './envelope.js';
import { stage } from './stage.js';

const on = stage();
const { rest } = on.platform;
const set = (body: unknown) => rest.call('POST', '/mutes', { body });
const get = (username: string) => rest.call('GET', `/mutes/${username}`);

describe('global mutes', () => {
  it('are set for each kind, told with what is left, and undone', async () => {
    const { username } = await on.user();
    expectEnvelope(on.platform, await set({ username, chat: 100, groupchat: -1 }), 'post', '/mutes', { data: { result: 'ok' } });
    const { data } = (await get(username)).body;
    const { org, app } = on.platform.endpoints;
    expect(data).toEqual({ userid: `${org}#${app}_${username}`, chat: expect.any(Number), groupchat: -1, chatroom: 0, unixtime: expect.any(Number) });
    expect(data.chat).toBeGreaterThan(60);
    expect(data.chat).toBeLessThanOrEqual(100);
    await set({ username, groupchat: 0, chatroom: 2_147_483_647 });
    expect((await get(username)).body.data).toMatchObject({ chat: expect.any(Number), groupchat: 0 });
    expect((await get(username)).body.data.chatroom).toBeGreaterThan(2_147_480_000);
  });

  it('are listed in pages, one item for each user and kind', async () => {
    // An app of its own: pages are counted from the first, and mutes that others set or undo would shift them.
    const own = await givenApp(on.platform);
    const [one, other] = (await givenUsers(own, 'one', 'other')).map(({ username }) => username);
    await own.rest.call('POST', '/mutes', { body: { username: one, chat: 50, chatroom: -1 } });
    await own.rest.call('POST', '/mutes', { body: { username: other, groupchat: -1 } });
    const seen: Record<string, unknown>[] = [];
    for (let pageNum = 1; ; pageNum++) {
      const { status, body } = await own.rest.call('GET', `/mutes?pageNum=${pageNum}&pageSize=2`);
      expect(status).toBe(200);
      expect(body.data.data.length).toBeLessThanOrEqual(2);
      seen.push(...body.data.data);
      if (body.data.data.length < 2) break;
    }
    expect(seen).toEqual([
      { username: one, chat: expect.any(Number) },
      { username: one, chatroom: -1 },
      { username: other, groupchat: -1 },
    ]);
  });

  it('stop what the user sends, from all his devices, at once and until they are undone; not what REST sends', async () => {
    const [alice, bob] = [await on.user('alice'), await on.user('bob')];
    const [phone, laptop, bobs] = [await on.online(alice, { deviceId: 'phone' }), await on.online(alice, { deviceId: 'laptop', sdk: 'easemob-websdk' }), await on.online(bob)];
    const before = await phone.sendText(bob.username, 'before');

    await set({ username: alice.username, chat: 3_600 });

    for (const device of [phone, laptop]) await expect(device.sendText(bob.username, 'muted')).rejects.toMatchObject({ type: 219 });
    const back = await bobs.sendText(alice.username, 'she hears');
    await phone.event('onTextMessage', (one) => one.id === back);
    const sent = await rest.call('POST', '/messages/users', { body: { from: alice.username, to: [bob.username], type: 'txt', body: { msg: 'by the tenant' } } });
    expect(sent.status).toBe(200);
    await set({ username: alice.username, chat: 0 });
    const after = await phone.sendText(bob.username, 'after');

    await bobs.event('onTextMessage', (one) => one.id === after);
    expect(bobs.seen('onTextMessage').map((one) => one.id)).toEqual([before, sent.body.data[bob.username], after]);
    proves('Send errors', '219 user is mute');
  });

  it('go with the user: another one of his name may speak', async () => {
    const user = await on.user();
    await set({ username: user.username, chat: -1 });
    await rest.call('DELETE', `/users/${user.username}`);
    await rest.call('POST', '/users', { body: user });
    expect((await get(user.username)).body.data).toMatchObject({ chat: 0, groupchat: 0, chatroom: 0 });
  });

  it('need a user, a kind, and seconds that are some', async () => {
    const { username } = await on.user();
    const unknown = [await set({ username: uniqueName('nobody'), chat: 1 }), await get(uniqueName('nobody'))];
    for (const answer of unknown) expectError(answer, 400, 'required_property_not_found', 'Entity user requires a property named username');
    for (const body of [{ username }, { username, chat: -2 }, { username, chat: 2_147_483_648 }, { username, chat: 1.5 }, { username, chat: 'long' }]) {
      expect((await set(body)).status).toBe(400);
    }
    for (const query of ['pageNum=0', 'pageSize=51', 'pageSize=0', 'pageNum=x']) expect((await rest.call('GET', `/mutes?${query}`)).status).toBe(400);
    const token = await rest.userToken((await on.user()).username, 'wrong').catch(() => 'rubbish');
    expect((await rest.call('POST', '/mutes', { body: { username, chat: 1 }, token })).status).toBe(401);
  });

  it('are the tenant\'s affair: no user sets or sees them', async () => {
    const alice = await on.user('alice');
    const token = await rest.userToken(alice.username, alice.password);
    for (const [method, path] of [['POST', '/mutes'], ['GET', '/mutes'], ['GET', `/mutes/${alice.username}`]] as const) {
      const body = method === 'POST' ? { username: alice.username, chat: 0 } : undefined;
      expectError(await rest.call(method, path, { body, token }), 401, 'unauthorized', 'Unable to authenticate (OAuth)');
    }
  });
});
