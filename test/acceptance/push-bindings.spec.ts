import { describe, expect, it } from '@jest/globals';
import { eventually, uniqueName } from '@parley/testkit';
import { proves } from '../conformance/proves.js';
import { expectEnvelope, expectError } from './envelope.js';
import { stage } from './stage.js';

const on = stage();
const { rest } = on.platform;
interface Binding {
  device_id: string;
  device_token: string;
  notifier_name: string;
}
const bindings = async (username: string): Promise<Binding[]> => (await rest.call('GET', `/users/${username}/push/binding`)).body.entities;
const bind = (username: string, body: unknown, token?: string) => rest.call('PUT', `/users/${username}/push/binding`, { body, token });
const binding = (device_id: string, device_token = uniqueName('token'), notifier_name = 'fcm') => ({ device_id, device_token, notifier_name });
/** As the user object shows it: the device under the names of the vendor's servers and of its SDKs. */
const inUser = (one: Binding) => ({ ...one, device_Id: one.device_id });

describe.each(['agora-chat', 'easemob-websdk'] as const)('the push token of %s', (sdk) => {
  it('is uploaded for a device, shown by the REST API, and unbound by that device alone', async () => {
    const alice = await on.user('alice');
    const [phone, tablet] = [await on.online(alice, { deviceId: 'phone', sdk }), await on.online(alice, { deviceId: 'tablet', sdk })];
    const [ofPhone, ofTablet] = [binding(phone.resource), binding(tablet.resource)];
    const upload = (one: Binding) => ({ deviceId: one.device_id, deviceToken: one.device_token, notifierName: one.notifier_name });

    const { data } = await phone.call('uploadPushToken', upload(ofPhone));
    expect(data).toMatchObject({ username: alice.username, pushInfo: [inUser(ofPhone)] });
    await tablet.call('uploadPushToken', upload(ofTablet));
    await tablet.call('uploadPushToken', upload(ofTablet));

    expect(await bindings(alice.username)).toEqual([ofPhone, ofTablet]);
    expect((await rest.call('GET', `/users/${alice.username}`)).body.entities[0].pushInfo).toEqual([inUser(ofPhone), inUser(ofTablet)]);

    expect((await phone.call('unbindPushToken')).data).toMatchObject({ username: alice.username, pushInfo: [inUser(ofTablet)] });
    expect(await bindings(alice.username)).toEqual([ofTablet]);
    if (sdk === 'agora-chat') proves('Push token', 'uploadPushToken', 'unbindPushToken');
  });

  it('moves with the phone to the user who logs in on it next', async () => {
    const [alice, bob] = [await on.user('alice'), await on.user('bob')];
    const token = uniqueName('token');
    const alices = await on.online(alice, { deviceId: 'phone', sdk });
    await alices.call('uploadPushToken', { deviceId: alices.resource, deviceToken: token, notifierName: 'fcm' });
    await alices.stop();

    const bobs = await on.online(bob, { deviceId: 'phone', sdk });
    await bobs.call('uploadPushToken', { deviceId: bobs.resource, deviceToken: token, notifierName: 'fcm' });

    expect(await bindings(bob.username)).toEqual([binding(bobs.resource, token)]);
    expect(await bindings(alice.username)).toEqual([]);
  });

  it('outlives a lost connection, and ends when the administrator ends the session', async () => {
    const alice = await on.user('alice');
    const phone = await on.online(alice, { deviceId: 'phone', sdk });
    const bound = binding(phone.resource);
    await bind(alice.username, bound);
    const devices = async () => (await rest.call('GET', `/users/${alice.username}/resources`)).body.data.length;
    await phone.setOffline(true);
    await eventually(async () => (await devices()) === 0, { what: 'the device is gone' });
    expect(await bindings(alice.username)).toEqual([bound]);
    await phone.setOffline(false);
    await eventually(async () => (await devices()) === 1, { what: 'the device is back' });

    await rest.call('DELETE', `/users/${alice.username}/disconnect/${phone.resource}`);

    expect(await bindings(alice.username)).toEqual([]);
    await phone.event('onError', (error) => error.type === 217);
  });
});

