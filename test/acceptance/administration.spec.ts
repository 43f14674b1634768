import { beforeAll, describe, expect, it } from '@jest/globals';
import { AdminApi, type AdminPerson, operatorUnderTest, platformUnderTest, type RestAnswer, uniqueName } from '@parley/testkit';
import { expectError } from './envelope.js';

const { endpoints } = platformUnderTest();
const { restUrl } = endpoints;
const PASSWORD = 'a long enough password';
const nobody = AdminApi.anonymous(restUrl);
let operator: AdminApi;

interface Organisation {
  name: string;
  owner: AdminPerson;
  api: AdminApi;
}
let acme: Organisation;
let other: Organisation;

async function givenOrganisation(): Promise<Organisation> {
  const name = uniqueName('org');
  const made = await operator.call('POST', '/orgs', { name, owner_login: 'owner' });
  expect(made.status).toBe(200);
  const accepted = await nobody.call('POST', '/invitations/accept', { invitation_token: made.body.invitation_token, password: PASSWORD });
  expect(accepted).toMatchObject({ status: 200, body: { org: name, login: 'owner', role: 'owner' } });
  const owner = { org: name, login: 'owner', password: PASSWORD };
  return { name, owner, api: await AdminApi.signIn(restUrl, owner) };
}

/** An administrator of acme who has accepted his invitation. */
async function given(role: string, more: { apps?: string[]; all_apps?: boolean } = {}): Promise<{ who: AdminPerson; api: AdminApi; id: string }> {
  const login = uniqueName(role.replace('_', '-'));
  const invited = await acme.api.call('POST', `/orgs/${acme.name}/invitations`, { login, role, ...more });
  expect(invited).toMatchObject({ status: 200, body: { invitation: { login, role } } });
  const accepted = await nobody.call('POST', '/invitations/accept', { invitation_token: invited.body.invitation_token, password: PASSWORD });
  const who = { org: acme.name, login, password: PASSWORD };
  return { who, api: await AdminApi.signIn(restUrl, who), id: accepted.body.admin_id as string };
}

async function givenApp(of = acme): Promise<string> {
  const app_name = uniqueName('app');
  expect((await of.api.call('POST', `/orgs/${of.name}/apps`, { app_name })).status).toBe(200);
  return app_name;
}

beforeAll(async () => {
  operator = await AdminApi.signIn(restUrl, operatorUnderTest());
  [acme, other] = await Promise.all([givenOrganisation(), givenOrganisation()]);
}, 60_000);

describe('who one is', () => {
  it('is said of people, operators and keys', async () => {
    expect((await operator.call('GET', '/me')).body).toMatchObject({ org: '-', role: 'operator', kind: 'person' });
    expect((await acme.api.call('GET', '/me')).body).toMatchObject({ org: acme.name, login: 'owner', role: 'owner', all_apps: true, apps: [] });
  });

  it.each([
    ['no token', undefined, 401, 'unauthorized', 'Unable to authenticate due to expired access token'],
    ['a token that is none', 'nonsense', 401, 'auth_bad_access_token', 'Unable to authenticate due to corrupt access token'],
  ])('is refused with %s', async (_, token, status, error, description) => {
    const response = await fetch(`${restUrl}/admin/v1/me`, { headers: token ? { authorization: `Bearer ${token}` } : {} });
    expectError({ status: response.status, body: await response.json(), headers: response.headers } as RestAnswer, status, error, description);
  });

  it("is not proved by an app's token, nor does an administrator's open an app", async () => {
    const { rest } = platformUnderTest();
    const asApp = await fetch(`${restUrl}/admin/v1/me`, { headers: { authorization: `Bearer ${await rest.appToken()}` } });
    expect(asApp.status).toBe(401);
    expect((await rest.call('GET', '/users', { token: operator.token })).status).toBe(401);
  });
});

