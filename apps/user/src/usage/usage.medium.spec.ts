import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { type Bus, requests } from '@parley/bus';
import { user, userUsage } from '@parley/contracts';
import type { Pool } from '@parley/db';
import type { RpcClient } from '@parley/rpc';
import { Backbone, tenantOf } from '@parley/testkit';
import * as userService from '../start.js';
import { UsageService } from './usage.service.js';
import { UsageStore } from './usage.store.js';

let backbone: Backbone;
let bus: Bus;
let pool: Pool;
let users: RpcClient<typeof user.UserServiceService>;
let usage: RpcClient<typeof userUsage.UserUsageServiceService>;
let settings: Record<string, unknown> = {};
let appId = 0;

beforeAll(async () => {
  backbone = await Backbone.start();
  await backbone.settings(() => settings);
  const service = await backbone.service(userService);
  users = backbone.client(user.UserServiceClient, service);
  usage = backbone.client(userUsage.UserUsageServiceClient, service);
  pool = backbone.database.pool('users');
  ({ bus } = backbone);
}, 60_000);
afterAll(() => backbone?.stop(), 30_000);

// Each test has an app of its own, whose settings are asked for when it is first seen.
beforeEach(() => {
  appId++;
  settings = {};
});

const { SESSION_VERDICT_OK: OK, SESSION_VERDICT_CONNECTIONS_FULL: CONNECTIONS_FULL, SESSION_VERDICT_DAILY_ACTIVE_FULL: DAILY_FULL } = user.SessionVerdict;
const userNamed = (username: string) => users.ensureUser({ tenant: tenantOf(appId), username, autoCreate: true });
const named = (count: number) => Promise.all(Array.from({ length: count }, (_, i) => userNamed(`u${i}`)));
let sessions = 0;
const sessionOf = (who: user.User, resource: string): user.OpenSession => ({
  tenant: tenantOf(appId), userId: who.userId, username: who.username, tokenEpoch: 0, resource, platform: 'web', deviceUuid: '', deviceName: '', loginExt: '', sessionId: `s:${++sessions}`,
});
const open = async (...logins: user.OpenSession[]) => (await bus.request(requests.openSessions, { sessions: logins })).decisions.map(({ verdict }) => verdict);
const close = (session: user.OpenSession) =>
  bus.request(requests.closeSessions, { sessions: [{ appId, userId: session.userId, resource: session.resource, sessionId: session.sessionId, loggedOut: false }] });
const dayAgo = (days: number) => new Date(Date.now() - days * 86_400_000).toISOString().slice(0, 10);
const usageOf = (id: number, from = dayAgo(0)) => usage.getUserUsage({ tenant: tenantOf(id), from, to: dayAgo(0) });

describe('usage of an app', () => {
  it('counts a user once a day and once a month, however often he comes, and tells of nobody else\'s', async () => {
    const [ann, bob] = await named(3);
    await open(sessionOf(ann!, 'phone'), sessionOf(ann!, 'desk'), sessionOf(bob!, 'phone'));
    await open(sessionOf(ann!, 'phone'));
    const { registeredUsers, days, months } = await usageOf(appId);
    expect(registeredUsers).toBe(3n);
    expect(days.at(-1)).toMatchObject({ day: dayAgo(0), activeUsers: 2n, peakConnections: 3n, registeredUsers: 3n });
    expect(months).toEqual([{ month: dayAgo(0).slice(0, 7), activeUsers: 2n }]);
    expect((await usageOf(appId + 1_000)).days.at(-1)).toMatchObject({ activeUsers: 0n, peakConnections: 0n });
  });

  it('does not count who was refused', async () => {
    const ann = await userNamed('ann');
    expect(await open({ ...sessionOf(ann, 'phone'), tokenEpoch: 7 })).not.toEqual([OK]);
    expect((await usageOf(appId)).days.at(-1)).toMatchObject({ activeUsers: 0n });
  });

  it('keeps the figures when rows of days and months that are over become numbers, by several replicas at once', async () => {
    const long = dayAgo(70);
    await pool.query('INSERT INTO active_user SELECT $1, $2::date, n FROM generate_series(1, 12000) n', [appId, long]);
    await pool.query("INSERT INTO active_user_month SELECT $1, date_trunc('month', $2::date)::date, n FROM generate_series(1, 12000) n", [appId, long]);
    const before = await usageOf(appId, long);
    expect(before.days[0]).toMatchObject({ day: long, activeUsers: 12_000n });
    const store = new UsageStore(pool);
    await Promise.all([new UsageService(store).round(), new UsageService(store).round()]);
    await store.close();
    expect((await pool.query('SELECT 1 FROM active_user WHERE app_id = $1', [appId])).rowCount).toBe(0);
    const after = await usageOf(appId, long);
    expect(after.days[0]).toEqual(before.days[0]);
    expect(after.months).toEqual(before.months);
    expect(after.months[0]).toMatchObject({ activeUsers: 12_000n });
  });

  it('keeps the most connections of the day', async () => {
    const [ann] = await named(1);
    const [phone, desk] = [sessionOf(ann!, 'phone'), sessionOf(ann!, 'desk')];
    await open(phone, desk);
    const store = new UsageStore(pool);
    await store.samplePeaks();
    await close(phone);
    await close(desk);
    await store.samplePeaks();
    expect((await usageOf(appId)).days.at(-1)).toMatchObject({ peakConnections: 2n });
  });
});

