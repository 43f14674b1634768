import { beforeAll, describe, expect, it } from '@jest/globals';
import { AdminApi, eventually, givenUser, operatorUnderTest, type Platform, platformUnderTest, RestClient, SdkDevice, uniqueName } from '@parley/testkit';
import { ChatTokenBuilder } from 'agora-token';
import { expectError } from './envelope.js';

const { endpoints } = platformUnderTest();
const HEX = /^[0-9a-f]{32}$/;
let operator: AdminApi;
let org: string;

interface GivenApp {
  readonly name: string;
  readonly certificates: string;
  readonly platform: Platform;
}

async function givenApp(): Promise<GivenApp> {
  const name = uniqueName('app');
  const { body } = await operator.call('POST', `/orgs/${org}/apps`, { app_name: name });
  const at = { ...endpoints, org, app: name, appKey: `${org}#${name}`, clientId: body.app.client_id as string, clientSecret: body.client_secret as string };
  return { name, certificates: `/orgs/${org}/apps/${name}/certificates`, platform: { endpoints: at, rest: new RestClient(at) } };
}

beforeAll(async () => {
  operator = await AdminApi.signIn(endpoints.restUrl, operatorUnderTest());
  org = uniqueName('org');
  await operator.call('POST', '/orgs', { name: org, owner_login: 'owner' });
}, 60_000);

const asApp = ({ platform }: GivenApp, id: string, certificate: string) => async () =>
  (await platform.rest.call('GET', '/users?limit=1', { token: ChatTokenBuilder.buildAppToken(id, certificate, 600) })).status;

describe('certificates of an app', () => {
  it('sign tokens that let the official SDK and the tenant\'s server in; one follows another, and tokens end with theirs', async () => {
    const app = await givenApp();
    const alice = await givenUser(app.platform, 'alice');
    expect((await operator.call('GET', app.certificates)).body).toEqual({ items: [], token_app_id: null });

    const first = (await operator.call('POST', app.certificates, {})).body;
    expect(first).toEqual({
      certificate: { certificate_id: expect.any(String), created_ms: expect.any(Number), expires_ms: null },
      token_app_id: expect.stringMatching(HEX),
      app_certificate: expect.stringMatching(HEX),
    });
    const device = await SdkDevice.create(app.platform);
    await device.open({ user: alice.username, accessToken: ChatTokenBuilder.buildUserToken(first.token_app_id, first.app_certificate, alice.username, 600) });
    await device.stop();
    const withFirst = asApp(app, first.token_app_id, first.app_certificate);
    expect(await withFirst()).toBe(200);

    const second = (await operator.call('POST', app.certificates, { expire_old_after_seconds: 3_600 })).body;
    expect(second.token_app_id).toBe(first.token_app_id);
    const withSecond = asApp(app, second.token_app_id, second.app_certificate);
    await eventually(async () => (await withSecond()) === 200, { what: 'the second one' });
    expect(await withFirst()).toBe(200);
    expectError(await operator.call('POST', app.certificates, {}), 403, 'exceed_limit', /at most 2 certificates/);
    const { items } = (await operator.call('GET', app.certificates)).body as { items: { certificate_id: string; expires_ms: number | null }[] };
    expect(items).toEqual([second.certificate, { ...first.certificate, expires_ms: expect.any(Number) }]);
    expect(JSON.stringify(items)).not.toContain(first.app_certificate);

    expect(await operator.call('DELETE', `${app.certificates}/${first.certificate.certificate_id}`)).toMatchObject({
      status: 200,
      body: { certificate_id: first.certificate.certificate_id },
    });
    await eventually(async () => (await withFirst()) === 401, { what: 'the end of its tokens' });
    // Signed now: what was signed before the revocation ended with the app's tokens.
    await eventually(async () => (await withSecond()) === 200, { what: 'a token of the other one' });
    expectError(await operator.call('DELETE', `${app.certificates}/${first.certificate.certificate_id}`), 404, 'entity_not_found', 'certificate not found');

    const audit = (await operator.call('GET', `/orgs/${org}/apps/${app.name}/audit?limit=100`)).body as { items: { act: string; outcome: string }[] };
    const acts = audit.items.filter((one) => one.act.startsWith('certificate.')).map((one) => `${one.act} ${one.outcome}`);
    expect(acts).toEqual([
      'certificate.revoked certificate_not_found',
      'certificate.revoked done',
      'certificate.created certificate_limit',
      'certificate.created done',
      'certificate.created done',
    ]);
    for (const one of [first, second]) expect(JSON.stringify(audit)).not.toContain(one.app_certificate);
  });

  it('that expire at once are of no use, nor in the way', async () => {
    const app = await givenApp();
    const first = (await operator.call('POST', app.certificates, {})).body;
    const second = (await operator.call('POST', app.certificates, { expire_old_after_seconds: 0 })).body;
    expect(await asApp(app, first.token_app_id, first.app_certificate)()).toBe(401);
    await eventually(async () => (await asApp(app, second.token_app_id, second.app_certificate)()) === 200, { what: 'the second one' });
    expect((await operator.call('GET', app.certificates)).body.items).toEqual([second.certificate]);
    expect((await operator.call('POST', app.certificates, {})).status).toBe(200);
  });

  it.each([
    ['a time in the past', { expire_old_after_seconds: -1 }],
    ['no number', { expire_old_after_seconds: 'soon' }],
    ['more than a year', { expire_old_after_seconds: 31_536_001 }],
  ])('are not made with %s', async (_, body) => {
    const app = await givenApp();
    expectError(await operator.call('POST', app.certificates, body), 400, 'illegal_argument', /expire_old_after_seconds/);
    expect((await operator.call('GET', app.certificates)).body.items).toEqual([]);
  });

  it('are nothing for another app, for who may only read, nor for the app\'s own token', async () => {
    const [app, other] = [await givenApp(), await givenApp()];
    const { certificate } = (await operator.call('POST', app.certificates, {})).body;
    for (const id of [certificate.certificate_id as string, 'no-uuid', "'"]) {
      expectError(await operator.call('DELETE', `${other.certificates}/${encodeURIComponent(id)}`), 404, 'entity_not_found', 'certificate not found');
    }
    const reader = (await operator.call('POST', `/orgs/${org}/keys`, { label: 'reader', role: 'read_only', all_apps: true })).body;
    const key = await AdminApi.withKey(endpoints.restUrl, reader.key.client_id, reader.client_secret);
    expect((await key.call('GET', app.certificates)).status).toBe(403);
    expect((await key.call('POST', app.certificates, {})).status).toBe(403);
    const url = `${endpoints.restUrl}/admin/v1${app.certificates}`;
    expect((await app.platform.rest.call('GET', url, { token: await app.platform.rest.appToken() })).status).toBe(401);
    expect((await operator.call('GET', app.certificates)).body.items).toEqual([certificate]);
  });
});
