import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { type Bus, eventSubjects, requests } from '@parley/bus';
import { type events, type Tenant, tokenOwner, user } from '@parley/contracts';
import type { RpcClient } from '@parley/rpc';
import { code, person, UserServiceUnderTest } from '../testing.fixture.js';

const the = new UserServiceUnderTest();
const { register, edgesOf, login, open } = the;
let bus: Bus;
let users: UserServiceUnderTest['users'];
let owners: RpcClient<typeof tokenOwner.TokenOwnerServiceService>;
let appId: number;
let tenant: Tenant;

beforeAll(async () => {
  await the.start();
  ({ bus, users } = the);
  owners = the.backbone.client(tokenOwner.TokenOwnerServiceClient, the.service);
}, 60_000);
afterAll(() => the.stop(), 30_000);
beforeEach(() => {
  the.nextApp();
  ({ appId, tenant } = the);
});

const { SESSION_VERDICT_OK: OK, SESSION_VERDICT_USER_NOT_FOUND, SESSION_VERDICT_TOKEN_REVOKED } = user.SessionVerdict;

describe('registering', () => {
  it('a single user stores the name in lower case and answers the user', async () => {
    const { created } = await users.registerUsers({ tenant, users: [{ ...person('Alice'), nickname: 'Al' }], single: true });
    expect(created).toMatchObject([{ username: 'alice', nickname: 'Al', activated: true, tokenEpoch: 0 }]);
    expect(await users.getUser({ tenant, username: 'ALICE' })).toEqual(created[0]);
  });

  it('a name that is taken is an error for a single user, with the app and the name', async () => {
    await register('alice');
    const again = users.registerUsers({ tenant, users: [person('ALICE')], single: true });
    await expect(again).rejects.toEqual(code('username_taken', { appUuid: tenant.appUuid, username: 'alice' }));
  });

  it('a batch registers whom it can, in the order given, and says why not the others', async () => {
    await register('alice');
    const batch = [person('zoe'), person('alice'), person('b@d'), person('bob', ''), person('carl'), person('zoe')];
    const { created, failed } = await users.registerUsers({ tenant, users: batch, single: false });
    expect(created.map((one) => one.username)).toEqual(['zoe', 'carl']);
    expect(failed.map((one) => one.username)).toEqual(['alice', 'b@d', 'bob']);
    expect(failed.every((one) => one.reason.length > 10)).toBe(true);
  });

  it('a batch with one name under two passwords registers nobody', async () => {
    const batch = [person('alice'), person('bob', 'one'), person('BOB', 'two')];
    await expect(users.registerUsers({ tenant, users: batch, single: false })).rejects.toEqual(
      code('same_user_different_password', { username: 'bob', passwords: '***' }),
    );
    expect((await users.listUsers({ tenant, limit: 10, cursor: '' })).users).toEqual([]);
  });

  it('more than sixty at once is refused', async () => {
    const batch = Array.from({ length: 61 }, (_, index) => person(`u${index}`));
    await expect(users.registerUsers({ tenant, users: batch, single: false })).rejects.toEqual(code('batch_too_large', { size: '61' }));
  });

  it('tells the other services', async () => {
    const told = new Promise<events.UsersRegistered>((resolve) => {
      void bus.consumeEvents(eventSubjects.usersRegistered, `registered-${appId}`, async (event) => {
        if (event.appId === appId) resolve(event);
      });
    });
    const [alice, bob] = await register('alice', 'bob');
    expect(await told).toEqual({ appId, users: [{ userId: alice!.userId, username: 'alice' }, { userId: bob!.userId, username: 'bob' }] });
  });

  it('through a token for a name makes one user, however many ask at the same moment', async () => {
    const ask = () => users.ensureUser({ tenant, username: 'New.One', autoCreate: true });
    const asked = await Promise.allSettled(Array.from({ length: 8 }, ask));
    const made = asked.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []));
    const refused = asked.flatMap((one) => (one.status === 'rejected' ? [one.reason as unknown] : []));
    expect(made[0]).toEqual(await ask());
    expect(new Set(made.map((one) => one.userId)).size).toBe(1);
    expect(refused).toEqual(refused.map(() => code('concurrent_create')));
    expect(made[0]!.username).toBe('new.one');
  });

  it('through tokens for many names at the same moment makes those who are missing, and tells of them alone', async () => {
    const [alice] = await register('alice');
    const told: string[] = [];
    const isTold = new Promise<void>((resolve) => {
      void bus.consumeEvents(eventSubjects.usersRegistered, `together-${appId}`, async (event) => {
        if (event.appId !== appId) return;
        told.push(...event.users.map((one) => one.username));
        if (told.includes('last')) resolve();
      });
    });
    const names = ['alice', ...Array.from({ length: 30 }, (_, i) => `new${i}`), 'ALICE', 'new3'];
    const made = await Promise.all(names.map((username) => users.ensureUser({ tenant, username, autoCreate: true })));
    expect(made.map((one) => one.username)).toEqual(names.map((name) => name.toLowerCase()));
    expect(made.filter((one) => one.username === 'alice')).toEqual([alice, alice]);
    await users.ensureUser({ tenant, username: 'last', autoCreate: true });
    await isTold;
    expect(told.sort()).toEqual(['alice', 'last', ...names.slice(1, 31)].sort());
  });

  it('through a token for a name happens only when asked for', async () => {
    await expect(users.ensureUser({ tenant, username: 'nobody', autoCreate: false })).rejects.toEqual(code('entity_user_not_found'));
    await expect(users.ensureUser({ tenant, username: 'n o', autoCreate: true })).rejects.toEqual(code('username_illegal'));
  });
});

