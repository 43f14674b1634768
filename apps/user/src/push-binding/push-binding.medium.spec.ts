import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { requests } from '@parley/bus';
import { accounts, push, user } from '@parley/contracts';
import type { RpcClient } from '@parley/rpc';
import { Backbone, tenantOf } from '@parley/testkit';
import * as userService from '../start.js';

let backbone: Backbone;
let users: RpcClient<typeof user.UserServiceService>;
let account: RpcClient<typeof accounts.AccountServiceService>;
let pushes: RpcClient<typeof push.PushServiceService>;

beforeAll(async () => {
  backbone = await Backbone.start();
  await backbone.settings(() => ({}));
  const service = await backbone.service(userService);
  users = backbone.client(user.UserServiceClient, service);
  account = backbone.client(accounts.AccountServiceClient, service);
  pushes = backbone.client(push.PushServiceClient, service);
}, 60_000);
afterAll(() => backbone?.stop(), 30_000);

/** Each test has an app of its own. */
let appId = 0;
beforeEach(() => {
  appId += 10;
});

const userNamed = (username: string, id = appId) => users.ensureUser({ tenant: tenantOf(id), username, autoCreate: true });
const bind = async (username: string, deviceId: string, deviceToken: string, notifierName = 'apns', { id = appId, tokenEpoch }: { id?: number; tokenEpoch?: number } = {}) =>
  shown((await pushes.setPushBinding({ tenant: tenantOf(id), username, change: { deviceId, deviceToken, notifierName, tokenEpoch } })).bindings);
const bindings = async (username: string, id = appId) => shown((await pushes.listPushBindings({ tenant: tenantOf(id), username })).bindings);
const shown = (all: push.PushBinding[]) => all.map((one) => `${one.deviceId} ${one.notifierName} ${one.deviceToken}`);

describe('a push binding', () => {
  it('is one for each device and certificate; binding again replaces the token', async () => {
    await userNamed('alice');
    await bind('alice', 'phone', 't1');
    await bind('alice', 'phone', 't1');
    await bind('alice', 'phone', 't1', 'fcm');
    await bind('alice', 'tablet', 't2');
    expect(await bind('alice', 'phone', 't3')).toEqual(['phone fcm t1', 'tablet apns t2', 'phone apns t3']);
    expect(await bindings('alice')).toEqual(['phone fcm t1', 'tablet apns t2', 'phone apns t3']);
  });

  it('ends for one certificate by an empty token, for all by an empty name, and ending twice is no error', async () => {
    await userNamed('alice');
    for (const [device, token] of [['phone', 't1'], ['tablet', 't2']] as const) for (const name of ['apns', 'fcm']) await bind('alice', device, token, name);
    for (let i = 0; i < 2; i++) expect(await bind('alice', 'phone', '', 'fcm')).toEqual(['phone apns t1', 'tablet apns t2', 'tablet fcm t2']);
    for (let i = 0; i < 2; i++) expect(await bind('alice', 'tablet', '', '')).toEqual(['phone apns t1']);
  });

  it('follows its token to whoever bound it last: another user, or another device of the same one', async () => {
    await Promise.all([userNamed('alice'), userNamed('bob'), userNamed('alice', appId + 1)]);
    await bind('alice', 'phone', 'shared');
    await bind('alice', 'phone', 'shared', 'fcm');
    await bind('alice', 'phone', 'shared', 'apns', { id: appId + 1 });
    await bind('bob', 'phone', 'shared');
    expect(await bindings('bob')).toEqual(['phone apns shared']);
    expect(await bindings('alice')).toEqual(['phone fcm shared']);
    expect(await bindings('alice', appId + 1)).toEqual(['phone apns shared']);
    expect(await bind('bob', 'renamed', 'shared')).toEqual(['renamed apns shared']);
  });

  it('has one holder when many bind a token at the same moment, and two who swap phones do not wait for each other in a circle', async () => {
    const names = ['a', 'b', 'c', 'd', 'e'];
    await Promise.all(names.map((name) => userNamed(name)));
    await Promise.all(names.flatMap((name) => Array.from({ length: 4 }, () => bind(name, 'phone', 'shared'))));
    expect((await Promise.all(names.map((name) => bindings(name)))).flat()).toEqual(['phone apns shared']);
    for (let round = 0; round < 10; round++) {
      const [one, other] = round % 2 === 0 ? ['t1', 't2'] : ['t2', 't1'];
      await Promise.all([bind('a', 'phone', one!), bind('b', 'phone', other!), bind('c', `x${round}`, one!, 'fcm'), bind('b', 'phone', '', ''), bind('a', 'phone', '', 'fcm')]);
    }
    const held = (await Promise.all(names.map((name) => bindings(name)))).flat().map((one) => one.split(' ').slice(1).join(' '));
    expect(new Set(held).size).toBe(held.length);
  });

  it('gives way when a user has more than 20: the one that was bound longest ago', async () => {
    await userNamed('alice');
    for (let i = 0; i < 20; i++) await bind('alice', `d${i}`, `t${i}`);
    await bind('alice', 'd0', 't0');
    const after = await bind('alice', 'd20', 't20');
    expect(after).toHaveLength(20);
    expect(after).toEqual(expect.arrayContaining(['d0 apns t0', 'd2 apns t2', 'd20 apns t20']));
    expect(after).not.toContain('d1 apns t1');
  });

  it.each([
    ['no device', '', 't', 'apns', 'device_id'],
    ['a device of 256 characters', 'd'.repeat(256), 't', 'apns', 'device_id'],
    ['a control character in the device', 'd\u0000', 't', 'apns', 'device_id'],
    ['a certificate of 129 characters', 'd', 't', 'n'.repeat(129), 'notifier_name'],
    ['a line break in the certificate', 'd', 't', 'a\nb', 'notifier_name'],
    ['a token of 1,025 bytes', 'd', `${'t'.repeat(1_023)}é`, 'apns', 'device_token'],
    ['a control character in the token', 'd', 't\u007f', 'apns', 'device_token'],
  ])('is refused for %s', async (_, device, token, notifier, name) => {
    await userNamed('alice');
    await expect(bind('alice', device, token, notifier)).rejects.toMatchObject({ code: 'push_parameter_invalid', params: { name } });
    expect(await bindings('alice')).toEqual([]);
  });

  it('takes the longest of everything, in any script', async () => {
    await userNamed('alice');
    expect(await bind('alice', '漢'.repeat(255), 't'.repeat(1_024), '漢'.repeat(128))).toHaveLength(1);
  });

  it('needs a user', async () => {
    for (const call of [() => bind('nobody', 'd', 't'), () => bind('nobody', 'd', ''), () => bindings('nobody')]) {
      await expect(call()).rejects.toMatchObject({ code: 'push_user_not_found' });
    }
  });
});

