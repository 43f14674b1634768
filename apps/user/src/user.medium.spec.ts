import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { broadcasts, type Bus, eventSubjects, requests } from '@parley/bus';
import { events, live, revocation, type Tenant, tokenOwner, user } from '@parley/contracts';
import type { RpcClient } from '@parley/rpc';
import { Backbone, tenantOf } from '@parley/testkit';
import * as userService from './start.js';

let backbone: Backbone;
let bus: Bus;
let users: RpcClient<typeof user.UserServiceService>;
let owners: RpcClient<typeof tokenOwner.TokenOwnerServiceService>;
let appId = 0;
let tenant: Tenant;

beforeAll(async () => {
  backbone = await Backbone.start();
  ({ bus } = backbone);
  const service = await backbone.service(userService);
  users = backbone.client(user.UserServiceClient, service);
  owners = backbone.client(tokenOwner.TokenOwnerServiceClient, service);
}, 60_000);
afterAll(() => backbone?.stop(), 30_000);

// Each test has an app of its own.
beforeEach(() => {
  appId++;
  tenant = tenantOf(appId);
});

const code = (expected: string, params: object = {}) => expect.objectContaining({ code: expected, params: expect.objectContaining(params) });
const person = (username: string, password = 'secret') => ({ username, password, nickname: '' });

async function register(...names: string[]): Promise<user.User[]> {
  const { created } = await users.registerUsers({ tenant, users: names.map((name) => person(name)), single: false });
  expect(created.map((one) => one.username)).toEqual(names);
  return created;
}

/** What reaches the gateways of a user. `next` resolves with the next envelope. */
async function gatewayOf(userId: bigint) {
  const seen: live.LiveEnvelope[] = [];
  const waiting: ((envelope: live.LiveEnvelope) => void)[] = [];
  const subscription = bus.subscribeLive(appId, userId, (envelope) => {
    const next = waiting.shift();
    if (next) next(envelope);
    else seen.push(envelope);
  });
  await bus.flush();
  return {
    seen,
    next: async () => seen.shift() ?? new Promise<live.LiveEnvelope>((resolve) => waiting.push(resolve)),
    close: () => subscription.unsubscribe(),
  };
}

/** What every edge is told of the user's tokens. */
async function edgesOf(userId: bigint) {
  let close = () => {};
  const told = new Promise<revocation.Revocation>((resolve) => {
    const subscription = bus.onBroadcast(broadcasts.revoked, ({ revocations }) => {
      const [one] = revocations.filter((each) => each.appId === appId && each.userId === userId);
      if (one) resolve(one);
    });
    close = () => subscription.unsubscribe();
  });
  await bus.flush();
  return { next: () => told, close };
}

let sessions = 0;
function login(who: user.User, resource: string, changes: Partial<user.OpenSession> = {}): user.OpenSession {
  return {
    tenant,
    userId: who.userId,
    username: who.username,
    tokenEpoch: who.tokenEpoch,
    resource,
    platform: 'web',
    deviceUuid: 'd',
    deviceName: 'browser',
    sessionId: `s${++sessions}`,
    loginExt: `login on ${resource}`,
    ...changes,
  };
}

async function open(...logins: user.OpenSession[]): Promise<user.SessionVerdict[]> {
  const { decisions } = await bus.request(requests.openSessions, { sessions: logins });
  return decisions.map((decision) => decision.verdict);
}

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
    const told = new Promise<events.UserRegistered>((resolve) => {
      void bus.consumeEvents(eventSubjects.userRegistered, `registered-${appId}`, async (event) => {
        if (event.appId === appId) resolve(event);
      });
    });
    const [alice] = await register('alice');
    expect(await told).toEqual({ appId, userId: alice!.userId, username: 'alice' });
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

