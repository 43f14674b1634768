import { beforeAll, describe, expect, it } from '@jest/globals';
import { AdminApi, eventually, givenUsers, operatorUnderTest, type Platform, platformUnderTest, RestClient, SdkDevice, type TestUser, uniqueName } from '@parley/testkit';
import { expectError } from './envelope.js';

const { endpoints } = platformUnderTest();
const nobody = '0b2f9a3e';
let operator: AdminApi;
let org: string;
let app: Platform;
/** As who may read and moderate, and as who may only read. */
let support: AdminApi;
let reader: AdminApi;
let path: string;

beforeAll(async () => {
  operator = await AdminApi.signIn(endpoints.restUrl, operatorUnderTest());
  org = uniqueName('org');
  await operator.call('POST', '/orgs', { name: org, owner_login: 'owner' });
  const name = uniqueName('app');
  path = `/orgs/${org}/apps/${name}`;
  const { body } = await operator.call('POST', `/orgs/${org}/apps`, { app_name: name });
  const at = { ...endpoints, org, app: name, appKey: `${org}#${name}`, clientId: body.app.client_id as string, clientSecret: body.client_secret as string };
  app = { endpoints: at, rest: new RestClient(at) };
  const as = async (role: string) => {
    const made = (await operator.call('POST', `/orgs/${org}/keys`, { label: role, role, apps: [name] })).body;
    return AdminApi.withKey(endpoints.restUrl, made.key.client_id, made.client_secret);
  };
  [support, reader] = [await as('support'), await as('read_only')];
}, 60_000);

/** What the audit log has of a target, oldest first. */
async function acts(target: string): Promise<string[]> {
  const { items } = (await operator.call('GET', `${path}/audit?limit=100`)).body as { items: { act: string; target: string; actor: string; outcome: string }[] };
  return items.filter((one) => one.target === target).map((one) => `${one.act} ${one.outcome}`).toReversed();
}

async function withDevice(user: TestUser, act: (device: SdkDevice) => Promise<void>): Promise<void> {
  const device = await SdkDevice.create(app);
  try {
    await device.open({ user: user.username, pwd: user.password });
    await act(device);
  } finally {
    await device.stop();
  }
}