describe('the owner of a token that somebody else made', () => {
  const find = (name: string, changes: Partial<tokenOwner.FindTokenOwnerRequest> = {}) =>
    owners.findTokenOwner({ tenant, name, mayBeUuid: false, autoCreate: false, issuedAtMs: BigInt(Date.now()), ...changes });

  it('is found by name in any case, and by uuid where that may be', async () => {
    const [alice] = await register('alice');
    expect(await find('ALICE')).toEqual(alice);
    expect(await find(alice!.uuid, { mayBeUuid: true })).toEqual(alice);
    await expect(find(alice!.uuid)).rejects.toEqual(code('entity_user_not_found'));
    const elsewhere = { ...tenant, appId: appId + 1_000_000 };
    await expect(find(alice!.uuid, { tenant: elsewhere, mayBeUuid: true })).rejects.toEqual(code('entity_user_not_found'));
  });

  it('is made once when that is wanted, however many of his devices come at once', async () => {
    await expect(find('new.one')).rejects.toEqual(code('entity_user_not_found'));
    const made = await Promise.all(Array.from({ length: 8 }, () => find('New.One', { autoCreate: true })));
    expect(new Set(made.map((one) => one.userId)).size).toBe(1);
    await expect(find('n o', { autoCreate: true })).rejects.toEqual(code('username_illegal'));
  });

  it('is not let in with a token from before his tokens were revoked', async () => {
    await register('alice');
    const before = BigInt(Date.now());
    await find('alice', { issuedAtMs: before });
    await users.disconnect({ tenant, username: 'alice', resource: '' });
    await expect(find('alice', { issuedAtMs: before })).rejects.toEqual(code('unauthorized'));
    expect(await find('alice', { issuedAtMs: BigInt(Date.now() + 1) })).toMatchObject({ username: 'alice' });
  });
});

describe('reading users', () => {
  it('by pages goes through all of them, oldest first, in this app only', async () => {
    await register('c', 'a', 'b', 'e', 'd');
    const seen: string[] = [];
    let cursor = '';
    do {
      const page = await users.listUsers({ tenant, limit: 2, cursor });
      seen.push(...page.users.map((one) => one.username));
      cursor = page.nextCursor;
      expect(cursor).toMatch(/^[A-Za-z0-9_.~-]*$/);
    } while (cursor !== '');
    expect(seen).toEqual(['c', 'a', 'b', 'e', 'd']);
    const other = { ...tenant, appId: tenant.appId + 1_000_000 };
    expect(await users.listUsers({ tenant: other, limit: 10, cursor: '' })).toEqual({ users: [], nextCursor: '' });
  });

  it('of an unknown or impossible name is user_not_found, in any alphabet', async () => {
    for (const username of ['nobody', '', 'a\0b', '李雷', 'x'.repeat(10_000)]) {
      await expect(users.getUser({ tenant, username })).rejects.toEqual(code('user_not_found'));
    }
  });

  it('a call without a tenant fails without saying why', async () => {
    await expect(users.getUser({ tenant: undefined, username: 'alice' })).rejects.toEqual(
      expect.objectContaining({ message: expect.not.stringContaining('tenant') }),
    );
  });
});

