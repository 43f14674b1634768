import { describe, expect, it } from '@jest/globals';
import type { client } from '@parley/msync';
import { eventually, givenApp, givenUsers, never, type RawClient, type SdkDevice, type TestUser, uniqueName } from '@parley/testkit';
import { proves } from '../conformance/proves.js';
import { expectError } from './envelope.js';
import { stage } from './stage.js';

const on = stage();
const { rest } = on.platform;

const devices = (value: { statusDetails: { device: string; status: number }[] }) =>
  Object.fromEntries(value.statusDetails.map(({ device, status }) => [device, status]));
/** What a device was told of a user, in order. */
const toldOf = (device: SdkDevice, user: TestUser) =>
  device.seen('onPresenceStatusChange').flatMap((values) => values as { userId: string; ext: string; statusDetails: { device: string; status: number }[] }[]).filter((one) => one.userId === user.username);
const heard = (device: SdkDevice, user: TestUser, matches: (value: ReturnType<typeof toldOf>[number]) => boolean) =>
  eventually(() => toldOf(device, user).some(matches), { what: `presence of ${user.username} at ${device.resource}` });
const state = async (asker: TestUser, ...users: string[]) =>
  (await rest.call('POST', `/users/${asker.username}/presence`, { body: { usernames: users } })).body.result;

describe('presence through the SDK', () => {
  it('tells every device of those who watch: coming, a text and status of one\'s own, going', async () => {
    const [alice, bob] = [await on.user('alice'), await on.user('bob')];
    const [phone, laptop] = [await on.online(bob, { deviceId: 'phone' }), await on.online(bob, { deviceId: 'laptop', gateway: 1, sdk: 'easemob-websdk' })];
    const subscribed = await phone.call('subscribePresence', { usernames: [alice.username], expiry: 3_600 });
    expect(subscribed.result).toEqual([expect.objectContaining({ uid: alice.username, ext: '', status: {}, last_time: '0' })]);

    const alices = await on.online(alice, { deviceId: 'desk' });
    for (const device of [phone, laptop]) await heard(device, alice, (one) => devices(one)[alices.resource] === 1);
    await alices.call('publishPresence', { description: 'in a meeting' });
    for (const device of [phone, laptop]) await heard(device, alice, (one) => one.ext === 'in a meeting');
    await rest.call('POST', `/users/${alice.username}/presence/${alices.resource}/7`, { body: { ext: 'busy' } });
    for (const device of [phone, laptop]) await heard(device, alice, (one) => one.ext === 'busy' && devices(one)[alices.resource] === 7);

    const fresh = await on.online(bob, { deviceId: 'fresh' });
    await laptop.setOffline(true);
    await laptop.event('onReconnecting');
    await laptop.setOffline(false);
    await eventually(() => laptop.seen('onConnected').length > 1, { what: 'the laptop is back' });
    const asked = await Promise.all([phone, laptop, fresh].map(async (device) => (await device.call('getPresenceStatus', { usernames: [alice.username] })).result));
    expect(asked[0]).toEqual([expect.objectContaining({ uid: alice.username, ext: 'busy', status: { [alices.resource]: '7' } })]);
    expect(asked).toEqual([asked[0], asked[0], asked[0]]);

    await alices.call('close');
    for (const device of [phone, laptop, fresh]) await heard(device, alice, (one) => devices(one)[alices.resource] === 0);
    expect(alices.seen('onPresenceStatusChange')).toEqual([]);
    proves('Presence', 'publishPresence', 'subscribePresence', 'getPresenceStatus', 'onPresenceStatusChange');
  });

  it('lists whom one watches, and stops', async () => {
    const [alice, bob] = [await on.user('alice'), await on.user('bob')];
    const bobs = await on.online(bob);
    await bobs.call('subscribePresence', { usernames: [alice.username], expiry: 60 });
    const listed = await bobs.call('getSubscribedPresenceList', { pageNum: 1, pageSize: 10 });
    expect(listed.result).toEqual({ totalnum: '1', sublist: [{ uid: alice.username, expiry: expect.stringMatching(/^\d{10}$/) }] });

    await bobs.call('unsubscribePresence', { usernames: [alice.username] });

    expect((await bobs.call('getSubscribedPresenceList', { pageNum: 1, pageSize: 10 })).result).toEqual({ totalnum: '0', sublist: [] });
    const alices = await on.online(alice);
    await alices.call('publishPresence', { description: 'anybody?' });
    await never(() => toldOf(bobs, alice).length > 0, 1_500, 'somebody who no longer watches heard');
    proves('Presence', 'unsubscribePresence', 'getSubscribedPresenceList');
  });

  it('says that a deleted user is gone, and forgets who watched him', async () => {
    const [alice, bob] = [await on.user('alice'), await on.user('bob')];
    const [alices, bobs] = [await on.online(alice), await on.online(bob)];
    await bobs.call('subscribePresence', { usernames: [alice.username], expiry: 60 });
    await rest.call('DELETE', `/users/${alice.username}`);
    await heard(bobs, alice, (one) => devices(one)[alices.resource] === 0);
    await rest.call('POST', '/users', { body: alice });
    expect((await bobs.call('getSubscribedPresenceList', { pageNum: 1, pageSize: 10 })).result.totalnum).toBe('0');
  });
});

