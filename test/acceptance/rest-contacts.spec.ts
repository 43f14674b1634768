import { describe, expect, it } from '@jest/globals';
import { givenApp, givenUsers, type RestAnswer, uniqueName } from '@parley/testkit';
import { expectEnvelope, expectError } from './envelope.js';
import { stage } from './stage.js';

const on = stage();
const { rest } = on.platform;
const NOT_FOUND = [404, 'service_resource_not_found', 'Service resource not found'] as const;
const entity = (username: string) => expect.objectContaining({ username, type: 'user', uuid: expect.any(String), activated: true });
const users = async (...prefixes: string[]) => (await givenUsers(on.platform, ...prefixes)).map((one) => one.username);
const add = (owner: string, friend: string) => rest.call('POST', `/users/${owner}/contacts/users/${friend}`);
const all = async (owner: string): Promise<string[]> => (await rest.call('GET', `/users/${owner}/contacts/users`)).body.data;

describe('contacts over REST', () => {
  it('are added for both at once, checked, listed and removed', async () => {
    const [alice, bob, carol] = (await users('alice', 'bob', 'carol')) as [string, string, string];
    const path = `/users/${alice}/contacts/users/${bob}`;
    for (const answer of [await add(alice, bob), await add(alice, bob)]) expectEnvelope(on.platform, answer, 'post', path, { entities: [entity(bob)] });
    const list = `/users/${bob}/contacts/users`;
    expectEnvelope(on.platform, await rest.call('GET', list), 'get', list, { data: [alice], entities: [{ username: alice, remark: null }], count: 1 });
    expect((await rest.call('POST', '/contacts/check', { body: { username: alice, check_list: [bob.toUpperCase(), carol, 'nobody'] } })).body.entities).toEqual([
      { username: bob, relation: 'friend' },
      { username: carol, relation: 'not_friend' },
      { username: 'nobody', relation: 'not_friend' },
    ]);
    for (let i = 0; i < 2; i++) expectEnvelope(on.platform, await rest.call('DELETE', path), 'delete', path, { entities: [entity(bob)] });
    expect([await all(alice), await all(bob)]).toEqual([[], []]);
  });

  it('have remarks, and are read by pages, on both spellings of the path', async () => {
    const [alice, ...friends] = (await users('alice', ...Array.from({ length: 12 }, (_, i) => `f${i}`))) as [string, ...string[]];
    for (const friend of friends) await add(alice, friend);
    for (const way of ['user', 'users']) {
      const answer = await rest.call('PUT', `/${way}/${alice}/contacts/users/${friends[0]}`, { body: { remark: `my ${way}` } });
      expectEnvelope(on.platform, answer, 'put', `/${way}/${alice}/contacts/users/${friends[0]}`, { status: 'ok' });
      const first = await rest.call('GET', `/${way}/${alice}/contacts?needReturnRemark=true`);
      expect(first.body).toMatchObject({ status: 'ok', data: { count: 10, cursor: first.body.cursor }, params: { needReturnRemark: ['true'] } });
      expect(first.body.data.contacts[0]).toEqual({ username: friends[0], remark: `my ${way}` });
      const last = await rest.call('GET', `/${way}/${alice}/contacts?limit=50&cursor=${first.body.cursor}`);
      expect(last.body.data).toEqual({ contacts: friends.slice(10).map((username) => ({ username, remark: null })), count: 2 });
      expect(last.body).not.toHaveProperty('cursor');
    }
    expect((await rest.call('GET', `/users/${alice}/contacts?limit=undefined&cursor=undefined`)).body.data.count).toBe(10);
  });

  it('are imported, each on its own', async () => {
    const [alice, bob, carol] = (await users('alice', 'bob', 'carol')) as [string, string, string];
    const nobody = uniqueName('nobody');
    const path = `/users/${alice}/contacts/import`;
    const answer = await rest.call('POST', `${path}?isSendNotice=true`, { body: { usernames: [bob, nobody, alice, carol] } });
    expectEnvelope(on.platform, answer, 'post', path, { status: 'ok', data: { success: [bob, carol], UnKnowFailed: [alice], NotExistFailed: [nobody], maxLimitFailed: [] } });
    const removed = await rest.call('DELETE', `/contacts/users/${alice}`);
    expectEnvelope(on.platform, removed, 'delete', `/contacts/users/${alice}`, { status: 'ok' });
    expect([await all(alice), await all(bob)]).toEqual([[], []]);
  });

  it('are told to devices at import only when that is wanted', async () => {
    const [alice] = [await on.user('alice')];
    const [bob, carol] = (await users('bob', 'carol')) as [string, string];
    const phone = await on.online(alice);
    await rest.call('POST', `/users/${alice.username}/contacts/import`, { body: { usernames: [bob] } });
    await rest.call('POST', `/users/${alice.username}/contacts/import?isSendNotice=true`, { body: { usernames: [carol] } });
    await phone.event('onContactAdded', (event) => event.from === carol);
    expect(phone.seen('onContactAdded')).toHaveLength(1);
  });

  it('keep to the limits of the app, on both sides', async () => {
    const app = await givenApp(on.platform, { settings: { contactsMost: 1, blocklistMost: 1 } });
    const [alice, bob, carol] = (await givenUsers(app, 'alice', 'bob', 'carol')).map((one) => one.username) as [string, string, string];
    await app.rest.call('POST', `/users/${alice}/contacts/users/${bob}`);
    for (const pair of [[alice, carol], [carol, bob]]) {
      expectError(await app.rest.call('POST', `/users/${pair[0]}/contacts/users/${pair[1]}`), 403, 'exceed_limit', 'user contact number exceed limit');
    }
    expect((await app.rest.call('POST', `/users/${carol}/contacts/import`, { body: { usernames: [bob] } })).body.data.maxLimitFailed).toEqual([bob]);
    const blocks = `/users/${alice}/blocks/users`;
    expectError(await app.rest.call('POST', blocks, { body: { usernames: [bob, carol] } }), 403, 'exceed_limit', 'user blocklist number exceed limit');
    expect((await app.rest.call('GET', blocks)).body.data).toEqual([]);
  });

  describe('refuse', () => {
    const call = (method: string, path: string, body?: unknown) => rest.call(method, path, { body });
    it.each<[string, (alice: string, bob: string) => Promise<RestAnswer>, number, string, string]>([
      ['an unknown friend', (alice) => add(alice, 'no-such-friend'), ...NOT_FOUND],
      ['an unknown owner', (_, bob) => add('no-such-owner', bob), ...NOT_FOUND],
      ['the removal of an unknown friend', (alice) => call('DELETE', `/users/${alice}/contacts/users/no-such-friend`), ...NOT_FOUND],
      ['the list of an unknown user', () => call('GET', '/users/no-such-owner/contacts/users'), ...NOT_FOUND],
      ['the pages of an unknown user', () => call('GET', '/users/no-such-owner/contacts'), ...NOT_FOUND],
      ['the import for an unknown user', (alice) => call('POST', '/users/no-such-owner/contacts/import', { usernames: [alice] }), ...NOT_FOUND],
      ['a remark for who is no contact', (alice, bob) => call('PUT', `/users/${alice}/contacts/users/${bob}`, { remark: 'x' }), 400, 'illegal_argument', 'updateRemark they are not friends, please add as a friend first.'],
      ['a long remark', (alice, bob) => call('PUT', `/user/${alice}/contacts/users/${bob}`, { remark: 'x'.repeat(101) }), 400, 'illegal_argument', 'remark length exceeds limit : 100'],
      ['a long page', (alice) => call('GET', `/users/${alice}/contacts?limit=51`), 400, 'illegal_argument', 'getContacts | page size more than max limit : 50'],
      ['a cursor of contacts that is none', (alice) => call('GET', `/users/${alice}/contacts?cursor=nonsense`), 400, 'illegal_argument', 'cursor: not one of this list'],
      ['a cursor of blocked users that is none', (alice) => call('GET', `/users/${alice}/blocks/users?cursor=nonsense`), 400, 'illegal_argument', 'cursor: not one of this list'],
      ['oneself', (alice) => add(alice, alice.toUpperCase()), 400, 'illegal_argument', 'a user cannot do this to himself'],
      ['an acceptance without invitation', (alice, bob) => call('POST', `/users/${alice}/contacts/accept/users/${bob}`), 404, 'resource_not_found', 'there is no invitation from this user'],
      ['an unknown user to block', (alice) => call('POST', `/users/${alice}/blocks/users`, { usernames: ['no-such-user'] }), ...NOT_FOUND],
      ['an unknown user to unblock', (alice) => call('DELETE', `/users/${alice}/blocks/users/no-such-user`), ...NOT_FOUND],
      ['oneself to block', (alice) => call('POST', `/users/${alice}/blocks/users`, { usernames: [alice] }), 400, 'illegal_argument', 'a user cannot do this to himself'],
    ])('%s', async (_, ask, status, error, description) => {
      const [alice, bob] = (await users('alice', 'bob')) as [string, string];
      expectError(await ask(alice, bob), status, error, description);
      expect([await all(alice), await all(bob)]).toEqual([[], []]);
    });

    it.each([
      ['no names', { usernames: [] }],
      ['eleven names', { usernames: Array.from({ length: 11 }, (_, i) => `u${i}`) }],
      ['a name that is no text', { usernames: [7] }],
      ['no list', { usernames: 'bob' }],
    ])('%s', async (_, body) => {
      const [alice] = (await users('alice')) as [string];
      for (const path of ['apply', 'import']) expectError(await rest.call('POST', `/users/${alice}/contacts/${path}`, { body }), 400, 'illegal_argument', /usernames/);
    });

    it('what only a server may do, to a user; and what is his alone, to others', async () => {
      const [alice, bob] = [await on.user('alice'), await on.user('bob')];
      const token = await rest.userToken(alice.username, alice.password);
      const body = { usernames: [bob.username] };
      for (const [method, path] of [
        ['POST', `/users/${alice.username}/contacts/users/${bob.username}`],
        ['POST', `/users/${alice.username}/contacts/import`],
        ['DELETE', `/contacts/users/${alice.username}`],
        ['POST', `/users/${bob.username}/contacts/apply`],
        ['POST', `/sdk/user/${bob.username}/blocks`],
        ['GET', `/users/${bob.username}/contacts/users`],
      ] as const) {
        expect((await rest.call(method, path, { token, ...(method === 'POST' ? { body } : {}) })).status).toBe(401);
      }
      expect(await all(bob.username)).toEqual([]);
    });
  });
});