describe('passwords', () => {
  it('are verified', async () => {
    await register('alice');
    expect(await users.verifyPassword({ tenant, username: 'Alice', password: 'secret' })).toMatchObject({ username: 'alice' });
    await expect(users.verifyPassword({ tenant, username: 'alice', password: 'wrong' })).rejects.toEqual(code('invalid_password'));
    await expect(users.verifyPassword({ tenant, username: 'bob', password: 'secret' })).rejects.toEqual(code('token_user_not_found'));
  });

  it('of a user who has none match nothing', async () => {
    await users.ensureUser({ tenant, username: 'alice', autoCreate: true });
    await expect(users.verifyPassword({ tenant, username: 'alice', password: '' })).rejects.toEqual(code('invalid_password'));
  });

  it('that change end the sessions and void the tokens', async () => {
    const [alice] = await register('alice');
    const edges = await edgesOf(alice!.userId);
    await users.setPassword({ tenant, username: 'alice', newPassword: 'other' });
    expect(await edges.next()).toMatchObject({ operation: 3, epoch: alice!.tokenEpoch + 1 });
    edges.close();
    expect(await open(login(alice!, 'web_1'))).toEqual([SESSION_VERDICT_TOKEN_REVOKED]);
    const changed = await users.verifyPassword({ tenant, username: 'alice', password: 'other' });
    expect(await open(login(changed, 'web_1'))).toEqual([OK]);
  });

  it('cannot be set to nothing, to too much, or for nobody', async () => {
    await register('alice');
    const set = (username: string, newPassword: string) => users.setPassword({ tenant, username, newPassword });
    await expect(set('alice', '')).rejects.toEqual(code('new_password_required'));
    await expect(set('alice', 'x'.repeat(65))).rejects.toEqual(code('password_too_long'));
    await expect(set('nobody', 'x')).rejects.toEqual(code('entity_user_not_found'));
  });
});

describe('deleting', () => {
  it('ends the sessions, tells the other services, and leaves nothing to a later user of the name', async () => {
    const told = new Promise<events.UserDeleted>((resolve) => {
      void bus.consumeEvents(eventSubjects.userDeleted, `deleted-${appId}`, async (event) => {
        if (event.appId === appId) resolve(event);
      });
    });
    const [alice] = await register('alice');
    const edges = await edgesOf(alice!.userId);
    expect(await open(login(alice!, 'web_1'))).toEqual([OK]);

    expect(await users.deleteUser({ tenant, username: 'ALICE' })).toEqual(alice);

    expect(await edges.next()).toMatchObject({ operation: 1, reason: 'user removed' });
    edges.close();
    expect(await told).toEqual({ appId, userId: alice!.userId, username: 'alice' });
    expect(await open(login(alice!, 'web_1'))).toEqual([SESSION_VERDICT_USER_NOT_FOUND]);
    const [again] = await register('alice');
    expect(again!.userId).toBeGreaterThan(alice!.userId);
    const { userIds } = await bus.request(requests.resolveUsers, { names: [{ appId, username: 'alice' }] });
    expect(userIds).toEqual([again!.userId]);
  });

  it('an unknown user is an error with the app', async () => {
    await expect(users.deleteUser({ tenant, username: 'nobody' })).rejects.toEqual(
      code('delete_user_not_found', { appUuid: tenant.appUuid }),
    );
  });

  it('many takes the oldest', async () => {
    await register('a', 'b', 'c');
    const first = await users.deleteUsers({ tenant, limit: 2, cursor: '' });
    expect(first.users.map((one) => one.username)).toEqual(['a', 'b']);
    expect(first.nextCursor).not.toBe('');
    const rest = await users.deleteUsers({ tenant, limit: 2, cursor: first.nextCursor });
    expect(rest).toMatchObject({ users: [{ username: 'c' }], nextCursor: '' });
  });
});

describe('names', () => {
  it('resolve to ids in the order asked, repeated and unknown ones too', async () => {
    const [alice, bob] = await register('alice', 'bob');
    const names = ['bob', 'nobody', 'ALICE', 'bob', 'a\0b'].map((username) => ({ appId, username }));
    const { userIds } = await bus.request(requests.resolveUsers, { names });
    expect(userIds).toEqual([bob!.userId, 0n, alice!.userId, bob!.userId, 0n]);
  });

  it('resolve as soon as they are registered', async () => {
    const resolve = async () => (await bus.request(requests.resolveUsers, { names: [{ appId, username: 'alice' }] })).userIds[0];
    expect(await resolve()).toBe(0n);
    const [alice] = await register('alice');
    expect(await resolve()).toBe(alice!.userId);
  });
});
