import { createHash } from 'node:crypto';
import { beforeAll, describe, expect, it } from '@jest/globals';
import { AdminApi, eventually, givenUser, operatorUnderTest, type Platform, platformUnderTest, RawClient, RestClient, SdkDevice, uniqueName } from '@parley/testkit';
import { expectError } from './envelope.js';

const { endpoints } = platformUnderTest();
const { restUrl } = endpoints;
const PASSWORD = 'a long enough password';
let operator: AdminApi;
let owner: AdminApi;
let org: string;

beforeAll(async () => {
  operator = await AdminApi.signIn(restUrl, operatorUnderTest());
  org = uniqueName('org');
  const { body } = await operator.call('POST', '/orgs', { name: org, owner_login: 'owner' });
  await AdminApi.anonymous(restUrl).call('POST', '/invitations/accept', { invitation_token: body.invitation_token, password: PASSWORD });
  owner = await AdminApi.signIn(restUrl, { org, login: 'owner', password: PASSWORD });
}, 60_000);

interface GivenApp {
  name: string;
  path: string;
  clientSecret: string;
  /** The app as its server and its users see it. */
  platform: Platform;
}

async function givenApp(): Promise<GivenApp> {
  const name = uniqueName('app');
  const { status, body } = await owner.call('POST', `/orgs/${org}/apps`, { app_name: name, description: 'For a test' });
  expect(status).toBe(200);
  const client = { clientId: body.app.client_id as string, clientSecret: body.client_secret as string };
  const at = { ...endpoints, org, app: name, appKey: `${org}#${name}`, ...client };
  return { name, path: `/orgs/${org}/apps/${name}`, clientSecret: client.clientSecret, platform: { endpoints: at, rest: new RestClient(at) } };
}

const tokenWith = ({ platform }: GivenApp, client_secret: string) =>
  platform.rest.call('POST', '/token', { token: null, body: { grant_type: 'client_credentials', client_id: platform.endpoints.clientId, client_secret } });

/** As a tenant's server makes it. */
function dynamicToken(at: { clientId: string; appKey: string }, userId: string, secret: string): string {
  const fields = { appkey: at.appKey, userId, curTime: Math.floor(Date.now() / 1_000), ttl: 600 };
  const signature = createHash('sha256').update(`${at.clientId}${fields.appkey}${userId}${fields.curTime}${fields.ttl}${secret}`).digest('hex');
  return Buffer.from(`dt-${JSON.stringify({ signature, ...fields })}`).toString('base64url');
}

describe('apps', () => {
  it('are made, found in any case, listed and described; they work at once, and register no users openly', async () => {
    const app = await givenApp();
    const { body } = await owner.call('GET', `/orgs/${org.toUpperCase()}/apps/${app.name.toUpperCase()}`);
    expect(body).toEqual({
      org,
      app_name: app.name,
      app_key: `${org}#${app.name}`,
      app_id: expect.any(String),
      client_id: expect.stringMatching(/^YXA6/),
      description: 'For a test',
      state: 'active',
      purge_ms: null,
      created_ms: expect.any(Number),
    });
    expect((await owner.call('PUT', app.path, { description: 'Changed' })).body).toMatchObject({ description: 'Changed' });
    expect((await owner.call('GET', `/orgs/${org}/apps?limit=100`)).body.items).toEqual(expect.arrayContaining([expect.objectContaining({ app_name: app.name })]));
    const { username } = await givenUser(app.platform);
    expect((await app.platform.rest.call('GET', `/users/${username}`)).body.application).toBe(body.app_id);
    const open = await app.platform.rest.call('POST', '/users', { token: null, body: { username: uniqueName('user'), password: 'x' } });
    expect(open.status).toBe(401);
  });

  it.each([
    ['a name with other characters', { app_name: 'a_b' }, 400, 'illegal_argument', /^app_name: 1 to 32 of letters/],
    ['a name that is too long', { app_name: 'a'.repeat(33) }, 400, 'illegal_argument', /^app_name: 1 to 32/],
    ['no name', {}, 400, 'illegal_argument', /^app_name: /],
    ['a description that is too long', { app_name: 'x', description: 'x'.repeat(201) }, 400, 'illegal_argument', /^description: /],
  ])('are not made with %s', async (_, body, status, error, description) => {
    expectError(await owner.call('POST', `/orgs/${org}/apps`, body), status, error, description);
  });

  it('have a name once', async () => {
    const { name } = await givenApp();
    expectError(await owner.call('POST', `/orgs/${org}/apps`, { app_name: name.toUpperCase() }), 409, 'conflict', `There is an app ${name} already`);
  });
});