describe('a push binding', () => {
  it('ends with the log-out of its device, where the SDK tells of it', async () => {
    const alice = await on.user('alice');
    const phone = await on.online(alice, { deviceId: 'phone', sdk: 'easemob-websdk' });
    const tablet = binding('tablet');
    await bind(alice.username, binding(phone.resource));
    await bind(alice.username, tablet);
    await phone.call('close');
    await eventually(async () => (await bindings(alice.username)).length === 1, { what: 'the binding of the phone has ended' });
    expect(await bindings(alice.username)).toEqual([tablet]);
  });

  it('ends with a new password, on every device', async () => {
    const alice = await on.user('alice');
    await bind(alice.username, binding('phone'));
    await bind(alice.username, binding('tablet'));
    await rest.call('PUT', `/users/${alice.username}/password`, { body: { newpassword: 'changed' } });
    expect(await bindings(alice.username)).toEqual([]);
  });

  it('is set and ended by the tenant as by the user: an empty token for one certificate, an empty name for all', async () => {
    const alice = await on.user('alice');
    const token = await rest.userToken(alice.username, alice.password);
    const [apns, fcm] = [binding('phone', 'token', `apns-${alice.username}`), binding('phone', 'token', `fcm-${alice.username}`)];
    expectEnvelope(on.platform, await bind(alice.username, apns), 'put', `/users/${alice.username}/push/binding`, { entities: [apns], count: 1 });
    expect((await bind(alice.username, fcm, token)).body).toMatchObject({ entities: [apns, fcm], count: 2 });
    expectEnvelope(on.platform, await rest.call('GET', `/users/${alice.username}/push/binding`, { token }), 'get', `/users/${alice.username}/push/binding`, { entities: [apns, fcm], count: 2 });
    expect((await bind(alice.username, { ...apns, device_token: '' })).body.entities).toEqual([fcm]);
    expect((await bind(alice.username, { ...apns, notifier_name: '' }, token)).body).toMatchObject({ entities: [], count: 0 });
  });

  it('is in the list of users, each with his own', async () => {
    const alice = await on.user('alice');
    const bound = binding('phone');
    await bind(alice.username, bound);
    for (let cursor = ''; ; ) {
      const { body } = await rest.call('GET', `/users?limit=100&cursor=${cursor}`);
      const found = body.entities.find((one: { username: string }) => one.username === alice.username);
      if (found) {
        expect(found.pushInfo).toEqual([inUser(bound)]);
        break;
      }
      cursor = body.cursor;
      expect(cursor).toEqual(expect.any(String));
    }
  });

  it('is nobody else\'s affair', async () => {
    const [alice, bob] = [await on.user('alice'), await on.user('bob')];
    const token = await rest.userToken(bob.username, bob.password);
    for (const answer of [await bind(alice.username, binding('phone'), token), await rest.call('GET', `/users/${alice.username}/push/binding`, { token })]) {
      expectError(answer, 401, 'unauthorized', 'Unable to authenticate (OAuth)');
    }
    expect(await bindings(alice.username)).toEqual([]);
  });

  it('needs a user, a device, a certificate and a token, over both paths', async () => {
    const { username } = await on.user();
    const nobody = uniqueName('nobody');
    const invalid = (name: string) => [400, 'IllegalArgumentException', `parameters is invalid : ${name}`] as const;
    for (const path of [`/users/${username}/push/binding`, `/users/${username}`]) {
      const put = (body: unknown) => rest.call('PUT', path, { body });
      expectError(await put({ device_token: 't', notifier_name: 'n' }), ...invalid('device_id'));
      expectError(await put({ device_id: 'd', notifier_name: 'n' }), ...invalid('device_token'));
      expectError(await put({ device_id: 'd', device_token: 't' }), ...invalid('notifier_name'));
      expectError(await put({ device_id: 7, device_token: 't', notifier_name: 'n' }), ...invalid('device_id'));
      expectError(await put({ device_id: '', device_token: 't', notifier_name: 'n' }), ...invalid('device_id'));
      expectError(await put(binding('d', 't'.repeat(1_025))), ...invalid('device_token'));
      expectError(await put(binding('d', 't\u0000')), ...invalid('device_token'));
    }
    expect(await bindings(username)).toEqual([]);
    for (const answer of [await bind(nobody, binding('d')), await rest.call('GET', `/users/${nobody}/push/binding`)]) {
      expectError(answer, 400, 'RequiredPropertyNotFoundException', 'Entity user requires a property named username');
    }
    expectError(await rest.call('PUT', `/users/${nobody}`, { body: binding('d') }), 404, 'service_resource_not_found', 'Service resource not found');
  });
});