describe('a quota', () => {
  it('of users holds against registrations at the same moment, and names that are taken are told as such', async () => {
    settings = { usersMost: 10 };
    const tenant = tenantOf(appId);
    const register = (name: string) => users.registerUsers({ tenant, users: [{ username: name, password: 'secret', nickname: '' }], single: true });
    const outcomes = await Promise.allSettled([...Array.from({ length: 12 }, (_, i) => register(`r${i}`)), ...Array.from({ length: 12 }, (_, i) => userNamed(`e${i}`))]);
    expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(10);
    for (const one of outcomes) if (one.status === 'rejected') expect(one.reason).toMatchObject({ code: 'users_full' });
    expect((await pool.query('SELECT 1 FROM app_user WHERE app_id = $1', [appId])).rowCount).toBe(10);

    const { entities } = { entities: await users.listUsers({ tenant, limit: 1, cursor: '' }) };
    const someone = entities.users[0]!.username;
    await expect(register(someone)).rejects.toMatchObject({ code: 'username_taken' });
    expect((await userNamed(someone)).username).toBe(someone);
    await users.deleteUser({ tenant, username: someone });
    expect((await register('later')).created).toHaveLength(1);
  }, 30_000);

  it('of users lets as many of a batch in as there is room for', async () => {
    settings = { usersMost: 2 };
    const answer = await users.registerUsers({ tenant: tenantOf(appId), users: ['a', 'b', 'c'].map((username) => ({ username, password: 'x', nickname: '' })), single: false });
    expect(answer.created.map(({ username }) => username)).toEqual(['a', 'b']);
    expect(answer.failed).toEqual([{ username: 'c', reason: expect.stringContaining('exceeded the limit') }]);
  });

  it('of connections holds against logins at the same moment; a device that is signed in may come back, and a place is free again', async () => {
    settings = { connectionsMost: 5 };
    const everybody = await named(12);
    const logins = everybody.map((one) => sessionOf(one, 'phone'));
    const verdicts = (await Promise.all(logins.map((login) => open(login)))).flat();
    expect(verdicts.filter((one) => one === OK)).toHaveLength(5);
    expect(verdicts.filter((one) => one === CONNECTIONS_FULL)).toHaveLength(7);
    const [inside, outside] = [verdicts.indexOf(OK), verdicts.indexOf(CONNECTIONS_FULL)];
    const again = sessionOf(everybody[inside]!, 'phone');
    expect(await open(again)).toEqual([OK]);
    expect(await open(logins[outside]!)).toEqual([CONNECTIONS_FULL]);
    await close(again);
    expect(await open(logins[outside]!)).toEqual([OK]);
    // A batch is judged one by one.
    expect(await open(...everybody.map((one) => sessionOf(one, 'desk')))).toEqual(Array.from({ length: 12 }, () => CONNECTIONS_FULL));
  }, 30_000);

  it('of active users holds for the day: who was there may come again', async () => {
    settings = { dailyActiveMost: 3 };
    const everybody = await named(8);
    const verdicts = (await Promise.all(everybody.map((one) => open(sessionOf(one, 'phone'))))).flat();
    expect(verdicts.filter((one) => one === OK)).toHaveLength(3);
    expect(verdicts.filter((one) => one === DAILY_FULL)).toHaveLength(5);
    expect(await open(sessionOf(everybody[verdicts.indexOf(OK)]!, 'desk'))).toEqual([OK]);
    const { days, months } = await usageOf(appId);
    expect(days.at(-1)).toMatchObject({ activeUsers: 3n });
    expect(months[0]).toMatchObject({ activeUsers: 3n });
  }, 30_000);
});