describe('settings', () => {
  it('are changed by the app, within ceilings that the operator sets, and hold at once', async () => {
    const app = await givenApp();
    const change = (by: AdminApi, what: string, body: unknown) => by.call('PUT', `${app.path}/${what}`, body);
    expect((await owner.call('GET', `${app.path}/settings`)).body).toMatchObject({ settings: { openRegistration: false, editsPerMessage: 10 }, chosen: {}, ceilings: {} });
    expect((await change(owner, 'settings', { openRegistration: true, editsPerMessage: 5 })).body).toMatchObject({
      settings: { openRegistration: true, editsPerMessage: 5 },
      chosen: { openRegistration: true, editsPerMessage: 5 },
    });
    await eventually(
      async () => (await app.platform.rest.call('POST', '/users', { token: null, body: { username: uniqueName('open'), password: 'x' } })).status === 200,
      { what: 'open registration' },
    );
    expectError(await change(owner, 'settings', { editsPerMessage: 50, nonsense: 1, openRegistration: 3 }), 400, 'illegal_argument', /editsPerMessage: .*; nonsense: .*; openRegistration: /);
    expect((await change(operator, 'ceilings', { editsPerMessage: 60 })).body).toMatchObject({ ceilings: { editsPerMessage: 60 } });
    expect((await change(owner, 'settings', { editsPerMessage: 50 })).body.settings.editsPerMessage).toBe(50);
    expect((await change(owner, 'settings', { editsPerMessage: null })).body.settings.editsPerMessage).toBe(60);
    expectError(await change(owner, 'ceilings', { editsPerMessage: 90 }), 403, 'forbidden', /app\.raise/);
    expectError(await change(owner, 'settings', { editsPerMessage: 'many' }), 400, 'illegal_argument', /editsPerMessage/);
  });
});

describe('client secrets', () => {
  it('end every app token of the app when one is revoked, and dynamic tokens that were made with it; a later token counts', async () => {
    const app = await givenApp();
    const { rest, endpoints: at } = app.platform;
    const { username } = await givenUser(app.platform);
    const before = await rest.appToken();
    const made = await owner.call('POST', `${app.path}/secrets`, {});
    const second = made.body.client_secret as string;
    const expires = (token: string) => rest.call('GET', `/sdk/users/${username}/token/expires`, { token });
    const [old, next] = [dynamicToken(at, username, app.clientSecret), dynamicToken(at, username, second)];
    expect([(await expires(old)).status, (await expires(next)).status]).toEqual([200, 200]);
    const { items } = (await owner.call('GET', `${app.path}/secrets`)).body as { items: { secret_id: string }[] };
    const first = items.find((one) => one.secret_id !== made.body.secret.secret_id)!;

    expect((await owner.call('DELETE', `${app.path}/secrets/${first.secret_id}`)).status).toBe(200);
    await eventually(async () => (await rest.call('GET', '/users', { token: before })).status === 401, { what: 'the app token has ended' });
    await eventually(async () => (await expires(old)).status === 401, { what: 'the dynamic token has ended' });
    expect((await expires(next)).status).toBe(200);
    const later = await tokenWith(app, second);
    expect((await rest.call('GET', '/users', { token: later.body.access_token })).status).toBe(200);
  });

  it('make users by dynamic tokens where the app is set to', async () => {
    const app = await givenApp();
    const { rest, endpoints: at } = app.platform;
    const username = uniqueName('dynamic');
    const ask = () => rest.call('GET', `/sdk/users/${username}/token/expires`, { token: dynamicToken(at, username, app.clientSecret) });
    expect((await ask()).status).toBe(401);
    await owner.call('PUT', `${app.path}/settings`, { dynamicTokenAutoCreate: true });
    await eventually(async () => (await ask()).status === 200, { what: 'the user is made' });
    expect((await rest.call('GET', `/users/${username}`)).status).toBe(200);
  });

  it('rotate: two are valid until the old one is revoked', async () => {
    const app = await givenApp();
    const path = `${app.path}/secrets`;
    const second = await owner.call('POST', path, {});
    expect(second.status).toBe(200);
    const valid = async (secret: string) => (await tokenWith(app, secret)).status === 200;
    expect([await valid(app.clientSecret), await valid(second.body.client_secret)]).toEqual([true, true]);
    expectError(await owner.call('POST', path, {}), 409, 'conflict', /two valid secrets/);
    const listed = (await owner.call('GET', path)).body.items as { secret_id: string; last_used_ms: number | null }[];
    expect(listed.map((one) => one.secret_id)[0]).toBe(second.body.secret.secret_id);
    await eventually(async () => (await owner.call('GET', path)).body.items.every((one: { last_used_ms: number | null }) => one.last_used_ms !== null), { what: 'last use noted' });
    expect((await owner.call('DELETE', `${path}/${listed[1]!.secret_id}`)).status).toBe(200);
    expect([await valid(app.clientSecret), await valid(second.body.client_secret)]).toEqual([false, true]);
    expectError(await owner.call('DELETE', `${path}/${listed[0]!.secret_id}`), 409, 'conflict', /only valid secret/);
    expectError(await owner.call('DELETE', `${path}/none`), 404, 'not_found', 'Not found');
  });

  it('end at a set time', async () => {
    const app = await givenApp();
    const made = await owner.call('POST', `${app.path}/secrets`, { expire_old_after_seconds: 0 });
    expectError(await tokenWith(app, app.clientSecret), 400, 'invalid_grant', 'client_secret does not match');
    expect((await tokenWith(app, made.body.client_secret)).status).toBe(200);
    expect((await owner.call('GET', `${app.path}/secrets`)).body.items).toHaveLength(1);
    expectError(await owner.call('POST', `${app.path}/secrets`, { expire_old_after_seconds: -1 }), 400, 'illegal_argument', /expire_old/);
  });
});

