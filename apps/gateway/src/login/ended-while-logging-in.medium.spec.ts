import { afterAll, afterEach, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { broadcasts, requests } from '@parley/bus';
import { live, user } from '@parley/contracts';
import { NameSpace } from '@parley/msync';
import { Backbone, eventually, type Platform, RawClient, SdkDevice, tenantOf } from '@parley/testkit';
import * as gatewayService from '../start.js';

const { SESSION_VERDICT_OK: OK, SESSION_VERDICT_USER_NOT_FOUND: NOT_FOUND, SESSION_VERDICT_TOKEN_REVOKED: REVOKED, SESSION_VERDICT_NOT_ACTIVATED: NOT_ACTIVATED } = user.SessionVerdict;
const alice = { appId: 1, userId: 41n };
const tenant = tenantOf(alice.appId);
const appKey = `${tenant.org}#${tenant.app}`;

jest.setTimeout(60_000);
let backbone: Backbone;
let platform: Platform;
const devices: SdkDevice[] = [];

/** What happens before auth or the user service has answered, and what they answer then. */
interface Course {
  verdict: user.SessionVerdict;
  beforeVerdict(login: user.OpenSession): unknown;
  beforeToken(): unknown;
  beforeSettings(): unknown;
  suspended: boolean;
  issuerRemoved: boolean;
}
let course: Course;
let settingsAsked = 0;
const nothing = () => undefined;
/** Everything that the spec publishes and answers goes over one connection, so the gateway gets it in that order. */
const given = (changes: Partial<Course>) => {
  course = { verdict: OK, beforeVerdict: nothing, beforeToken: nothing, beforeSettings: nothing, suspended: false, issuerRemoved: false, ...changes };
  backbone.bus.broadcast(broadcasts.appChanged, { appId: alice.appId });
};

beforeAll(async () => {
  backbone = await Backbone.start();
  const { bus } = backbone;
  bus.serve(requests.exchangeTokens, async ({ tokens }) => {
    const error = course.issuerRemoved ? 'token_not_issued_here' : '';
    await course.beforeToken();
    return { identities: tokens.map(() => ({ error, tenant, userId: alice.userId, username: 'alice', tokenEpoch: 3, expiresMs: BigInt(Date.now() + 600_000), issuer: 'idp' })) };
  });
  bus.serve(requests.appSettings, async () => {
    settingsAsked++;
    const { suspended } = course;
    await course.beforeSettings();
    return { found: true, suspended, settingsJson: '', ceilingsJson: '', issuers: ['idp'] };
  });
  bus.serve(requests.openSessions, async ({ sessions }) => {
    for (const login of sessions) await course.beforeVerdict(login);
    return { decisions: sessions.map(() => ({ verdict: course.verdict })) };
  });
  await bus.flush();
  const { address } = await backbone.service(gatewayService, { PARLEY_GATEWAY_PORT: '0' });
  const gatewayUrl = `ws://${address}/websocket`;
  platform = { endpoints: { appKey, gatewayUrls: [gatewayUrl], gatewayUrl, restUrl: 'http://127.0.0.1:9' } } as unknown as Platform;
});
afterEach(() => Promise.all(devices.splice(0).map((device) => device.stop())));
afterAll(() => backbone?.stop());

let made = 0;
/** One that the gateway has not seen. */
const token = () => Buffer.from(`dt-${++made}`).toString('base64url');
const device = async () => {
  const one = await SdkDevice.create(platform);
  devices.push(one);
  return one;
};

const revoked = (operation: number, reason: string) => () =>
  backbone.bus.broadcast(broadcasts.revoked, { revocations: [{ ...alice, epoch: 4, operation, reason }], keysChanged: false });
const kicked = (kick: (login: user.OpenSession) => Partial<live.Kick>) => (login: user.OpenSession) =>
  backbone.bus.publishLive(alice.appId, alice.userId, live.LiveEnvelope.fromPartial({ kick: kick(login) }));
const suspended = async () => {
  const before = settingsAsked;
  course.suspended = true;
  backbone.bus.broadcast(broadcasts.appChanged, { appId: alice.appId });
  await eventually(() => settingsAsked > before, { what: 'the gateway asks how the app stands' });
};

describe('what changes while the gateway is being told how it was', () => {
  const untrusted = () => {
    if (course.issuerRemoved) return;
    course.issuerRemoved = true;
    backbone.bus.broadcast(broadcasts.revoked, { revocations: [{ appId: alice.appId, userId: 0n, epoch: 1, operation: 0, reason: '' }], keysChanged: false });
    backbone.bus.broadcast(broadcasts.appChanged, { appId: alice.appId });
  };
  const suspendedMeanwhile = () => {
    if (course.suspended) return;
    course.suspended = true;
    backbone.bus.broadcast(broadcasts.appChanged, { appId: alice.appId });
  };

  // The first of all: half a minute after its start the gateway asks by itself how its apps stand.
  it('counts: the app is suspended', async () => {
    given({ beforeSettings: suspendedMeanwhile });
    const phone = await device();
    await phone.open({ user: 'alice', accessToken: token() }).catch(nothing);
    await phone.event('onError', (error) => error.type === 217);
    await phone.event('onDisconnected');
  });

  it('counts: the issuer of the token is removed', async () => {
    given({ beforeToken: untrusted });
    const phone = await device();
    await expect(phone.open({ user: 'alice', accessToken: token() })).rejects.toMatchObject({ type: 28 });
  });
});

describe('a login that is good, though its session is ended before it is answered', () => {
  it.each<[string, Course['beforeVerdict'], number]>([
    ['another device takes its place', kicked(({ sessionId }) => ({ operation: 2, sessionId })), 206],
    ['the administrator ends the session of its device', kicked(({ resource }) => ({ operation: 4, resource })), 217],
    ['the administrator ends all sessions of its user', revoked(4, 'kicked by administrator'), 217],
    ['the user is deactivated', revoked(4, 'user deactivated'), 217],
    ['the password changes', revoked(3, 'password changed'), 216],
    ['the user is removed', revoked(1, 'user removed'), 207],
    ['the app is suspended', suspended, 217],
  ])('hears why, and does not come back: %s', async (_, beforeVerdict, type) => {
    given({ beforeVerdict });
    const phone = await device();
    await phone.open({ user: 'alice', accessToken: token() }).catch(nothing);
    await phone.event('onError', (error) => error.type === type);
    await phone.event('onDisconnected');
    expect(phone.seen('onReconnecting')).toEqual([]);
  });

  it('goes on when the end was meant for another session of its user', async () => {
    given({ beforeVerdict: kicked(() => ({ operation: 2, sessionId: 'another' })) });
    const phone = await device();
    await phone.open({ user: 'alice', accessToken: token() });
    expect(await phone.call('isOpened')).toBe(true);
  });

  it('is answered first; then comes the notice, then the close', async () => {
    given({ beforeVerdict: revoked(3, 'password changed') });
    const raw = await RawClient.connect(platform.endpoints.gatewayUrl);
    await raw.provision({ appKey, user: 'alice', token: token() });
    expect(await raw.closed()).toBe(4203);
    const [answer, notice] = raw.frames;
    expect(raw.frames).toHaveLength(2);
    expect(answer!.provision?.status?.code ?? 0).toBe(0);
    expect(notice!.sync).toMatchObject({ isLast: true, metas: [{ ns: NameSpace.STATISTIC }] });
  });
});

describe('a login that is refused, while the edges are told of the end of its tokens', () => {
  it.each<[string, Partial<Course>, number]>([
    ['no such user', { verdict: NOT_FOUND, beforeVerdict: revoked(1, 'user removed') }, 204],
    ['token no longer good', { verdict: REVOKED, beforeVerdict: revoked(3, 'password changed') }, 28],
    ['deactivated', { verdict: NOT_ACTIVATED, beforeVerdict: revoked(4, 'user deactivated') }, 57],
  ])('is told: %s', async (_, answers, type) => {
    given(answers);
    const phone = await device();
    await expect(phone.open({ user: 'alice', accessToken: token() })).rejects.toMatchObject({ type });
  });
});
