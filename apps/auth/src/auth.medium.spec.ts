import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { AppSettingsDirectory } from '@parley/app-settings';
import { auth, user } from '@parley/contracts';
import { DomainError } from '@parley/errors';
import { type RpcClient, type RunningRpcServer, startRpcServer } from '@parley/rpc';
import { Backbone } from '@parley/testkit';
import { TokenVerifier } from '@parley/tokens';
import * as authService from './start.js';

let backbone: Backbone;
let users: RunningRpcServer;
let authority: RpcClient<typeof auth.AuthServiceService>;
let edge: TokenVerifier;

/** A user service that knows alice (password "secret") and makes whom it is told to make. */
function userService(): Promise<RunningRpcServer> {
  const alice = user.User.fromPartial({ userId: 41n, username: 'alice', activated: true, tokenEpoch: 2, uuid: 'u-alice' });
  const implementation = {
    verifyPassword: async ({ username, password }: user.VerifyPasswordRequest) => {
      if (username !== 'alice') throw new DomainError('token_user_not_found');
      if (password !== 'secret') throw new DomainError('invalid_password');
      return alice;
    },
    ensureUser: async ({ username, autoCreate }: user.EnsureUserRequest) => {
      if (username === 'alice') return alice;
      if (username === 'banned') return { ...alice, username, activated: false };
      if (!autoCreate) throw new DomainError('entity_user_not_found');
      return { ...alice, userId: 42n, username, tokenEpoch: 0 };
    },
  };
  const { verifyPassword, ensureUser } = user.UserServiceService;
  return startRpcServer({ address: '127.0.0.1:0', services: [[{ verifyPassword, ensureUser }, implementation]] });
}

const settings = () => ({ PARLEY_USER_RPC: users.address });

beforeAll(async () => {
  backbone = await Backbone.start();
  users = await userService();
  authority = backbone.client(auth.AuthServiceClient, await backbone.service(authService, settings()));
  edge = new TokenVerifier(async () => (await authority.getVerificationKeys({})).jwksJson);
}, 60_000);
afterAll(async () => {
  await backbone?.stop();
  await users?.stop();
}, 30_000);

const code = (expected: string) => expect.objectContaining({ code: expected });
let apps = 0;
let wanted: auth.EnsureAppRequest;
let tenant: NonNullable<auth.EnsureAppResponse['tenant']>;

// Each test has an app of its own.
beforeEach(async () => {
  apps++;
  wanted = { org: 'Demo', app: `Chat-${apps}`, clientId: `YXA6-${apps}`, clientSecret: `secret-${apps}`, openRegistration: false };
  tenant = (await authority.ensureApp(wanted)).tenant!;
});

const appToken = (changes: Partial<auth.IssueAppTokenRequest> = {}) =>
  authority.issueAppToken({ tenant, clientId: wanted.clientId, clientSecret: wanted.clientSecret, ttlSeconds: undefined, address: '', ...changes });

describe('an app', () => {
  it('is found by its names in any case, with its settings', async () => {
    expect(await authority.resolveApp({ org: 'DEMO', app: `cHAT-${apps}` })).toEqual({
      tenant: { appId: tenant.appId, appUuid: expect.stringMatching(/^[0-9a-f-]{36}$/), org: 'demo', app: `chat-${apps}` },
      settings: { openRegistration: false, tokenTtlSeconds: 5_184_000n },
    });
  });

  it('is made once, however often and however many at once ask for it', async () => {
    const again = { ...wanted, app: `twin-${apps}`, clientId: `twin-${apps}` };
    const made = await Promise.all(Array.from({ length: 5 }, () => authority.ensureApp(again)));
    expect(new Set(made.map((one) => one.tenant!.appId)).size).toBe(1);
    expect((await authority.ensureApp(wanted)).tenant).toEqual(tenant);
  });

  it('takes new credentials and settings when it is ensured with them', async () => {
    await authority.ensureApp({ ...wanted, clientSecret: 'changed', openRegistration: true });
    expect((await authority.resolveApp(wanted)).settings).toMatchObject({ openRegistration: true });
    await expect(appToken()).rejects.toEqual(code('client_secret_mismatch'));
    await expect(appToken({ clientSecret: 'changed' })).resolves.toMatchObject({ user: undefined });
  });

  it('tells services of a change before it is answered, so that they see it at once', async () => {
    const directory = new AppSettingsDirectory(backbone.bus);
    await backbone.bus.flush();
    expect(await directory.state(tenant.appId)).toMatchObject({ suspended: false, settings: { openRegistration: false } });
    await authority.ensureApp({ ...wanted, openRegistration: true });
    // What the server had for this connection by then.
    await backbone.bus.flush();
    expect(await directory.of(tenant.appId)).toMatchObject({ openRegistration: true });
    expect((await directory.state(999_999)).suspended).toBe(true);
    directory.close();
  });

  it.each([
    ['demo', 'nothing'],
    ['nobody', 'chat-1'],
    ['', ''],
    ['a\0b', 'chat'],
    ['李雷', 'x'.repeat(5_000)],
  ])('%j/%j that does not exist is not found', async (org, app) => {
    await expect(authority.resolveApp({ org, app })).rejects.toEqual(code('organization_application_not_found'));
  });
});