describe('block lists over REST', () => {
  it('are added to, read whole and by pages with the latest first, checked and reduced', async () => {
    const [alice, ...others] = (await users('alice', 'b0', 'b1', 'b2')) as [string, string, string, string];
    const path = `/users/${alice}/blocks/users`;
    expectEnvelope(on.platform, await rest.call('POST', path, { body: { usernames: others } }), 'post', path, { data: others });
    expect((await rest.call('POST', path, { body: { usernames: [others[0]] } })).body.data).toEqual([others[0]]);
    const latest = others.toReversed();
    expectEnvelope(on.platform, await rest.call('GET', path), 'get', path, { data: latest, count: 3, params: {} });
    const first = await rest.call('GET', `${path}?pageSize=2`);
    expect(first.body).toMatchObject({ data: latest.slice(0, 2), count: 2 });
    const last = await rest.call('GET', `${path}?pageSize=2&cursor=${first.body.cursor}`);
    expect(last.body).toMatchObject({ data: latest.slice(2), count: 1 });
    expect(last.body).not.toHaveProperty('cursor');
    for (let i = 0; i < 2; i++) {
      expectEnvelope(on.platform, await rest.call('DELETE', `${path}/${others[1]}`), 'delete', `${path}/${others[1]}`, { entities: [entity(others[1]!)] });
    }
    expect((await rest.call('POST', '/blocks/check', { body: { username: alice, check_list: [others[0], others[1]] } })).body.entities).toEqual([
      { username: others[0], relation: 'blacklist' },
      { username: others[1], relation: 'not_blacklist' },
    ]);
  });
});