describe('the end of a login', () => {
  const OK = user.SessionVerdict.SESSION_VERDICT_OK;
  let sessions = 0;
  const login = (who: user.User, resource: string, deviceUuid = ''): user.OpenSession => ({
    tenant: tenantOf(appId), userId: who.userId, username: who.username, tokenEpoch: who.tokenEpoch, resource, platform: 'web', deviceUuid, deviceName: '', loginExt: '', sessionId: `s:${++sessions}`,
  });
  const open = async (...logins: user.OpenSession[]) =>
    expect((await backbone.bus.request(requests.openSessions, { sessions: logins })).decisions.map(({ verdict }) => verdict)).toEqual(logins.map(() => OK));
  const close = (session: user.OpenSession, loggedOut: boolean) =>
    backbone.bus.request(requests.closeSessions, { sessions: [{ appId, userId: session.userId, resource: session.resource, sessionId: session.sessionId, loggedOut }] });

  it('by the user himself ends the bindings of that device, which has two names; a lost connection ends none', async () => {
    const alice = await userNamed('alice');
    const [phone, laptop] = [login(alice, 'ios_1', 'uuid-1'), login(alice, 'web_1')];
    await open(phone, laptop);
    for (const device of ['ios_1', 'uuid-1', 'web_1']) await bind('alice', device, device);
    await close(phone, false);
    expect(await bindings('alice')).toHaveLength(3);
    const again = login(alice, 'ios_1', 'uuid-1');
    await open(again);
    await close(phone, true);
    expect(await bindings('alice')).toHaveLength(3);
    await close(again, true);
    expect(await bindings('alice')).toEqual(['web_1 apns web_1']);
  });

  it('by the administrator ends the bindings of that device', async () => {
    const alice = await userNamed('alice');
    await open(login(alice, 'web_1', 'uuid-1'), login(alice, 'web_2', 'uuid-2'));
    for (const device of ['uuid-1', 'web_1', 'web_2']) await bind('alice', device, device);
    await users.disconnect({ tenant: tenantOf(appId), username: 'alice', resource: 'web_1' });
    expect(await bindings('alice')).toEqual(['web_2 apns web_2']);
    await users.disconnect({ tenant: tenantOf(appId), username: 'alice', resource: 'web\u0000_3' });
    expect(await bindings('alice')).toEqual(['web_2 apns web_2']);
  });

  it('by a device beyond the limit ends the bindings of the one that gives way; of a device that comes back they stay', async () => {
    const alice = await userNamed('alice');
    for (const n of [1, 2, 3, 4]) {
      await open(login(alice, `web_${n}`));
      await bind('alice', `web_${n}`, `t${n}`);
    }
    await open(login(alice, 'web_2'));
    expect(await bindings('alice')).toHaveLength(4);
    await open(login(alice, 'web_5'));
    expect(await bindings('alice')).toEqual(['web_2 apns t2', 'web_3 apns t3', 'web_4 apns t4']);
  });

  it.each<[string, (name: string) => Promise<unknown>]>([
    ['a new password', (username) => users.setPassword({ tenant: tenantOf(appId), username, newPassword: 'new' })],
    ['deactivation', (username) => account.setActivated({ tenant: tenantOf(appId), username, activated: false })],
    ['the administrator, everywhere', (username) => users.disconnect({ tenant: tenantOf(appId), username, resource: '' })],
  ])('by %s ends all bindings of the user, and a token of before binds none', async (_, end) => {
    const [alice] = await Promise.all([userNamed('alice'), userNamed('bob')]);
    await bind('alice', 'phone', 't1', 'apns', { tokenEpoch: alice.tokenEpoch });
    await bind('bob', 'phone', 't2');
    await end('alice');
    expect(await bindings('alice')).toEqual([]);
    await expect(bind('alice', 'phone', 't1', 'apns', { tokenEpoch: alice.tokenEpoch })).rejects.toMatchObject({ code: 'unauthorized' });
    await expect(bind('alice', 'phone', 't2', 'apns', { tokenEpoch: alice.tokenEpoch })).rejects.toMatchObject({ code: 'unauthorized' });
    expect(await bindings('alice')).toEqual([]);
    expect(await bindings('bob')).toEqual(['phone apns t2']);
  });

  it('by deletion ends them for good: the next user of the name has none', async () => {
    await userNamed('alice');
    await bind('alice', 'phone', 't1');
    await users.deleteUser({ tenant: tenantOf(appId), username: 'alice' });
    await userNamed('alice');
    expect(await bindings('alice')).toEqual([]);
  });
});

