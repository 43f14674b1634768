import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { type Bus, requests } from '@parley/bus';
import { type Tenant, user } from '@parley/contracts';
import { code, UserServiceUnderTest } from './testing.fixture.js';

const the = new UserServiceUnderTest();
const { register, gatewayOf, edgesOf, login, open } = the;
let bus: Bus;
let users: UserServiceUnderTest['users'];
let appId: number;
let tenant: Tenant;

beforeAll(async () => {
  await the.start();
  ({ bus, users } = the);
}, 60_000);
afterAll(() => the.stop(), 30_000);
beforeEach(() => {
  the.nextApp();
  ({ appId, tenant } = the);
});

const { SESSION_VERDICT_OK: OK, SESSION_VERDICT_USER_NOT_FOUND, SESSION_VERDICT_TOKEN_REVOKED } = user.SessionVerdict;

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