describe('how pushes look', () => {
  it('is a style, a nickname and a device in one call, or each alone', async () => {
    const { username } = await on.user();
    const put = (body: unknown) => rest.call('PUT', `/users/${username}`, { body });
    const bound = binding('phone');
    expect((await rest.call('GET', `/users/${username}`)).body.entities[0]).toMatchObject({ notification_display_style: 0, pushInfo: [] });
    expect((await put({ nickname: 'Ada', notification_display_style: 1, ...bound })).body.entities).toEqual([
      expect.objectContaining({ username, nickname: 'Ada', notification_display_style: 1, pushInfo: [inUser(bound)] }),
    ]);
    await put({ notification_display_style: 0 });
    expect((await rest.call('GET', `/users/${username}`)).body.entities[0]).toMatchObject({ nickname: 'Ada', notification_display_style: 0, pushInfo: [inUser(bound)] });
    expectError(await put({ nickname: 'Eve', notification_display_style: 2 }), 400, 'IllegalArgumentException', 'parameters is invalid : notification_display_style');
    for (const body of [{}, { unknown: 1 }]) expect((await put(body)).body).toMatchObject({ error: 'illegal_argument' });
    expect((await rest.call('GET', `/users/${username}`)).body.entities[0].nickname).toBe('Ada');
  });

  it('is a language, through the SDK and the REST API', async () => {
    const alice = await on.user('alice');
    const [phone, laptop] = [await on.online(alice), await on.online(alice, { sdk: 'easemob-websdk' })];
    const path = `/users/${alice.username}/notification/language`;
    expect((await phone.call('getPushPerformLanguage')).data).toEqual({ language: '' });
    expect((await phone.call('setPushPerformLanguage', { language: 'EU' })).data).toEqual({ language: 'EU' });
    for (const device of [phone, laptop]) expect((await device.call('getPushPerformLanguage')).data).toEqual({ language: 'EU' });
    await laptop.call('setPushPerformLanguage', { language: 'zh-Hans' });
    expectEnvelope(on.platform, await rest.call('GET', path), 'get', path, { data: { language: 'zh-Hans' } });
    for (const translationLanguage of ['e n', 'x'.repeat(33), 7]) {
      expectError(await rest.call('PUT', path, { body: { translationLanguage } }), 400, 'IllegalArgumentException', 'parameters is invalid : translationLanguage');
    }
    const nobody = `/users/${uniqueName('nobody')}/notification/language`;
    for (const answer of [await rest.call('GET', nobody), await rest.call('PUT', nobody, { body: { translationLanguage: 'en' } })]) {
      expectError(answer, 400, 'RequiredPropertyNotFoundException', 'Entity user requires a property named username');
    }
    proves('Do not disturb', 'setPushPerformLanguage', 'getPushPerformLanguage');
  });

  it('is the nickname of many users at once, all or none; unknown users are left out', async () => {
    const [alice, bob] = [(await on.user('alice')).username, (await on.user('bob')).username];
    const nobody = uniqueName('nobody');
    const put = (body: unknown, token?: string) => rest.call('PUT', '/push/nickname', { body, token });
    const named = (username: string, push_nickname: string) => ({ username, push_nickname });
    const nickname = async (username: string) => (await rest.call('GET', `/users/${username}`)).body.entities[0].nickname;

    const answer = await put([named(alice.toUpperCase(), 'early'), named(nobody, 'N'), named(bob, 'B'), named(alice, 'A')]);

    expectEnvelope(on.platform, answer, 'put', '/push/nickname', { entities: [named(alice, 'A'), named(bob, 'B')] });
    expect([await nickname(alice), await nickname(bob)]).toEqual(['A', 'B']);
    expectError(await put([named(alice, 'C'), named(bob, 'b'.repeat(101))]), 400, 'illegal_argument', `${bob} push nickname length exceeds the limit`);
    for (const body of [[], {}, undefined]) expectError(await put(body), 400, 'illegal_argument', 'put user push nicknames illegal empty request body');
    expectError(await put(Array.from({ length: 51 }, () => named(alice, 'C'))), 400, 'illegal_argument', 'put user push nicknames exceeds the limit');
    expect((await put([{ username: alice }])).body).toMatchObject({ error: 'illegal_argument' });
    const user = await on.user('eve');
    expectError(await put([named(alice, 'C')], await rest.userToken(user.username, user.password)), 401, 'unauthorized', 'Unable to authenticate (OAuth)');
    expect(await nickname(alice)).toBe('A');
    await put([named(alice, '')]);
    expect(await nickname(alice)).toBeUndefined();
  });
});
