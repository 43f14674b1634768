import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { broadcasts, type Bus, requests } from '@parley/bus';
import { presence, user } from '@parley/contracts';
import type { Pool } from '@parley/db';
import type { RpcClient } from '@parley/rpc';
import { Backbone, eventually, tenantOf } from '@parley/testkit';
import { randomUUID } from 'node:crypto';
import * as userService from '../start.js';
import { LeaseService } from './lease.service.js';
import { LeaseStore } from './lease.store.js';

const tenant = tenantOf(7);
let backbone: Backbone;
let bus: Bus;
let pool: Pool;
let users: RpcClient<typeof user.UserServiceService>;
let watching: RpcClient<typeof presence.PresenceServiceService>;
let settings: Record<string, unknown> = {};

beforeAll(async () => {
  backbone = await Backbone.start();
  await backbone.settings(() => settings);
  const service = await backbone.service(userService);
  users = backbone.client(user.UserServiceClient, service);
  watching = backbone.client(presence.PresenceServiceClient, service);
  pool = backbone.database.pool('users');
  ({ bus } = backbone);
}, 60_000);
afterAll(() => backbone?.stop(), 30_000);

const userNamed = (username: string) => users.ensureUser({ tenant, username, autoCreate: true });
const login = async (who: user.User, resource: string, gatewayId: string) => {
  const session = { tenant, userId: who.userId, username: who.username, tokenEpoch: 0, resource, platform: 'web', deviceUuid: '', deviceName: '', loginExt: '' };
  await bus.request(requests.openSessions, { sessions: [{ ...session, sessionId: `${gatewayId}:1` }] });
};
const stateOf = async (asker: string, name: string) => (await watching.getStates({ tenant, username: asker, targets: [name] })).states[0]!.state!.statuses;

describe('a gateway that dies', () => {
  it('is noticed by its silence, its devices are signed out, and those who watch are told; a living one keeps its own', async () => {
    const [dead, alive] = [randomUUID(), randomUUID()];
    const [ann, bob, watcher] = [await userNamed('ann'), await userNamed('bob'), await userNamed('watcher')];
    for (const gatewayId of [dead, alive]) await bus.request(requests.renewLease, { gatewayId });
    const heard: presence.PresenceNews[] = [];
    bus.subscribeGateway(alive, (news) => heard.push(news));
    await bus.flush();
    await login(ann, 'phone', dead);
    await login(bob, 'phone', alive);
    await login(watcher, 'desk', alive);
    await watching.subscribe({ tenant, username: 'watcher', targets: ['ann', 'bob'], ttlSeconds: 600 });
    await pool.query("UPDATE gateway SET seen_at = now() - interval '1 minute' WHERE gateway_id = $1", [dead]);
    await pool.query("UPDATE device SET logged_in_at = now() - interval '1 minute'");

    const judge = new LeaseService(new LeaseStore(pool), bus);
    await judge.round(0);
    expect(await stateOf('watcher', 'ann')).toEqual({ phone: 1 });
    await judge.round(15_000);

    await eventually(() => heard.length > 0, { what: 'the watcher is told' });
    expect(heard.flatMap((news) => news.states.map((state) => [state.username, state.statuses]))).toEqual([['ann', { phone: 0 }]]);
    expect(heard[0]!.deliveries.map((one) => one.userId)).toEqual([watcher.userId]);
    expect(await stateOf('watcher', 'bob')).toEqual({ phone: 1 });
    expect(await bus.request(requests.renewLease, { gatewayId: dead })).toEqual({ lost: true });
    expect(await bus.request(requests.renewLease, { gatewayId: dead })).toEqual({ lost: false });
    expect(await bus.request(requests.renewLease, { gatewayId: alive })).toEqual({ lost: false });
  }, 40_000);

  it('is not judged by a replica that was itself away', async () => {
    const gatewayId = randomUUID();
    await bus.request(requests.renewLease, { gatewayId });
    await pool.query("UPDATE gateway SET seen_at = now() - interval '1 minute' WHERE gateway_id = $1", [gatewayId]);
    let away = false;
    const judge = new LeaseService(new LeaseStore(pool), { ping: async () => (away ? Promise.reject(new Error('away')) : undefined) } as Bus);
    await judge.round(0);
    away = true;
    await judge.round(14_000);
    away = false;
    await judge.round(16_000);
    await judge.round(30_000);
    expect(await bus.request(requests.renewLease, { gatewayId })).toEqual({ lost: false });
  });
});

describe('subscriptions', () => {
  const subscribe = (username: string, targets: string[], ttlSeconds: number) => watching.subscribe({ tenant, username, targets, ttlSeconds });
  const list = async (username: string) =>
    (await watching.listSubscriptions({ tenant, username, page: 1, pageSize: 10 })).subscriptions.map((one) => one.username).sort();
  const withSettings = async (changed: Record<string, unknown>) => {
    settings = changed;
    bus.broadcast(broadcasts.appChanged, { appId: tenant.appId });
    await bus.flush();
    await eventually(async () => (await watching.getStates({ tenant, username: 'ann', targets: ['ann'] }).catch(() => undefined)) !== undefined || changed['presenceEnabled'] === false);
  };

  it('beyond the limit take the place of those that end soonest; what is watched again stays one', async () => {
    for (const name of ['a', 'b', 'c', 'd', 'sue']) await userNamed(name);
    await withSettings({ presenceSubscriptionsMost: 3 });
    await subscribe('sue', ['a'], 300);
    await subscribe('sue', ['b'], 100);
    await subscribe('sue', ['c'], 200);
    await subscribe('sue', ['b'], 400);
    await subscribe('sue', ['d'], 50);
    expect(await list('sue')).toEqual(['a', 'b', 'd']);
    await expect(subscribe('sue', ['a', 'b', 'c', 'd'], 100)).rejects.toMatchObject({ code: 'presence_subscriptions_full' });
  });

  it('end in time, and are refused by who is watched by too many', async () => {
    for (const name of ['star', 'fan1', 'fan2', 'fan3']) await userNamed(name);
    await withSettings({ presenceSubscribersMost: 2 });
    await subscribe('fan1', ['star'], 600);
    await subscribe('fan2', ['star'], 1);
    await expect(subscribe('fan3', ['star', 'a'], 600)).rejects.toMatchObject({ code: 'presence_subscribers_full', params: { username: 'star', limit: '2' } });
    expect(await list('fan3')).toEqual([]);
    await eventually(async () => (await list('fan2')).length === 0, { what: 'the subscription of a second ends' });
    await subscribe('fan3', ['star'], 600);
    await subscribe('fan1', ['star'], 700);
  });

  it('do not race past the limit', async () => {
    for (let i = 0; i < 8; i++) await userNamed(`racer${i}`);
    await userNamed('idol');
    await withSettings({ presenceSubscribersMost: 3 });
    const tries = await Promise.allSettled(Array.from({ length: 8 }, (_, i) => subscribe(`racer${i}`, ['idol'], 600)));
    expect(tries.filter((one) => one.status === 'fulfilled')).toHaveLength(3);
  });

  it('are not to be had where the app has switched presence off', async () => {
    await withSettings({ presenceEnabled: false });
    await eventually(async () => (await subscribe('ann', ['bob'], 60).catch((error: { code: string }) => error.code)) === 'presence_disabled', { what: 'switched off' });
    await withSettings({});
  });
});