describe('a token', () => {
  it('for an app needs its client id and secret', async () => {
    const { accessToken, expiresInSeconds } = await appToken();
    expect(expiresInSeconds).toBe(5_184_000n);
    expect(await edge.verify(accessToken)).toMatchObject({ kind: 'app', tenant });
    await expect(appToken({ clientId: 'other' })).rejects.toEqual(code('client_id_mismatch'));
    await expect(appToken({ clientSecret: 'other' })).rejects.toEqual(code('client_secret_mismatch'));
    await expect(appToken({ clientSecret: '' })).rejects.toEqual(code('client_secret_mismatch'));
  });

  it("is not given for another app's credentials", async () => {
    const other = (await authority.ensureApp({ ...wanted, app: `other-${apps}`, clientId: `other-${apps}` })).tenant!;
    await expect(appToken({ tenant: other })).rejects.toEqual(code('client_id_mismatch'));
  });

  it('lives as long as asked for; 0 is for ever', async () => {
    const short = await appToken({ ttlSeconds: 60n });
    expect(short.expiresInSeconds).toBe(60n);
    expect((await edge.verify(short.accessToken)).expiresAtMs).toBeLessThanOrEqual(Date.now() + 60_000);
    const endless = await appToken({ ttlSeconds: 0n });
    expect((await edge.verify(endless.accessToken)).expiresAtMs).toBe(Infinity);
  });

  it('for a user needs the password, and carries id and epoch', async () => {
    const ask = (username: string, password: string) =>
      authority.issueUserTokenByPassword({ tenant, username, password, ttlSeconds: undefined, address: '' });
    const { accessToken, user: owner } = await ask('alice', 'secret');
    expect(owner).toMatchObject({ username: 'alice', uuid: 'u-alice' });
    expect(await edge.verify(accessToken)).toMatchObject({ kind: 'user', tenant, userId: 41n, username: 'alice', tokenEpoch: 2 });
    await expect(ask('alice', 'wrong')).rejects.toEqual(code('invalid_password'));
    await expect(ask('bob', 'secret')).rejects.toEqual(code('token_user_not_found'));
  });

  it('for a user by name needs the user to exist or to be made, and not to be banned', async () => {
    const ask = (username: string, autoCreateUser: boolean) =>
      authority.issueUserTokenByName({ tenant, username, autoCreateUser, ttlSeconds: 60n });
    expect(await edge.verify((await ask('alice', false)).accessToken)).toMatchObject({ userId: 41n });
    expect(await edge.verify((await ask('carl', true)).accessToken)).toMatchObject({ userId: 42n, username: 'carl' });
    await expect(ask('carl', false)).rejects.toEqual(code('entity_user_not_found'));
    await expect(ask('banned', true)).rejects.toEqual(code('user_not_activated'));
  });

  it('verifies wherever it was issued: replicas that start together on an empty database share one key', async () => {
    const fresh = { ...settings(), DATABASE_URL: backbone.database.urlOf('fresh') };
    const replicas = await Promise.all([backbone.service(authService, fresh), backbone.service(authService, fresh)]);
    const [one, other] = replicas.map((replica) => backbone.client(auth.AuthServiceClient, replica));
    const made = (await one!.ensureApp(wanted)).tenant;
    const { clientId, clientSecret } = wanted;
    const { accessToken } = await one!.issueAppToken({ tenant: made, clientId, clientSecret, ttlSeconds: 60n, address: '' });
    const { jwksJson } = await other!.getVerificationKeys({});

    expect(await new TokenVerifier(async () => jwksJson).verify(accessToken)).toMatchObject({ tenant: made });
    expect(JSON.parse(jwksJson).keys).toEqual([expect.not.objectContaining({ d: expect.anything() })]);
  }, 30_000);

  it('verifies after a restart of the service', async () => {
    const { accessToken } = await appToken();
    const client = backbone.client(auth.AuthServiceClient, await backbone.service(authService, settings()));
    const verifier = new TokenVerifier(async () => (await client.getVerificationKeys({})).jwksJson);
    expect(await verifier.verify(accessToken)).toMatchObject({ kind: 'app', tenant });
  });
});
