import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, it } from '@jest/globals';
import { exportJWK, generateKeyPair, SignJWT, jwtVerify, type JWK } from 'jose';
import { checkIssuer } from './issuer.rules.js';
import { addressProblem, isPublicAddress, publicLookup } from './jwks.address.js';
import { fetchJwks } from './jwks.fetch.js';
import { readJwks } from './jwks.rules.js';
import { KeySets } from './key.sets.js';

describe('an address of keys', () => {
  it.each([
    ['http://example.com/keys', 'https'],
    ['ftp://example.com', 'https'],
    ['https://user:pw@example.com', 'password'],
    ['https://127.0.0.1/keys', 'public'],
    ['https://localhost:8443/keys', 'public'],
    ['https://10.1.2.3/', 'public'],
    ['https://169.254.169.254/latest', 'public'],
    ['https://0x7f000001/', 'public'],
    ['https://2130706433/', 'public'],
    ['https://[::1]/', 'public'],
    ['https://[fd00::1]/', 'public'],
    ['https://[::ffff:10.0.0.1]/', 'public'],
    ['nonsense', 'URL'],
  ])('%s is refused', (address, why) => {
    expect(addressProblem(address, false)).toContain(why);
  });

  it('on a public server is taken; on this machine only where the operator allows it', () => {
    expect(addressProblem('https://example.com/keys', false)).toBeUndefined();
    expect(addressProblem('http://127.0.0.1:8080/keys', true)).toBeUndefined();
    expect(addressProblem('http://10.0.0.1/keys', true)).toContain('https');
  });

  it.each([['8.8.8.8', true], ['2606:4700::1111', true], ['192.168.1.1', false], ['172.31.0.1', false], ['100.64.0.1', false], ['::ffff:127.0.0.1', false], ['fe80::1', false], ['2002:7f00:1::', false], ['x', false]])(
    '%s is public: %s',
    (address, is) => expect(isPublicAddress(address)).toBe(is),
  );

  it('whose name leads inside is not connected to', async () => {
    const error = await new Promise((resolve) => publicLookup('localhost', {}, (failure) => resolve(failure)));
    expect(error).toMatchObject({ code: 'ENOTPUBLIC' });
  });
});

describe('fetching keys', () => {
  async function server(answer: (path: string) => { status?: number; headers?: Record<string, string>; body?: string }) {
    const http = createServer((request, response) => {
      const { status = 200, headers = {}, body = '' } = answer(request.url ?? '');
      response.writeHead(status, headers).end(body);
    });
    await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve));
    return { url: `http://127.0.0.1:${(http.address() as AddressInfo).port}`, close: () => http.close() };
  }

  it.each([
    ['is redirected', { status: 302, headers: { location: 'http://169.254.169.254/' } }, 'status 302'],
    ['is too much', { body: 'x'.repeat(200_000) }, 'longer'],
    ['is no JSON', { body: '<html>' }, 'not JSON'],
    ['has secret keys only', { body: '{"keys":[{"kty":"oct","k":"c2VjcmV0"}]}' }, 'no RSA'],
    ['fails', { status: 500 }, 'status 500'],
  ])('whose answer %s fails', async (_, answer, why) => {
    const { url, close } = await server(() => answer);
    await expect(fetchJwks(url, true)).rejects.toThrow(why);
    close();
  });

  it('leaves out secret halves', () => {
    expect(readJwks('{"keys":[{"kty":"OKP","crv":"Ed25519","x":"x","d":"secret"}]}')).toEqual({ keys: [{ kty: 'OKP', crv: 'Ed25519', x: 'x' }] });
  });
});

describe('keys that a tenant publishes', () => {
  async function provider() {
    const state = { fetches: 0, nowMs: 0, keys: [] as JWK[], away: false };
    const sets = new KeySets(async () => {
      state.fetches++;
      if (state.away) throw new Error('away');
      return { keys: state.keys };
    }, 30_000, () => state.nowMs);
    const key = async (kid: string) => {
      const pair = await generateKeyPair('ES256');
      return { jwk: { ...(await exportJWK(pair.publicKey)), kid }, sign: () => new SignJWT({}).setProtectedHeader({ alg: 'ES256', kid }).sign(pair.privateKey) };
    };
    const verify = async (token: string) => jwtVerify(token, (await sets.at('https://idp'))!);
    return { state, sets, key, verify };
  }

  it('are fetched once, and again for a key that is missing, at a bounded rate', async () => {
    const { state, key, verify } = await provider();
    const [one, two] = [await key('1'), await key('2')];
    state.keys = [one.jwk];
    await verify(await one.sign());
    await verify(await one.sign());
    expect(state.fetches).toBe(1);

    state.keys = [two.jwk];
    await expect(verify(await two.sign())).rejects.toThrow();
    expect(state.fetches).toBe(1);
    state.nowMs = 31_000;
    await verify(await two.sign());
    const stranger = await key('3');
    for (let i = 0; i < 5; i++) await expect(verify(await stranger.sign())).rejects.toThrow();
    expect(state.fetches).toBe(2);
  });

  it('serve on while they cannot be fetched anew, for a day', async () => {
    const { state, key, sets, verify } = await provider();
    const one = await key('1');
    state.keys = [one.jwk];
    await verify(await one.sign());
    state.away = true;
    state.nowMs = 3_600_000;
    await verify(await one.sign());
    state.nowMs = 86_500_000;
    expect(await sets.at('https://idp')).toBeUndefined();
  });

  it('that were never there are nobody’s', async () => {
    const { state, sets } = await provider();
    state.away = true;
    expect(await sets.at('https://idp')).toBeUndefined();
    await sets.at('https://idp');
    expect(state.fetches).toBe(1);
  });
});

describe('an issuer', () => {
  const good = { issuer: 'https://idp.example', audiences: ['chat'], jwksUrl: 'https://idp.example/keys', jwksJson: '', usernameClaim: '', autoCreate: false };

  it('names the user by sub unless told otherwise', () => {
    expect(checkIssuer(good, false)).toMatchObject({ usernameClaim: 'sub', jwks: null });
  });

  it.each([
    ['no name', { issuer: '' }],
    ['no audience', { audiences: [] }],
    ['neither address nor keys', { jwksUrl: '' }],
    ['both', { jwksJson: '{"keys":[]}' }],
    ['keys that are none', { jwksUrl: '', jwksJson: '{"keys":[{"kty":"oct","k":"x"}]}' }],
    ['an address inside', { jwksUrl: 'https://10.0.0.1/' }],
    ['a claim that is none', { usernameClaim: 'a b' }],
  ])('with %s is refused', (_, wrong) => {
    expect(() => checkIssuer({ ...good, ...wrong }, false)).toThrow('illegal_argument');
  });
});