describe('organisations', () => {
  it('are registered by an operator, whatever the case of the name, and each sees its own', async () => {
    expect((await operator.call('GET', `/orgs/${acme.name.toUpperCase()}`)).body).toMatchObject({ name: acme.name, display_name: acme.name });
    expect((await acme.api.call('GET', '/orgs')).body).toEqual({ items: [expect.objectContaining({ name: acme.name })] });
    const all: string[] = [];
    for (let cursor = ''; ; ) {
      const { body } = await operator.call('GET', `/orgs?limit=2&cursor=${cursor}`);
      all.push(...body.items.map((one: { name: string }) => one.name));
      if (!body.cursor) break;
      cursor = body.cursor;
    }
    expect(all).toEqual(expect.arrayContaining([acme.name, other.name]));
    expect(all).toEqual([...new Set(all)].sort());
    expect(all).not.toContain('-');
  });

  it('change what they are called', async () => {
    expect((await acme.api.call('PUT', `/orgs/${acme.name}`, { display_name: 'Acme' })).body).toMatchObject({ display_name: 'Acme' });
  });

  it.each([
    ['a name that is taken', () => ({ name: acme.name, owner_login: 'ann' }), 409, 'conflict', /There is an organisation/],
    ['a name with other characters', () => ({ name: 'a_b', owner_login: 'ann' }), 400, 'illegal_argument', /^name: 2 to 32 of letters/],
    ['a name of the platform', () => ({ name: 'oauth', owner_login: 'ann' }), 400, 'illegal_argument', /reserved/],
    ['an owner whose name is none', () => ({ name: uniqueName('org'), owner_login: 'a b' }), 400, 'illegal_argument', /^login: /],
    ['no owner', () => ({ name: uniqueName('org') }), 400, 'illegal_argument', /^owner_login: /],
    ['no body', () => undefined, 400, 'illegal_argument', /^name: /],
  ])('are not made with %s', async (_, body, status, error, description) => {
    expectError(await operator.call('POST', '/orgs', body()), status, error, description);
  });

  it('do not register themselves where the operator has not said so, whether or not the name is taken', async () => {
    for (const name of [acme.name, uniqueName('org'), 'a_b']) {
      const asked = { name, owner_login: 'ann@example.org', owner_name: 'Ann', password: PASSWORD };
      expectError(await nobody.call('POST', '/registrations', asked), 403, 'forbidden', /registered by this platform's operator/);
    }
    expect((await operator.call('GET', '/registrations')).body).toEqual({ items: [] });
  });

  it('are not made by others', async () => {
    expectError(await acme.api.call('POST', '/orgs', { name: 'x1', owner_login: 'ann' }), 403, 'forbidden', /org\.create/);
  });
});

describe('text that no store takes', () => {
  const NUL = 'a\u0000b';
  it.each([
    ['what an organisation is called', 'PUT', () => ({ display_name: NUL }), ''],
    ['the description of an app', 'POST', () => ({ app_name: uniqueName('app'), description: NUL }), '/apps'],
    ['what a key is for', 'POST', () => ({ label: NUL, role: 'admin' }), '/keys'],
    ['the apps of an invitation', 'POST', () => ({ login: uniqueName('ann'), role: 'app_admin', apps: [NUL] }), '/invitations'],
    ['an act of the audit log', 'GET', () => undefined, '/audit?act=a%00b'],
    ['an actor of the audit log', 'GET', () => undefined, '/audit?actor=a%00b'],
  ])('is refused as %s', async (_, method, body, path) => {
    expectError(await acme.api.call(method, `/orgs/${acme.name}${path}`, body()), 400, 'illegal_argument', /control character/);
  });
});

describe('administrators', () => {
  it('are listed, changed, disabled and removed', async () => {
    const { api, who, id } = await given('admin');
    const path = `/orgs/${acme.name}/admins/${id}`;
    expect((await api.call('GET', path)).body).toMatchObject({ login: who.login, role: 'admin', disabled: false, created_by: 'owner' });
    const listed = await acme.api.call('GET', `/orgs/${acme.name}/admins?limit=100`);
    expect(listed.body.items.map((one: { login: string }) => one.login)).toEqual(expect.arrayContaining(['owner', who.login]));
    expect((await acme.api.call('GET', `${path}/sessions`)).body.items).toEqual([expect.objectContaining({ client_id: 'parley-cli', current: false })]);
    expect((await acme.api.call('PUT', path, { grant: { role: 'read_only', all_apps: true } })).body).toMatchObject({ role: 'read_only', all_apps: true });
    expectError(await api.call('POST', `/orgs/${acme.name}/apps`, { app_name: 'x' }), 403, 'forbidden', /app\.create/);
    expect((await acme.api.call('DELETE', `${path}/sessions`)).body).toEqual({ ended: 1 });
    expect((await api.call('GET', '/me')).status).toBe(401);
    await AdminApi.signIn(restUrl, who);
    expect((await acme.api.call('PUT', path, { disabled: true })).body).toMatchObject({ disabled: true });
    await expect(AdminApi.signIn(restUrl, who)).rejects.toThrow('401');
    expect((await acme.api.call('DELETE', path)).status).toBe(200);
    expectError(await acme.api.call('GET', path), 404, 'not_found', 'Not found');
  });

  it('keep an owner', async () => {
    const me = (await acme.api.call('GET', '/me')).body.admin_id;
    expectError(await acme.api.call('DELETE', `/orgs/${acme.name}/admins/${me}`), 409, 'conflict', /at least one owner/);
    expectError(await acme.api.call('PUT', `/orgs/${acme.name}/admins/${me}`, { disabled: true }), 409, 'conflict', /at least one owner/);
  });

  it('neither give nor take more than they may', async () => {
    const { api } = await given('admin');
    const me = (await acme.api.call('GET', '/me')).body.admin_id;
    expectError(await api.call('POST', `/orgs/${acme.name}/invitations`, { login: 'eve', role: 'owner' }), 403, 'forbidden', /role owner/);
    expectError(await api.call('DELETE', `/orgs/${acme.name}/admins/${me}`), 403, 'forbidden', /role owner/);
    expectError(await api.call('DELETE', `/orgs/${acme.name}/admins/${me}/sessions`), 403, 'forbidden', /role owner/);
    expectError(await api.call('POST', `/orgs/${acme.name}/keys`, { label: 'x', role: 'owner' }), 403, 'forbidden', /role owner/);
  });

  it.each([
    ['a role that is none', { login: 'eve', role: 'emperor' }, /^role: must be one of owner, admin/],
    ['an app that is none', { login: 'eve', role: 'app_admin', apps: ['nothing'] }, 'apps: there is no nothing'],
    ['an app admin of nothing', { login: 'eve', role: 'app_admin' }, /^apps: name at least one/],
    ['a name that is none', { login: 'e', role: 'admin' }, /^login: /],
    ['the wrong type', { login: 'eve', role: 'admin', apps: 'chat' }, /^apps: /],
  ])('are not invited with %s', async (_, body, description) => {
    expectError(await acme.api.call('POST', `/orgs/${acme.name}/invitations`, body), 400, 'illegal_argument', description);
  });

  it('come once by an invitation, which can be withdrawn before', async () => {
    const invite = (login: string) => acme.api.call('POST', `/orgs/${acme.name}/invitations`, { login, role: 'admin' });
    const accept = (token: string, password = PASSWORD) => nobody.call('POST', '/invitations/accept', { invitation_token: token, password });
    const login = uniqueName('ann');
    const { invitation_token } = (await invite(login)).body;
    expectError(await accept(invitation_token, 'short'), 400, 'illegal_argument', /^password: 10 to 128/);
    expect((await accept(invitation_token)).status).toBe(200);
    expectError(await accept(invitation_token), 400, 'invalid_invitation', /does not exist/);
    expectError(await invite(login), 409, 'conflict', `There is an administrator ${login} already`);
    const second = (await invite(uniqueName('bob'))).body;
    const path = `/orgs/${acme.name}/invitations`;
    expect((await acme.api.call('GET', path)).body.items).toEqual(expect.arrayContaining([expect.objectContaining({ invitation_id: second.invitation.invitation_id })]));
    expect((await acme.api.call('DELETE', `${path}/${second.invitation.invitation_id}`)).status).toBe(200);
    expectError(await accept(second.invitation_token), 400, 'invalid_invitation', /does not exist/);
    expectError(await acme.api.call('DELETE', `${path}/${second.invitation.invitation_id}`), 404, 'not_found', 'Not found');
  });

  it('change their password and end their sessions', async () => {
    const { who, api } = await given('support', { all_apps: true });
    const elsewhere = await AdminApi.signIn(restUrl, who);
    const change = (old_password: string, new_password: string) => api.call('PUT', '/me/password', { old_password, new_password });
    expectError(await change('wrong', 'the next long password'), 401, 'invalid_credentials', /wrong/);
    expectError(await change(PASSWORD, 'short'), 400, 'illegal_argument', /^password: /);
    expect((await change(PASSWORD, 'the next long password')).status).toBe(200);
    expect((await elsewhere.call('GET', '/me')).status).toBe(401);
    const again = await AdminApi.signIn(restUrl, { ...who, password: 'the next long password' });
    const sessions = (await api.call('GET', '/me/sessions')).body.items as { session_id: string; current: boolean }[];
    expect(sessions.map((one) => one.current).sort()).toEqual([false, true]);
    expect((await api.call('DELETE', '/me/sessions')).body).toEqual({ ended: 1 });
    expect((await again.call('GET', '/me')).status).toBe(401);
    const own = sessions.find((one) => one.current)!.session_id;
    expectError(await api.call('DELETE', '/me/sessions/none'), 404, 'not_found', 'Not found');
    expect((await api.call('DELETE', `/me/sessions/${own}`)).body).toEqual({ ended: 1 });
    expect((await api.call('GET', '/me')).status).toBe(401);
  });
});

describe('API keys', () => {
  it('act with their role until they are revoked', async () => {
    const made = await acme.api.call('POST', `/orgs/${acme.name}/keys`, { label: 'deploy', role: 'admin' });
    expect(made).toMatchObject({ status: 200, body: { key: { label: 'deploy', role: 'admin', expires_ms: null } } });
    const key = await AdminApi.withKey(restUrl, made.body.key.client_id, made.body.client_secret);
    expect((await key.call('GET', '/me')).body).toMatchObject({ kind: 'key', org: acme.name });
    expectError(await key.call('PUT', '/me/password', { old_password: 'x', new_password: PASSWORD }), 403, 'forbidden', /API key/);
    const path = `/orgs/${acme.name}/keys`;
    const listed = (await key.call('GET', path)).body.items as { client_id: string }[];
    expect(listed).toEqual(expect.arrayContaining([expect.objectContaining({ client_id: made.body.key.client_id })]));
    expect(JSON.stringify(listed)).not.toContain(made.body.client_secret);
    expect((await acme.api.call('DELETE', `${path}/${made.body.key.key_id}`)).status).toBe(200);
    expect((await key.call('GET', '/me')).status).toBe(401);
    await expect(AdminApi.withKey(restUrl, made.body.key.client_id, made.body.client_secret)).rejects.toThrow('invalid_client');
    expectError(await acme.api.call('POST', path, { role: 'admin' }), 400, 'illegal_argument', /^label: /);
  });
});

describe('the audit log', () => {
  it('tells what was done and what was refused, to those who may read it', async () => {
    const app = await givenApp();
    const { api } = await given('app_admin', { apps: [app] });
    await api.call('PUT', `/orgs/${acme.name}/apps/${app}`, { description: 'changed' });
    expectError(await api.call('GET', `/orgs/${acme.name}/audit`), 403, 'forbidden', /audit\.read/);
    const ofApp = (await api.call('GET', `/orgs/${acme.name}/apps/${app}/audit`)).body.items;
    expect(ofApp.map((one: { act: string }) => one.act)).toEqual(['app.changed', 'app.created']);
    expect(ofApp[0]).toMatchObject({ org: acme.name, app, target: app, outcome: 'done', address: '127.0.0.1', detail: { description: 'changed' } });
    const refused = (await acme.api.call('GET', `/orgs/${acme.name}/audit?act=access.refused&limit=1`)).body;
    expect(refused.items).toEqual([expect.objectContaining({ outcome: 'admin_forbidden', detail: { permission: 'audit.read' } })]);
    expectError(await acme.api.call('GET', `/orgs/${acme.name}/audit?limit=1000`), 400, 'illegal_argument', /^limit: /);
  });
});

describe('the border between organisations', () => {
  interface Described {
    'x-parley-permission'?: string;
  }
  let operations: { method: string; path: string; permission: string }[];
  beforeAll(async () => {
    const { paths } = (await (await fetch(`${restUrl}/openapi.json`)).json()) as { paths: Record<string, Record<string, Described>> };
    operations = Object.entries(paths).flatMap(([path, methods]) =>
      Object.entries(methods).flatMap(([method, { 'x-parley-permission': permission }]) =>
        permission === undefined ? [] : [{ method: method.toUpperCase(), path, permission }],
      ),
    );
    expect(operations.length).toBeGreaterThan(25);
  });
  const fill = (path: string, org: string, app: string) =>
    path.replace('{org}', org).replace('{app}', app).replaceAll(/\{\w+\}/g, '0b2f9a3e-5c1d-4f0e-9a55-1c2d3e4f5a6b');
  const withoutTimes = ({ status, body }: RestAnswer) => ({ status, error: body.error, description: body.error_description, exception: body.exception });

  it('is the same for what is foreign and what does not exist, in every operation', async () => {
    const theirs = await givenApp(other);
    for (const { method, path } of operations.filter((one) => one.path.includes('{org}'))) {
      const foreign = withoutTimes(await acme.api.call(method, fill(path, other.name, theirs), method === 'GET' ? undefined : {}));
      const missing = withoutTimes(await acme.api.call(method, fill(path, uniqueName('none'), 'nothing'), method === 'GET' ? undefined : {}));
      expect({ method, path, ...foreign }).toEqual({ method, path, status: 404, error: 'not_found', description: 'Not found', exception: 'NotFoundException' });
      expect(missing).toEqual(foreign);
    }
  });

  it('holds for ids of others within the own organisation', async () => {
    const theirOwner = (await other.api.call('GET', '/me')).body.admin_id as string;
    for (const [method, path] of [['GET', ''], ['PUT', ''], ['DELETE', ''], ['GET', '/sessions'], ['DELETE', '/sessions']] as const) {
      expectError(await acme.api.call(method, `/orgs/${acme.name}/admins/${theirOwner}${path}`, method === 'GET' ? undefined : {}), 404, 'not_found', 'Not found');
    }
    expectError(await acme.api.call('DELETE', `/orgs/${acme.name}/keys/${theirOwner}`), 404, 'not_found', 'Not found');
    const theirApp = await givenApp(other);
    expectError(await acme.api.call('GET', `/orgs/${acme.name}/apps/${theirApp}`), 404, 'not_found', 'Not found');
    const secret = (await other.api.call('GET', `/orgs/${other.name}/apps/${theirApp}/secrets`)).body.items[0].secret_id;
    const mine = await givenApp();
    expectError(await acme.api.call('DELETE', `/orgs/${acme.name}/apps/${mine}/secrets/${secret}`), 404, 'not_found', 'Not found');
  });

  it('gives read-only nothing but what its role has, in every operation', async () => {
    const app = await givenApp();
    const { api } = await given('read_only', { all_apps: true });
    const has = new Set(['org.read', 'app.read', 'admin.read', 'audit.read', 'app.audit', 'app.content']);
    for (const { method, path, permission } of operations) {
      const { status } = await api.call(method, fill(path, acme.name, app), method === 'GET' ? undefined : {});
      expect({ method, path, permission, refused: status === 403 }).toEqual({ method, path, permission, refused: !has.has(permission) });
    }
  });

  it('hides apps that are not named', async () => {
    const [named, hidden] = [await givenApp(), await givenApp()];
    const { api } = await given('app_admin', { apps: [named] });
    expect((await api.call('GET', `/orgs/${acme.name}/apps?limit=100`)).body.items.map((one: { app_name: string }) => one.app_name)).toEqual([named]);
    for (const { method, path } of operations.filter((one) => one.path.includes('{app}'))) {
      const { status } = await api.call(method, fill(path, acme.name, hidden), method === 'GET' ? undefined : {});
      expect({ method, path, status }).toEqual({ method, path, status: 404 });
    }
  });
});