describe('sessions', () => {
  it('of a batch are decided in the order asked', async () => {
    const [alice, bob] = await register('alice', 'bob');
    const stale = login(bob!, 'web_1', { tokenEpoch: 7 });
    const stranger = login({ ...bob!, userId: 999_999_999n }, 'web_1');
    const foreign = login(alice!, 'web_1', { tenant: { ...tenant, appId: appId + 1_000_000 } });
    expect(await open(stranger, login(alice!, 'web_1'), stale, foreign, login(bob!, 'web_1'))).toEqual([
      SESSION_VERDICT_USER_NOT_FOUND,
      OK,
      SESSION_VERDICT_TOKEN_REVOKED,
      SESSION_VERDICT_USER_NOT_FOUND,
      OK,
    ]);
  });

  it('beyond four of a platform displace the oldest, with the text of the newcomer; other platforms do not count', async () => {
    const [alice] = await register('alice');
    const gateway = await gatewayOf(alice!.userId);
    await open(login(alice!, 'ios_1', { platform: 'ios' }));
    const first = login(alice!, 'web_1');
    expect(await open(first)).toEqual([OK]);
    for (const n of [2, 3, 4]) expect(await open(login(alice!, `web_${n}`))).toEqual([OK]);
    expect(gateway.seen).toEqual([]);
    const fifth = login(alice!, 'web_5');
    expect(await open(fifth)).toEqual([OK]);
    expect(await gateway.next()).toMatchObject({
      kick: { operation: 2, resource: 'web_1', reason: 'login on web_5', sessionId: first.sessionId },
    });
    await bus.flush();
    expect(gateway.seen).toEqual([]);
    gateway.close();
  });

  it('beyond four within one batch displace the earliest of them', async () => {
    const [alice] = await register('alice');
    const gateway = await gatewayOf(alice!.userId);
    await open(...[1, 2, 3, 4, 5, 6].map((n) => login(alice!, `web_${n}`)));
    const displaced = [(await gateway.next()).kick!.resource, (await gateway.next()).kick!.resource];
    expect(displaced.sort()).toEqual(['web_1', 'web_2']);
    gateway.close();
  });

  it('of the same device replace each other; asking again for the same one does not', async () => {
    const [alice] = await register('alice');
    const gateway = await gatewayOf(alice!.userId);
    const first = login(alice!, 'web_1');
    await open(first);
    await open(first);
    const second = login(alice!, 'web_1');
    await open(second);
    expect(await gateway.next()).toMatchObject({ kick: { operation: 2, resource: 'web_1', sessionId: first.sessionId } });
    const [third, fourth] = [login(alice!, 'web_1'), login(alice!, 'web_1')];
    expect(await open(third, fourth)).toEqual([OK, OK]);
    const ended = [(await gateway.next()).kick!.sessionId, (await gateway.next()).kick!.sessionId];
    expect(ended).toEqual([second.sessionId, third.sessionId]);
    await bus.flush();
    expect(gateway.seen).toEqual([]);
    gateway.close();
  });

  it('that have ended make room; the end of a replaced one changes nothing', async () => {
    const [alice] = await register('alice');
    const gateway = await gatewayOf(alice!.userId);
    const logins = [1, 2, 3, 4].map((n) => login(alice!, `web_${n}`));
    await open(...logins);
    const end = (one: user.OpenSession, sessionId = one.sessionId) =>
      bus.request(requests.closeSessions, { sessions: [{ appId, userId: one.userId, resource: one.resource, sessionId, loggedOut: false }] });
    await end(logins[1]!);
    await open(login(alice!, 'web_5'));
    expect(gateway.seen).toEqual([]);
    await end(logins[0]!, 'an earlier session');
    await open(login(alice!, 'web_6'));
    expect(await gateway.next()).toMatchObject({ kick: { resource: 'web_1' } });
    gateway.close();
  });

  it('opened and closed in many batches at once never fail and never wait for each other in a circle', async () => {
    const people = await register('a', 'b', 'c', 'd');
    const rounds = Array.from({ length: 20 }, (_, round) => {
      const logins = [...people].sort(() => Math.random() - 0.5).map((who) => login(who, `web_${round % 7}`));
      return Promise.all([
        open(...logins),
        bus.request(requests.closeSessions, {
          sessions: logins.map(({ userId, resource, sessionId }) => ({ appId, userId, resource, sessionId, loggedOut: false })),
        }),
      ]);
    });
    const answers = await Promise.all(rounds);
    expect(answers.flatMap(([verdicts]) => verdicts)).toEqual(Array.from({ length: 80 }, () => OK));
  });

  it('with hostile text in one login do not disturb the others', async () => {
    const [alice, bob] = await register('alice', 'bob');
    expect(await open(login(alice!, 'web\0_1', { deviceName: '\0'.repeat(1_000) }), login(bob!, "x'; DROP TABLE device; --"))).toEqual([OK, OK]);
  });

  it('are ended by the administrator, one or all', async () => {
    const [alice] = await register('alice');
    const gateway = await gatewayOf(alice!.userId);
    expect(await users.disconnect({ tenant, username: 'alice', resource: 'web_1' })).toEqual({ result: true });
    expect(await gateway.next()).toMatchObject({ kick: { operation: 4, resource: 'web_1' } });
    expect(await open(login(alice!, 'web_1'))).toEqual([OK]);
    gateway.close();
    const edges = await edgesOf(alice!.userId);
    await users.disconnect({ tenant, username: 'alice', resource: '' });
    expect(await edges.next()).toMatchObject({ operation: 4, epoch: alice!.tokenEpoch + 1 });
    edges.close();
    expect(await open(login(alice!, 'web_1'))).toEqual([SESSION_VERDICT_TOKEN_REVOKED]);
    await expect(users.disconnect({ tenant, username: 'nobody', resource: '' })).rejects.toEqual(code('user_not_found'));
  });
});