const SUSPENDED = ['forbidden_service_operation', 'the application is suspended'] as const;

describe('an app that is suspended', () => {
  it('refuses everything with its own error, ends connections, and works again afterwards', async () => {
    const app = await givenApp();
    const alice = await givenUser(app.platform);
    const userToken = await app.platform.rest.userToken(alice.username, alice.password);
    const device = await SdkDevice.create(app.platform);
    try {
      await device.open({ user: alice.username, pwd: alice.password });
      expect((await operator.call('POST', `${app.path}/suspend`)).body).toMatchObject({ state: 'suspended' });
      await device.event('onDisconnected');
      await eventually(async () => (await app.platform.rest.call('GET', '/users')).status === 403, { what: 'the refusal' });
      expectError(await app.platform.rest.call('GET', '/users'), 403, ...SUSPENDED);
      expectError(await app.platform.rest.call('POST', '/users', { body: { username: 'x', password: 'x' }, token: null }), 403, ...SUSPENDED);
      expectError(await tokenWith(app, app.clientSecret), 403, ...SUSPENDED);
      const raw = await RawClient.connect(endpoints.gatewayUrl);
      const answer = await raw.provision({ appKey: app.platform.endpoints.appKey, user: alice.username, token: userToken });
      expect(answer.status).toMatchObject({ code: 12, reason: 'Sorry, application is suspended' });
      raw.close();
      expect((await operator.call('POST', `${app.path}/suspend`)).status).toBe(200);
      expectError(await owner.call('POST', `${app.path}/resume`), 403, 'forbidden', /app\.suspend/);
      expect((await operator.call('POST', `${app.path}/resume`)).body).toMatchObject({ state: 'active' });
      await eventually(async () => (await app.platform.rest.call('GET', '/users')).status === 200, { what: 'the app' });
    } finally {
      await device.stop();
    }
  });
});

describe('the purge of an app', () => {
  it('is suspended at once and can be taken back while the time of grace lasts', async () => {
    const app = await givenApp();
    const { username } = await givenUser(app.platform);
    const marked = await operator.call('POST', `${app.path}/purge`, { grace_seconds: 3_600 });
    expect(marked.body).toMatchObject({ state: 'suspended', purge_ms: expect.any(Number) });
    expect((await operator.call('POST', `${app.path}/purge`, { grace_seconds: 7_200 })).body.purge_ms).toBe(marked.body.purge_ms);
    await eventually(async () => (await app.platform.rest.call('GET', '/users')).status === 403, { what: 'the refusal' });
    expectError(await operator.call('POST', `${app.path}/resume`), 409, 'conflict', /marked for purge/);
    expect((await operator.call('POST', `${app.path}/restore`)).body).toMatchObject({ state: 'active', purge_ms: null });
    await eventually(async () => (await app.platform.rest.call('GET', `/users/${username}`)).status === 200, { what: 'the user, still there' });
    expectError(await operator.call('POST', `${app.path}/restore`), 409, 'conflict', /not marked/);
    expectError(await operator.call('POST', `${app.path}/purge`, { grace_seconds: 0 }), 400, 'illegal_argument', /grace_seconds/);
    expectError(await owner.call('POST', `${app.path}/purge`, {}), 403, 'forbidden', /app\.purge/);
  });

  it('leaves nothing: a later app of the same name has no users, and none of the old credentials', async () => {
    const app = await givenApp();
    const alice = await givenUser(app.platform);
    await operator.call('POST', `${app.path}/purge`, { grace_seconds: 1 });
    await eventually(async () => (await owner.call('GET', app.path)).status === 404, { what: 'the end of the app', withinMs: 30_000 });
    expectError(await app.platform.rest.call('GET', '/users'), 404, 'organization_application_not_found', /Could not find application/);
    const purged = (await owner.call('GET', `/orgs/${org}/audit?act=app.purged`)).body.items;
    expect(purged[0]).toMatchObject({ app: app.name, actor: 'the platform', outcome: 'done' });
    const { body } = await owner.call('POST', `/orgs/${org}/apps`, { app_name: app.name });
    expectError(await tokenWith(app, app.clientSecret), 400, 'invalid_grant', 'client_id does not match');
    const again = new RestClient({ ...app.platform.endpoints, clientId: body.app.client_id, clientSecret: body.client_secret });
    expect((await again.call('GET', '/users')).body.entities).toEqual([]);
    expect((await again.call('GET', `/users/${alice.username}`)).status).toBe(404);
  });
});
