import { createServer as createPlain, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { createServer as createSecure } from 'node:https';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { freePort } from '@parley/embedded';
import { eventually, givenApp, type Platform, RawClient, type RunningPlatform, startPlatform, uniqueName } from '@parley/testkit';
import { exportJWK, generateKeyPair, type JWK, SignJWT } from 'jose';
import { generate } from 'selfsigned';

jest.setTimeout(180_000);
/** A key that is missing is looked for this often at most. */
const REFETCH_SECONDS = '10';
const AT_THE_NEXT_FETCH = { withinMs: 60_000, everyMs: 1_000 };

type Answer = (response: ServerResponse, request: IncomingMessage) => void;

/** A tenant's identity provider on this machine: publishes keys, and signs. */
class Provider {
  published: JWK[] = [];
  fetches = 0;
  /** In place of the keys. */
  answer: Answer | undefined;
  private server: Server | undefined;

  private constructor(
    readonly port: number,
    private readonly tls: { key: string; cert: string } | undefined,
  ) {}

  static async start(tls?: { key: string; cert: string }): Promise<Provider> {
    const provider = new Provider(await freePort(), tls);
    await provider.up();
    return provider;
  }

  /** Nobody listens there yet. */
  static async absent(): Promise<Provider> {
    return new Provider(await freePort(), undefined);
  }

  get url(): string {
    return `${this.tls ? 'https' : 'http'}://127.0.0.1:${this.port}/keys`;
  }

  async up(): Promise<void> {
    const listener: Parameters<typeof createPlain>[1] = (request, response) => {
      this.fetches++;
      if (this.answer) this.answer(response, request);
      else response.end(JSON.stringify({ keys: this.published }));
    };
    const server = this.tls ? createSecure(this.tls, listener) : createPlain(listener);
    this.server = server;
    await new Promise<void>((resolve) => server.listen(this.port, '127.0.0.1', resolve));
    providers.push(this);
  }

  async down(): Promise<void> {
    const { server } = this;
    this.server = undefined;
    server?.closeAllConnections();
    await new Promise((resolve) => (server ? server.close(resolve) : resolve(undefined)));
  }

  /** A new key pair: its public half, and what signs a fresh token with it. */
  async key(kid: string) {
    const pair = await generateKeyPair('ES256');
    const now = () => Math.floor(Date.now() / 1_000);
    const token = (sub: string) =>
      new SignJWT({ iss: this.url, aud: 'chat', sub, iat: now(), exp: now() + 300, jti: uniqueName('token') }).setProtectedHeader({ alg: 'ES256', kid }).sign(pair.privateKey);
    return { jwk: { ...(await exportJWK(pair.publicKey)), kid }, token };
  }
}

const folder = mkdtempSync(join(tmpdir(), 'parley-issuers-'));
const providers: Provider[] = [];
let tls: { key: string; cert: string };
let platform: RunningPlatform;
let app: Platform;

beforeAll(async () => {
  const extensions = [
    { name: 'basicConstraints', cA: true },
    { name: 'subjectAltName', altNames: [{ type: 7, ip: '127.0.0.1' }] },
  ];
  const made = await generate([{ name: 'commonName', value: 'idp.test' }], { keyType: 'ec', extensions } as never);
  tls = { key: made.private, cert: made.cert };
  writeFileSync(join(folder, 'cert.pem'), made.cert);
  platform = await startPlatform({ mode: 'standalone', env: { PARLEY_AUTH_JWKS_LOOPBACK: 'true', PARLEY_AUTH_JWKS_REFETCH_SECONDS: REFETCH_SECONDS, NODE_EXTRA_CA_CERTS: join(folder, 'cert.pem') } });
  app = await givenApp(platform);
});
afterAll(async () => {
  await Promise.all(providers.map((one) => one.down()));
  await platform?.stop();
  rmSync(folder, { recursive: true, force: true });
});

async function trust({ url }: Provider, jwks_url = url): Promise<void> {
  const body = { issuer: url, audiences: ['chat'], jwks_url, auto_create: true };
  expect(await app.rest.call('PUT', '/token/issuers', { body })).toMatchObject({ status: 200, body: { data: { jwks_url } } });
}

/** Whether a token opens what is its user's. */
const rest = async (user: string, token: string) => (await app.rest.call('GET', `/sdk/users/${user}/token/expires`, { token })).status;

async function msync(user: string, token: string): Promise<number | undefined> {
  const raw = await RawClient.connect(app.endpoints.gatewayUrls[0]!);
  try {
    return (await raw.provision({ appKey: app.endpoints.appKey, user, token })).status?.code;
  } finally {
    raw.terminate();
  }
}

describe("keys of a tenant's identity provider, by address", () => {
  let provider: Provider;
  let one: Awaited<ReturnType<Provider['key']>>;
  let two: typeof one;
  beforeAll(async () => {
    provider = await Provider.start(tls);
    [one, two] = [await provider.key('one'), await provider.key('two')];
    provider.published = [one.jwk];
    await trust(provider);
  });

  it('are fetched over HTTPS with the first token, and once for all that follow', async () => {
    expect(provider.fetches).toBe(0);
    for (const user of ['alice', 'bob', 'cid']) {
      expect(await rest(user, await one.token(user))).toBe(200);
      expect(await msync(user, await one.token(user))).toBe(0);
    }
    expect(provider.fetches).toBe(1);
  });

  it('rotate: a new key is found with its first token, at a bounded rate, and the one that is gone counts no more', async () => {
    provider.published = [two.jwk];
    const stranger = await provider.key('three');
    await eventually(async () => {
      expect(await rest('alice', await stranger.token('alice'))).toBe(401);
      return (await rest('alice', await two.token('alice'))) === 200;
    }, { ...AT_THE_NEXT_FETCH, what: 'the new key' });
    expect(provider.fetches).toBe(2);
    expect(await msync('alice', await two.token('alice'))).toBe(0);
    expect(await rest('alice', await one.token('alice'))).toBe(401);
    expect(await msync('alice', await one.token('alice'))).toBe(1);
    expect(provider.fetches).toBe(2);
  });

  it('serve on while the provider is away; a key that is not known is refused, not waited for', async () => {
    await provider.down();
    expect(await rest('alice', await two.token('alice'))).toBe(200);
    expect(await msync('bob', await two.token('bob'))).toBe(0);
    expect(await rest('alice', await (await provider.key('four')).token('alice'))).toBe(401);
  });

  it('of a provider that is removed open nothing more, and what they opened ends; other sessions go on', async () => {
    await app.rest.call('POST', '/users', { body: { username: 'dan', password: 'secret' } });
    const open = async (user: string, token: string) => RawClient.logIn(app.endpoints.gatewayUrls[0]!, { appKey: app.endpoints.appKey, user, token });
    const [alice, dan] = [await open('alice', await two.token('alice')), await open('dan', await app.rest.userToken('dan', 'secret'))];
    expect((await app.rest.call('DELETE', '/token/issuers', { body: { issuer: provider.url } })).status).toBe(200);
    expect(await rest('alice', await two.token('alice'))).toBe(401);
    expect(await msync('alice', await two.token('alice'))).toBe(1);
    expect(await alice.closed()).toBe(4203);
    expect((await dan.sendText('alice', 'hello')).serverId).toBeGreaterThan(0n);
    dan.terminate();
  });
});

describe('a provider whose keys were never had', () => {
  it('makes its tokens neither right nor wrong, until it is there', async () => {
    const provider = await Provider.absent();
    const key = await provider.key('one');
    provider.published = [key.jwk];
    await trust(provider);
    expect(await rest('alice', await key.token('alice'))).toBe(503);
    const raw = await RawClient.connect(app.endpoints.gatewayUrls[0]!);
    await expect(raw.provision({ appKey: app.endpoints.appKey, user: 'alice', token: await key.token('alice') })).rejects.toThrow('closed with 4003');
    await provider.up();
    await eventually(async () => (await rest('alice', await key.token('alice'))) === 200, { ...AT_THE_NEXT_FETCH, what: 'the keys' });
  });

  it.each<[string, (inside: Provider) => Answer]>([
    ['sends elsewhere', (inside) => (response) => response.writeHead(302, { location: inside.url }).end()],
    ['answers with more than any keys are', () => (response) => response.end(`{"keys":[${'{"kty":"RSA"},'.repeat(20_000)}{}]}`)],
    ['answers with what are no keys', () => (response) => response.end('<html>')],
    ['breaks off', () => (response) => void response.writeHead(200, { 'content-length': '1000' }).write('{"keys":', () => response.destroy())],
    ['never comes to an end', () => (response) => void response.writeHead(200).write('{"keys":')],
  ])('is not followed when it %s', async (_, answering) => {
    const [provider, inside] = [await Provider.start(), await Provider.start()];
    const key = await provider.key('one');
    inside.published = [key.jwk];
    provider.answer = answering(inside);
    await trust(provider);
    expect(await rest('alice', await key.token('alice'))).toBe(503);
    expect([provider.fetches, inside.fetches]).toEqual([1, 0]);
  });

  it('is not spoken to when its name leads inside', async () => {
    const provider = await Provider.start(tls);
    const key = await provider.key('one');
    provider.published = [key.jwk];
    // Not one of the spellings of this machine that the setting allows.
    await trust(provider, `https://localhost.:${provider.port}/keys`);
    expect(await rest('alice', await key.token('alice'))).toBe(503);
    expect(provider.fetches).toBe(0);
  });
});
