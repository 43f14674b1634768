import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { requests } from '@parley/bus';
import { type live, user } from '@parley/contracts';
import { Backbone, eventually, tenantOf } from '@parley/testkit';
import * as userService from '../start.js';

const settings: Record<number, object> = { 1: { devicesPerPlatform: 1 }, 2: { devicesPerPlatform: 2 }, 3: {} };
let backbone: Backbone;
/** Of alice, by app. */
const alice = new Map<number, user.User>();

beforeAll(async () => {
  backbone = await Backbone.start();
  await backbone.settings((appId) => settings[appId]!);
  const users = backbone.client(user.UserServiceClient, await backbone.service(userService));
  for (const appId of [1, 2, 3]) alice.set(appId, await users.ensureUser({ tenant: tenantOf(appId), username: 'alice', autoCreate: true }));
}, 60_000);
afterAll(() => backbone?.stop(), 30_000);

const login = (appId: number, resource: string): user.OpenSession => ({
  tenant: tenantOf(appId), userId: alice.get(appId)!.userId, username: 'alice', tokenEpoch: 0, resource, platform: 'web', deviceUuid: '', deviceName: '', loginExt: '', sessionId: `${appId} ${resource}`,
});

describe('devices of one platform', () => {
  it('are as many as the app of each user wants, also when users of several apps log in together', async () => {
    const kicked: live.LiveEnvelope[] = [];
    for (const [appId, { userId }] of alice) backbone.bus.subscribeLive(appId, userId, (envelope) => kicked.push(envelope));
    await backbone.bus.flush();
    const resources = ['a', 'b', 'c', 'd'];
    const { decisions } = await backbone.bus.request(requests.openSessions, { sessions: resources.flatMap((resource) => [1, 2, 3].map((appId) => login(appId, resource))) });
    expect(decisions.map(({ verdict }) => verdict)).toEqual(resources.flatMap(() => [1, 2, 3]).map(() => user.SessionVerdict.SESSION_VERDICT_OK));
    await eventually(() => kicked.length === 5, { what: 'the devices that give way' });
    expect(kicked.map((envelope) => envelope.kick!.sessionId).sort()).toEqual(['1 a', '1 b', '1 c', '2 a', '2 b']);
  });
});