describe('presence over REST', () => {
  it('knows unknown users as having no device, and what a server published for a device that never signs in', async () => {
    const [bot, bob] = [await on.user('bot'), await on.user('bob')];
    const nobody = uniqueName('nobody');
    const answer = await rest.call('POST', `/users/${bob.username}/presence/100`, { body: { usernames: [bot.username.toUpperCase(), nobody] } });
    expect({ status: answer.status, body: answer.body }).toEqual({
      status: 200,
      body: {
        result: [
          { uid: bot.username, last_time: '0', expiry: expect.stringMatching(/^\d{10}$/), ext: '', status: {} },
          { uid: nobody, last_time: '0', ext: '', status: {} },
        ],
      },
    });
    expect((await rest.call('POST', `/users/${bot.username}/presence/server_1/1`, { body: { ext: '' } })).body).toEqual({ result: 'ok' });
    expect(await state(bob, bot.username)).toEqual([expect.objectContaining({ status: { server_1: '1' }, ext: '' })]);
  });

  it('unsubscribes by an array and by an object', async () => {
    const [a, b, bob] = [await on.user(), await on.user(), await on.user()];
    await rest.call('POST', `/users/${bob.username}/presence/100`, { body: { usernames: [a.username, b.username] } });
    expect((await rest.call('DELETE', `/users/${bob.username}/presence`, { body: [a.username] })).body).toEqual({ result: 'ok' });
    expect((await rest.call('DELETE', `/users/${bob.username}/presence`, { body: { users: [b.username] } })).body).toEqual({ result: 'ok' });
    expect((await rest.call('GET', `/users/${bob.username}/presence/sublist?pageNum=1&pageSize=1`)).body.result).toEqual({ totalnum: '0', sublist: [] });
  });

  it('is served only where the app wants it', async () => {
    const app = await givenApp(on.platform, { settings: { presenceEnabled: false } });
    const [bob, alice] = (await givenUsers(app, 'bob', 'alice')).map((one) => one.username) as [string, string];
    for (const [method, path, body] of [
      ['POST', '/phone/1', { ext: '' }],
      ['POST', '/100', { usernames: [alice] }],
      ['POST', '', { usernames: [alice] }],
      ['DELETE', '', [alice]],
      ['GET', '/sublist', undefined],
    ] as const) {
      const refused = await app.rest.call(method, `/users/${bob}/presence${path}`, { body });
      expect(refused).toMatchObject({ status: 400, body: { error: 'service open exception', error_description: 'the app not open presence' } });
    }
  });

  it('refuses in the documented words', async () => {
    const { username } = await on.user();
    const post = (path: string, body: unknown, token?: string) => rest.call('POST', `/users/${username}/presence${path}`, { body, token });
    const many = Array.from({ length: 101 }, (_, i) => `user${i}`);
    expectError(await post('/phone/1', {}), 400, 'illegal_argument', 'ext cannot be null');
    expectError(await post('/phone/1', { ext: null }), 400, 'illegal_argument', 'ext cannot be null');
    expectError(await post('/phone/1', { ext: '你'.repeat(342) }), 400, 'illegal_argument', 'ext is too big ');
    expectError(await post('/phone/busy', { ext: '' }), 400, 'illegal_argument', /^status: /);
    expectError(await post('/100', { usernames: [] }), 400, 'illegal_argument', 'usernames is empty');
    expectError(await post('/100', { usernames: many }), 400, 'illegal_argument', 'too many sub presence');
    expectError(await post('/100', { usernames: [username] }), 400, 'illegal_argument', "you can't sub yourself");
    for (const expiry of ['0', '2592001', 'long']) expectError(await post(`/${expiry}`, { usernames: ['x'] }), 400, 'illegal_argument', /^expiry: /);
    expectError(await post('', { usernames: many }), 400, 'illegal_argument', 'too many get presences');
    const remove = (body: unknown) => rest.call('DELETE', `/users/${username}/presence`, { body });
    expectError(await remove({}), 400, 'illegal_argument', 'usernames cannot be null');
    expectError(await remove(many), 400, 'illegal_argument', 'too many unsub presences');
    expect((await rest.call('GET', `/users/${username}/presence/sublist?pageNum=0`)).status).toBe(400);
    expect((await rest.call('GET', `/users/${username}/presence/sublist?pageSize=501`)).status).toBe(400);
    expectError(await rest.call('POST', `/users/${uniqueName('nobody')}/presence`, { body: { usernames: ['x'] } }), 404, 'service_resource_not_found', 'Service resource not found');
    const other = await on.user();
    const token = await rest.userToken(other.username, other.password);
    expectError(await post('/phone/1', { ext: '' }, token), 401, 'unauthorized', 'Unable to authenticate (OAuth)');
  });
});

