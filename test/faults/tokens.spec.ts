import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { getCACertificates, setDefaultCACertificates } from 'node:tls';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { auth, certificates, keys } from '@parley/contracts';
import { freePort } from '@parley/embedded';
import { rpcClient, type RpcClient } from '@parley/rpc';
import { eventually, givenUser, RestClient, type RunningPlatform, SdkDevice, startPlatform, type TestUser } from '@parley/testkit';
import { ChatTokenBuilder } from 'agora-token';
import { generate } from 'selfsigned';

/** Beside waiting on a condition: far more than it takes, for a machine that does much else. */
const SOON = { everyMs: 100 };

/**
 * Tokens on a platform as it would be run: a process for each service, two gateways, two REST APIs, HTTPS and WSS.
 */
describe('tokens, with two gateways and two APIs', () => {
  jest.setTimeout(120_000);
  const folder = mkdtempSync(join(tmpdir(), 'parley-tokens-'));
  const certFile = join(folder, 'cert.pem');
  let platform: RunningPlatform;
  let secondApi: ChildProcess;
  let urls: string[];
  let authority: RpcClient<typeof auth.AuthServiceService>;
  let certs: RpcClient<typeof certificates.CertificateServiceService>;
  let signing: RpcClient<typeof keys.KeyServiceService>;
  const devices: SdkDevice[] = [];

  beforeAll(async () => {
    const extensions = [
      { name: 'basicConstraints', cA: true },
      { name: 'subjectAltName', altNames: [{ type: 7, ip: '127.0.0.1' }] },
    ];
    const made = await generate([{ name: 'commonName', value: 'parley.test' }], { keyType: 'ec', extensions } as never);
    writeFileSync(certFile, made.cert);
    writeFileSync(join(folder, 'key.pem'), made.private);
    setDefaultCACertificates([...getCACertificates('default'), made.cert]);

    const [authRpc, userRpc, apiPort] = [await freePort(), await freePort(), await freePort()];
    const env = {
      PARLEY_TLS_CERT_FILE: certFile,
      PARLEY_TLS_KEY_FILE: join(folder, 'key.pem'),
      PARLEY_AUTH_RPC: `127.0.0.1:${authRpc}`,
      PARLEY_USER_RPC: `127.0.0.1:${userRpc}`,
    };
    platform = await startPlatform({ mode: 'processes', gateways: 2, env });
    const { natsPort } = JSON.parse(readFileSync(join(platform.home, 'state.json'), 'utf8')) as { natsPort: number };
    const script = fileURLToPath(new URL('../../apps/api/dist/main.js', import.meta.url));
    const apiEnv = { ...process.env, ...env, PARLEY_API_PORT: String(apiPort), NATS_URL: `nats://127.0.0.1:${natsPort}` };
    secondApi = spawn(process.execPath, [script], { env: apiEnv, stdio: 'ignore' });
    urls = [platform.endpoints.restUrl, `https://127.0.0.1:${apiPort}`];
    await eventually(async () => (await fetch(`${urls[1]}/health/ready`)).ok, SOON);
    authority = rpcClient(auth.AuthServiceClient, env.PARLEY_AUTH_RPC);
    certs = rpcClient(certificates.CertificateServiceClient, env.PARLEY_AUTH_RPC);
    signing = rpcClient(keys.KeyServiceClient, env.PARLEY_AUTH_RPC);
  });

  /** With an app token of its own: some tests end those of before. */
  beforeEach(() => {
    platform = { ...platform, rest: new RestClient(platform.endpoints) };
  });

  afterEach(async () => {
    await Promise.allSettled(devices.splice(0).map((device) => device.stop()));
  });

  afterAll(async () => {
    for (const client of [authority, certs, signing]) client?.close();
    secondApi?.kill('SIGTERM');
    await platform?.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  const device = async (gateway: number) => {
    const one = await SdkDevice.create(platform, { gateway, env: { NODE_EXTRA_CA_CERTS: certFile } });
    devices.push(one);
    return one;
  };
  const online = async (gateway: number, user: TestUser, accessToken: string) => {
    const one = await device(gateway);
    await one.open({ user: user.username, accessToken });
    return one;
  };
  const path = (rest: string) => `/${platform.endpoints.org}/${platform.endpoints.app}${rest}`;
  /** What each API says of a token of the user. */
  const asked = (user: TestUser, token: string) =>
    Promise.all(urls.map(async (url) => (await platform.rest.call('GET', `${url}${path(`/sdk/users/${user.username}/token/expires`)}`, { token })).status));
  const appAsked = (token: string) => Promise.all(urls.map(async (url) => (await platform.rest.call('GET', `${url}${path('/users?limit=1')}`, { token })).status));
  const become = (ask: () => Promise<number[]>, status: number) =>
    eventually(async () => (await ask()).every((one) => one === status), { ...SOON, what: `every API answers ${status}` });
  /** What the operator's command says. */
  const parleyKeys = (...args: string[]) => {
    const cli = fileURLToPath(new URL('../../apps/cli/dist/main.js', import.meta.url));
    return execFileSync(process.execPath, [cli, 'keys', ...args], { env: { ...process.env, PARLEY_HOME: platform.home }, encoding: 'utf8' });
  };
  const actor = { org: '-', adminId: '', kind: 'person', login: 'somebody of the platform', role: 'operator', sessionId: '', origin: undefined };
  const tenant = async () => (await authority.resolveApp(platform.endpoints)).tenant;

  it('let the official SDK in over https and wss, and a message through', async () => {
    const [alice, bob] = [await givenUser(platform, 'alice'), await givenUser(platform, 'bob')];
    const [one, other] = [await device(0), await device(1)];
    await one.open({ user: alice.username, pwd: alice.password });
    await other.open({ user: bob.username, pwd: bob.password });
    await one.sendText(bob.username, 'over TLS');
    expect(await other.event('onTextMessage')).toMatchObject({ msg: 'over TLS' });
  });

  it('end everywhere when the password changes: sessions with the notice, calls with 401; and a later one counts', async () => {
    const alice = await givenUser(platform, 'alice');
    const token = await platform.rest.userToken(alice.username, alice.password);
    const sessions = [await online(0, alice, token), await online(1, alice, token)];
    expect(await asked(alice, token)).toEqual([200, 200]);

    await platform.rest.call('PUT', `/users/${alice.username}/password`, { body: { newpassword: 'other' } });
    await Promise.all(sessions.map((session) => session.event('onError', (error) => error.type === 216)));
    await become(() => asked(alice, token), 401);
    const later = await platform.rest.userToken(alice.username, 'other');
    expect(await asked(alice, later)).toEqual([200, 200]);
    await online(1, alice, later);
  });

  it('end also when nobody heard of it: NATS was away', async () => {
    const alice = await givenUser(platform, 'alice');
    const token = await platform.rest.userToken(alice.username, alice.password);
    const sessions = [await online(0, alice, token), await online(1, alice, token)];
    expect(await asked(alice, token)).toEqual([200, 200]);

    process.kill(platform.pids()['nats']!, 'SIGKILL');
    await platform.rest.call('PUT', `/users/${alice.username}/password`, { body: { newpassword: 'other' } });
    await Promise.all(sessions.map((session) => session.event('onError', (error) => error.type === 216)));
    await become(() => asked(alice, token), 401);
  });

  it('that ended do not come back with a restart of gateways, API, user and auth', async () => {
    const alice = await givenUser(platform, 'alice');
    const token = await platform.rest.userToken(alice.username, alice.password);
    await platform.rest.call('GET', `/users/${alice.username}/disconnect`);
    await become(() => asked(alice, token), 401);

    const before = platform.pids();
    for (const name of ['gateway', 'gateway-2', 'api', 'user', 'auth']) process.kill(before[name]!, 'SIGKILL');
    await eventually(() => ['gateway', 'gateway-2', 'api', 'user', 'auth'].every((name) => platform.pids()[name] !== before[name]), SOON);
    await eventually(async () => (await fetch(`${urls[0]}/health/ready`)).ok, SOON);
    expect(await asked(alice, token)).toEqual([401, 401]);
    for (const gateway of [0, 1]) {
      const again = await device(gateway);
      await eventually(async () => {
        await expect(again.open({ user: alice.username, accessToken: token })).rejects.toMatchObject({ type: 28 });
        return true;
      }, SOON);
    }
  });

  it('of a revoked key end everywhere, and those of the next one count', async () => {
    const alice = await givenUser(platform, 'alice');
    const token = await platform.rest.userToken(alice.username, alice.password);
    const session = await online(1, alice, token);
    expect(await asked(alice, token)).toEqual([200, 200]);
    const stolen = (await signing.listKeys({})).keys.find((key) => key.state === 'signing')!;
    expect(parleyKeys('list')).toContain(`${stolen.kid}  signing`);
    expect(parleyKeys('revoke', stolen.kid)).toContain(`${stolen.kid}  revoked`);
    await session.event('onError', (error) => error.type === 217);
    await become(() => asked(alice, token), 401);
    const later = await platform.rest.userToken(alice.username, alice.password);
    expect(await asked(alice, later)).toEqual([200, 200]);
    await eventually(async () => {
      const { keys } = (await (await fetch(`${urls[1]}/.well-known/jwks.json`)).json()) as { keys: { kid: string }[] };
      return keys.length > 0 && keys.every((key) => key.kid !== stolen.kid);
    }, SOON);
  });

  it('AccessToken2 of the official builder lets the SDK in and calls through, is exchanged, and ends with its certificate', async () => {
    const alice = await givenUser(platform, 'alice');
    const { entities } = (await platform.rest.call('GET', `/users/${alice.username}`)).body as { entities: { uuid: string }[] };
    const { tokenAppId, appCertificate, certificate } = await certs.createCertificate({ actor, tenant: await tenant(), expireOldAfterSeconds: undefined });
    const byName = ChatTokenBuilder.buildUserToken(tokenAppId, appCertificate, alice.username, 600);
    const byUuid = ChatTokenBuilder.buildUserToken(tokenAppId, appCertificate, entities[0]!.uuid, 600);
    const ofApp = ChatTokenBuilder.buildAppToken(tokenAppId, appCertificate, 600);
    await online(0, alice, byUuid);
    expect(await asked(alice, byName)).toEqual([200, 200]);
    expect(await appAsked(ofApp)).toEqual([200, 200]);
    expect(await appAsked(byName)).toEqual([401, 401]);

    const exchanged = await platform.rest.call('POST', '/token', { body: { grant_type: 'agora' }, token: ofApp });
    expect(exchanged).toMatchObject({ status: 200, body: { access_token: expect.stringMatching(/^YWMt/) } });
    expect(exchanged.body.expire_timestamp).toBeLessThanOrEqual(Date.now() + 600_000);
    expect(await appAsked(exchanged.body.access_token as string)).toEqual([200, 200]);
    const stranger = ChatTokenBuilder.buildAppToken(tokenAppId, '0'.repeat(32), 600);
    expect(await platform.rest.call('POST', '/token', { body: { grant_type: 'agora' }, token: stranger })).toMatchObject({ status: 401, body: { error: 'auth_bad_access_token' } });

    await certs.revokeCertificate({ actor, tenant: await tenant(), certificateId: certificate!.certificateId });
    for (const token of [ofApp, exchanged.body.access_token as string]) await become(() => appAsked(token), 401);
    await become(() => asked(alice, byName), 401);
  });
});