describe('who supports an app', () => {
  it('reads its users, and what they wrote to each other', async () => {
    const [alice, bob] = (await givenUsers(app, 'alice', 'bob')) as [TestUser, TestUser];
    const ids: string[] = [];
    await withDevice(alice, async (device) => {
      for (const text of ['one', 'two', 'three']) ids.push(await device.sendText(bob.username, text));
      expect((await support.call('GET', `${path}/users/${alice.username}`)).body).toMatchObject({
        username: alice.username,
        activated: true,
        online: true,
        devices: [{ resource: device.resource, device_name: expect.any(String) }],
        mutes: { chat: 0, groupchat: 0, chatroom: 0 },
      });
    });
    for (const api of [support, reader]) {
      const { items } = (await api.call('GET', `${path}/users?limit=100`)).body as { items: { username: string }[] };
      expect(items.map((one) => one.username)).toEqual(expect.arrayContaining([alice.username, bob.username]));
      const messages = `${path}/users/${alice.username.toUpperCase()}/messages?peer=${bob.username}`;
      const first = (await api.call('GET', `${messages}&limit=2`)).body;
      const last = (await api.call('GET', `${messages}&limit=2&cursor=${first.cursor}`)).body;
      expect([...first.items, ...last.items].map((one) => one.message_id)).toEqual(ids.toReversed());
      expect(first.items[0]).toMatchObject({ from: alice.username, to: bob.username, at_ms: expect.any(Number), payload: { bodies: [{ msg: 'three', type: 'txt' }] } });
      expect(last).not.toHaveProperty('cursor');
      expect((await api.call('GET', `${path}/messages/${ids[0]}`)).body).toMatchObject({ message_id: ids[0], state: 'stored', edits: 0, payload: { bodies: [{ msg: 'one' }] } });
    }
    // Who read what people wrote is written down.
    expect(await acts(alice.username)).toEqual(Array.from({ length: 4 }, () => 'messages.read begun'));
  });

  it('mutes, bars, signs out and deletes users, and each act stands in the audit log', async () => {
    const [alice, bob] = (await givenUsers(app, 'alice', 'bob')) as [TestUser, TestUser];
    const user = `${path}/users/${alice.username}`;
    await withDevice(alice, async (device) => {
      expect((await support.call('PUT', `${user}/mutes`, { chat: 600 })).body).toEqual({ done: true });
      await expect(device.sendText(bob.username, 'muted')).rejects.toMatchObject({ type: 219 });
      expect((await support.call('GET', user)).body.mutes.chat).toBeGreaterThan(500);
      await support.call('PUT', `${user}/mutes`, { chat: 0 });
      await device.sendText(bob.username, 'heard again');
      expect((await support.call('DELETE', `${user}/sessions`)).body).toEqual({ done: true });
      await device.event('onError', (error) => error.type === 217);
    });
    expect((await support.call('PUT', `${user}/activation`, { activated: false })).body).toMatchObject({ username: alice.username, activated: false });
    await expect(app.rest.userToken(alice.username, alice.password)).rejects.toThrow('user not activated');
    expect((await support.call('PUT', `${user}/activation`, { activated: true })).body).toMatchObject({ activated: true });
    expect((await support.call('DELETE', user)).body).toMatchObject({ username: alice.username });
    expect((await app.rest.call('GET', `/users/${alice.username}`)).status).toBe(404);
    expectError(await support.call('DELETE', user), 400, 'management', /does not exist/);
    expect(await acts(alice.username)).toEqual([
      'user.muted begun',
      'user.muted begun',
      'user.disconnected begun',
      'user.deactivated begun',
      'user.activated begun',
      'user.deleted begun',
      'user.deleted begun',
      'user.deleted delete_user_not_found',
    ]);
  });

  it('recalls a message from the devices of both sides', async () => {
    const [alice, bob] = (await givenUsers(app, 'alice', 'bob')) as [TestUser, TestUser];
    await withDevice(bob, async (device) => {
      const { body } = await app.rest.call('POST', '/messages/users', { body: { from: alice.username, to: [bob.username], type: 'txt', body: { msg: 'rude' } } });
      const id = body.data[bob.username] as string;
      await device.event('onTextMessage', (one) => one.id === id);
      expect((await support.call('DELETE', `${path}/messages/${id}?reason=rude`)).body).toEqual({ done: true });
      await device.event('onRecallMessage', (one) => one.mid === id);
      await eventually(async () => (await support.call('GET', `${path}/messages/${id}`)).body.state === 'recalled', { what: 'the recall' });
      expect((await acts(id)).filter((one) => !one.startsWith('message.read'))).toEqual(['message.recalled begun']);
      const { items } = (await operator.call('GET', `${path}/audit?act=message.recalled`)).body as { items: { target: string; detail: object }[] };
      expect(items.find((one) => one.target === id)?.detail).toEqual({ reason: 'rude' });
    });
  });

  it('is told what is wrong', async () => {
    const user = `${path}/users/${nobody}`;
    for (const answer of [await support.call('GET', user), await support.call('GET', `${user}/messages?peer=x`), await support.call('PUT', `${user}/activation`, { activated: false }), await support.call('DELETE', `${user}/sessions`)]) {
      expectError(answer, 404, 'service_resource_not_found', 'Service resource not found');
    }
    expectError(await support.call('PUT', `${user}/mutes`, { chat: 1 }), 400, 'required_property_not_found', 'Entity user requires a property named username');
    expectError(await support.call('PUT', `${user}/mutes`, {}), 400, 'illegal_argument', /chat, groupchat and chatroom/);
    expectError(await support.call('PUT', `${user}/activation`, {}), 400, 'illegal_argument', /^activated: /);
    expectError(await support.call('GET', `${user}/messages`), 400, 'illegal_argument', /^peer: /);
    expectError(await support.call('GET', `${path}/users?cursor=nonsense`), 400, 'illegal_argument', 'cursor: not one of this list');
    for (const id of ['x', '0', '99999999999999999999']) expect((await support.call('GET', `${path}/messages/${id}`)).status).toBe(400);
  });
});

describe('who may only read', () => {
  it('changes nothing, and that he tried is written down', async () => {
    const [alice] = (await givenUsers(app, 'alice')) as [TestUser];
    const user = `${path}/users/${alice.username}`;
    for (const [method, at, body] of [
      ['PUT', `${user}/activation`, { activated: false }],
      ['PUT', `${user}/mutes`, { chat: 1 }],
      ['DELETE', `${user}/sessions`, undefined],
      ['DELETE', user, undefined],
      ['DELETE', `${path}/messages/1`, undefined],
    ] as const) {
      expectError(await reader.call(method, at, body), 403, 'forbidden', /app\.moderate/);
    }
    expect((await app.rest.call('GET', `/users/${alice.username}`)).body.entities[0]).toMatchObject({ activated: true });
    const { items } = (await operator.call('GET', `${path}/audit?act=access.refused`)).body as { items: object[] };
    expect(items).toHaveLength(5);
  });
});