describe('revocations', () => {
  const recent = (cursor: bigint) => bus.request(requests.userRevocations, { cursor });
  const epochs = async (...holders: { appId: number; userId: bigint }[]) => (await bus.request(requests.userEpochs, { holders })).epochs;

  it('can be read by an edge that missed the message, also those whose user is gone by now', async () => {
    const [alice, bob] = await register('alice', 'bob');
    const start = await recent(0n);
    expect(start).toMatchObject({ revocations: [], complete: true });
    await users.setPassword({ tenant, username: 'alice', newPassword: 'other' });
    await users.setPassword({ tenant, username: 'alice', newPassword: 'another' });
    await users.deleteUser({ tenant, username: 'bob' });

    const { revocations, complete, cursor } = await recent(start.cursor);
    expect(complete).toBe(true);
    expect(cursor).toBeGreaterThanOrEqual(start.cursor);
    expect(revocations.filter((one) => one.appId === appId)).toEqual([
      { appId, userId: alice!.userId, epoch: alice!.tokenEpoch + 2, operation: 3, reason: 'password changed' },
      { appId, userId: bob!.userId, epoch: 2_147_483_647, operation: 1, reason: 'user removed' },
    ]);
    expect((await recent(cursor)).revocations.filter((one) => one.appId === appId)).toHaveLength(2);
  });

  it('tell an edge that was away for longer than they are remembered', async () => {
    expect((await recent(BigInt(Date.now() - 3_700_000))).complete).toBe(false);
  });

  it('show in the epochs, in the order asked; nobody has another tenant’s', async () => {
    const [alice, bob] = await register('alice', 'bob');
    await users.disconnect({ tenant, username: 'alice', resource: '' });
    const of = (userId: bigint, app = appId) => ({ appId: app, userId });
    expect(await epochs(of(bob!.userId), of(999_999_999n), of(alice!.userId), of(alice!.userId, appId + 1_000_000))).toEqual([
      bob!.tokenEpoch,
      -1,
      alice!.tokenEpoch + 1,
      -1,
    ]);
  });
});

describe('who is online', () => {
  it('is answered by the gateways, in the order asked', async () => {
    const [alice] = await register('alice', 'bob');
    const gateway = await gatewayOf(alice!.userId);
    const ask = async () => (await users.getOnlineStatus({ tenant, usernames: ['bob', 'Alice', 'nobody'] })).statuses;
    expect(await ask()).toEqual([
      { username: 'bob', exists: true, online: false },
      { username: 'Alice', exists: true, online: true },
      { username: 'nobody', exists: false, online: false },
    ]);
    gateway.close();
    await bus.flush();
    expect((await ask())[1]).toMatchObject({ online: false });
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