describe('an update of a user', () => {
  it('changes all that it names or nothing', async () => {
    const alice = await userNamed('alice');
    const tenant = tenantOf(appId);
    const pushBinding = { deviceId: 'phone', notifierName: 'apns', deviceToken: 't1', tokenEpoch: alice.tokenEpoch };
    const changed = await account.updateUser({ tenant, username: 'alice', nickname: 'Ada', pushStyle: 1, pushBinding });
    expect(changed).toMatchObject({ nickname: 'Ada', pushStyle: 1, pushBindings: [{ deviceId: 'phone', notifierName: 'apns', deviceToken: 't1' }] });
    await expect(account.updateUser({ tenant, username: 'alice', nickname: 'Eve', pushBinding: { ...pushBinding, tokenEpoch: alice.tokenEpoch + 1 } })).rejects.toMatchObject({ code: 'unauthorized' });
    await expect(account.updateUser({ tenant, username: 'alice', nickname: 'Eve', pushStyle: 2 })).rejects.toMatchObject({ code: 'push_parameter_invalid' });
    expect(await users.getUser({ tenant, username: 'alice' })).toMatchObject(changed);
    expect(await account.updateUser({ tenant, username: 'alice', pushStyle: 0 })).toMatchObject({ nickname: 'Ada', pushStyle: 0, pushBindings: changed.pushBindings });
  });

  it('is seen in a list with everybody\'s own bindings', async () => {
    for (const name of ['a', 'b', 'c']) await userNamed(name);
    await bind('a', 'phone', 't1');
    await bind('a', 'tablet', 't2');
    await bind('c', 'phone', 't3');
    const { users: page } = await users.listUsers({ tenant: tenantOf(appId), limit: 10, cursor: '' });
    expect(page.map((one) => shown(one.pushBindings))).toEqual([['phone apns t1', 'tablet apns t2'], [], ['phone apns t3']]);
  });
});