describe('a reconnect storm', () => {
  const USERS = 50;
  const DEVICES = 4;
  const GRACE_MS = 5_000;

  it('is no news: of 200 connections that break and come back in time, those who watch hear nothing', async () => {
    const bob = await on.user('bob');
    const watcher = await on.rawOnline(bob);
    const users = await Promise.all(
      Array.from({ length: USERS }, async () => {
        const username = uniqueName('storm');
        const grant = { grant_type: 'inherit', username, autoCreateUser: true };
        return { username, password: '', token: (await rest.call('POST', '/token', { body: grant })).body.access_token as string };
      }),
    );
    const connect = () =>
      Promise.all(
        users.flatMap((user) =>
          Array.from({ length: DEVICES }, (_, i) => on.rawOnline(user, { token: user.token, resource: `webim_web_${i}`, gateway: i })),
        ),
      );
    const first = await connect();
    await rest.call('POST', `/users/${bob.username}/presence/3600`, { body: { usernames: users.map((user) => user.username) } });
    const there = Object.fromEntries(Array.from({ length: DEVICES }, (_, i) => [`webim_web_${i}`, '1']));
    expect((await state(bob, users[0]!.username))[0].status).toEqual(there);

    const brokeAt = performance.now();
    for (const raw of first) raw.terminate();
    await connect();
    // On a slow machine some come back later than the grace, and are told as gone and back: one news of each user a second, whatever the storm.
    const inTime = performance.now() - brokeAt < GRACE_MS - 1_000;
    const most = () => (inTime ? 0 : USERS * (1 + Math.floor((performance.now() - brokeAt) / 1_000)));

    await rest.call('POST', `/users/${users[0]!.username}/presence/webim_web_0/5`, { body: { ext: 'after the storm' } });
    await eventually(() => presenceMetas(watcher).some((one) => one.ext === 'after the storm'), { what: 'the watcher hears' });
    const storm = () => presenceMetas(watcher).filter((one) => one.ext !== 'after the storm');
    await never(() => storm().length > most(), Math.max(0, GRACE_MS + 3_000 - (performance.now() - brokeAt)), 'the storm was told');
    expect(storm().length).toBeLessThanOrEqual(most());
    expect(presenceMetas(watcher)).toContainEqual(expect.objectContaining({ uid: users[0]!.username, status: { ...oneAll(DEVICES), webim_web_0: 5 } }));
    expect((await state(bob, users[1]!.username))[0].status).toEqual(there);
  });
});

function oneAll(count: number): Record<string, number> {
  return Object.fromEntries(Array.from({ length: count }, (_, i) => [`webim_web_${i}`, 1]));
}

/** What the client was told of presence. */
function presenceMetas(raw: RawClient): { uid: string; ext: string; status: Record<string, number> }[] {
  return raw.frames.flatMap((frame: client.Downlink) =>
    (frame.sync?.metas ?? []).filter((meta) => meta.ns === 5).flatMap((meta) => JSON.parse(Buffer.from(meta.payload).toString()).data.values),
  );
}
