import { beforeAll, describe, expect, it } from '@jest/globals';
import { AdminApi, operatorUnderTest, platformUnderTest, TEST_CONSOLE, uniqueName } from '@parley/testkit';
import { createHash } from 'node:crypto';
import { expectError } from './envelope.js';

const { restUrl } = platformUnderTest().endpoints;
const nobody = AdminApi.anonymous(restUrl);
const verifier = 'v'.repeat(64);
const client = { client_id: 'test-console', redirect_uri: TEST_CONSOLE };
const asked = {
  response_type: 'code',
  ...client,
  code_challenge: createHash('sha256').update(verifier).digest('base64url'),
  code_challenge_method: 'S256',
  state: 'a state & more',
};
let who: { org: string; login: string; password: string };
beforeAll(() => {
  who = operatorUnderTest();
});

const authorize = (more: Record<string, string> = {}, headers: Record<string, string> = {}) => nobody.form('/oauth/authorize', { ...asked, ...who, ...more }, headers);
const parametersOf = (location: string | null) => Object.fromEntries(new URL(location ?? 'x:').searchParams);
const newCode = async () => parametersOf((await authorize()).headers.get('location'))['code']!;
const exchange = (code: string, more: Record<string, string> = {}) =>
  nobody.form('/oauth/token', { grant_type: 'authorization_code', code, code_verifier: verifier, ...client, ...more });

describe('the metadata', () => {
  it('says where everything is (RFC 8414)', async () => {
    const { status, body } = await nobody.call('GET', '/.well-known/oauth-authorization-server');
    expect(status).toBe(200);
    expect(body).toMatchObject({
      issuer: restUrl,
      authorization_endpoint: `${restUrl}/oauth/authorize`,
      token_endpoint: `${restUrl}/oauth/token`,
      revocation_endpoint: `${restUrl}/oauth/revoke`,
      code_challenge_methods_supported: ['S256'],
      grant_types_supported: ['authorization_code', 'refresh_token', 'client_credentials'],
    });
  });
});

describe('the authorization endpoint', () => {
  it('shows a page that runs nothing and loads nothing, and carries what was asked', async () => {
    const { status, headers, body } = await nobody.call('GET', `/oauth/authorize?${new URLSearchParams({ ...asked, state: '"><script>alert(1)</script>' })}`);
    expect(status).toBe(200);
    expect(headers.get('content-type')).toBe('text/html; charset=utf-8');
    const policy = headers.get('content-security-policy')!;
    expect(policy).toContain("default-src 'none'");
    expect(policy).toContain(`form-action 'self' ${new URL(TEST_CONSOLE).origin};`);
    expect(policy).toContain("frame-ancestors 'none'");
    expect(headers.get('cache-control')).toBe('no-store');
    expect(body).not.toContain('<script');
    expect(body).toContain('&quot;&gt;&lt;script&gt;');
  });

  it('sends whoever signs in back with a code, the state, and who issued it', async () => {
    const { status, headers } = await authorize();
    expect(status).toBe(303);
    expect(headers.get('location')).toMatch(new RegExp(`^${TEST_CONSOLE}\\?`));
    expect(parametersOf(headers.get('location'))).toEqual({ code: expect.stringMatching(/^[\da-f]{64}$/), state: asked.state, iss: restUrl });
  });

  it('shows the page again after a wrong password, without it', async () => {
    const { status, body } = await authorize({ org: uniqueName('nowhere'), password: 'my secret mistake' });
    expect(status).toBe(401);
    expect(body).toContain('Organisation, name or password is wrong');
    expect(body).not.toContain('my secret mistake');
  });

  it.each([
    ['another response type', { response_type: 'token' }, 'unsupported_response_type'],
    ['the plain method', { code_challenge_method: 'plain' }, 'invalid_request'],
    ['a challenge that is none', { code_challenge: 'x' }, 'invalid_request'],
  ])('tells the client of %s', async (_, more, error) => {
    const { status, headers } = await authorize(more);
    expect(status).toBe(303);
    expect(parametersOf(headers.get('location'))).toMatchObject({ error, state: asked.state });
    expect(parametersOf(headers.get('location'))).not.toHaveProperty('code');
  });

  it.each([
    ['a client that is none', { client_id: 'nobody' }],
    ['a redirect that is not exactly the registered one', { redirect_uri: `${TEST_CONSOLE}/` }],
    ['a redirect to elsewhere', { redirect_uri: 'https://evil.example/' }],
    ['a redirect that is a script', { redirect_uri: 'javascript:alert(1)' }],
    ['no client', { client_id: '' }],
  ])('sends nobody anywhere for %s', async (_, more) => {
    for (const answer of [await authorize(more), await nobody.call('GET', `/oauth/authorize?${new URLSearchParams({ ...asked, ...more })}`)]) {
      expect(answer.status).toBe(400);
      expect(answer.headers.get('location')).toBeNull();
      expect(answer.body).toContain('This does not work');
    }
  });

  it('takes no form from the page of another site', async () => {
    const { status, headers } = await authorize({}, { 'sec-fetch-site': 'cross-site' });
    expect(status).toBe(400);
    expect(headers.get('location')).toBeNull();
  });
});

describe('the token endpoint', () => {
  it('exchanges a code, refreshes, and ends the session at the revocation endpoint', async () => {
    const first = await exchange(await newCode());
    expect(first).toMatchObject({ status: 200, body: { token_type: 'Bearer', expires_in: 600, access_token: expect.any(String), refresh_token: expect.any(String) } });
    expect(first.headers.get('cache-control')).toBe('no-store');
    const refresh = (refresh_token: string) => nobody.form('/oauth/token', { grant_type: 'refresh_token', refresh_token, client_id: client.client_id });
    const second = await refresh(first.body.refresh_token);
    expect(second.status).toBe(200);
    const me = (token: string) => fetch(`${restUrl}/admin/v1/me`, { headers: { authorization: `Bearer ${token}` } }).then((answer) => answer.status);
    expect(await me(second.body.access_token)).toBe(200);
    const revoke = () => nobody.form('/oauth/revoke', { token: second.body.refresh_token, client_id: client.client_id, token_type_hint: 'refresh_token' });
    expect((await revoke()).status).toBe(200);
    expect((await revoke()).status).toBe(200);
    expect(await me(second.body.access_token)).toBe(401);
    expectError(await refresh(second.body.refresh_token), 400, 'invalid_grant', /./);
  });

  it('ends the session of an access token as well, for its own client alone', async () => {
    const { access_token, refresh_token } = (await exchange(await newCode())).body;
    const me = async () => (await fetch(`${restUrl}/admin/v1/me`, { headers: { authorization: `Bearer ${access_token}` } })).status;
    const revoke = (client_id: string, token_type_hint: string) => nobody.form('/oauth/revoke', { token: access_token, client_id, token_type_hint });
    expect((await revoke('parley-cli', 'access_token')).status).toBe(200);
    expect(await me()).toBe(200);
    // A hint that is wrong is no more than that (RFC 7009, 2.1).
    expect((await revoke(client.client_id, 'refresh_token')).status).toBe(200);
    expect(await me()).toBe(401);
    expect((await revoke(client.client_id, 'access_token')).status).toBe(200);
    expectError(await nobody.form('/oauth/token', { grant_type: 'refresh_token', refresh_token, client_id: client.client_id }), 400, 'invalid_grant', /./);
  });

  it('says that a token of an API key cannot be ended alone, and leaves it; of what is no token it says nothing', async () => {
    const operator = await AdminApi.signIn(restUrl, who);
    const { key, client_secret } = (await operator.call('POST', '/orgs/-/keys', { label: 'revoked', role: 'operator' })).body;
    const program = await AdminApi.withKey(restUrl, key.client_id, client_secret);
    expectError(await nobody.form('/oauth/revoke', { token: program.token!, client_id: key.client_id }), 400, 'unsupported_token_type', /API key/);
    expect((await program.call('GET', '/me')).status).toBe(200);
    const appToken = await platformUnderTest().rest.appToken();
    for (const token of ['nonsense', 'YWMtnonsense', appToken]) {
      expect((await nobody.form('/oauth/revoke', { token, client_id: client.client_id })).status).toBe(200);
    }
    expect((await operator.call('DELETE', `/orgs/-/keys/${key.key_id}`)).status).toBe(200);
  });

  it('ends the session when a refresh token comes twice', async () => {
    const first = (await exchange(await newCode())).body;
    const refresh = () => nobody.form('/oauth/token', { grant_type: 'refresh_token', refresh_token: first.refresh_token, client_id: client.client_id });
    const second = (await refresh()).body;
    expectError(await refresh(), 400, 'invalid_grant', /./);
    const { status } = await fetch(`${restUrl}/admin/v1/me`, { headers: { authorization: `Bearer ${second.access_token}` } });
    expect(status).toBe(401);
  });

  it('refuses a code that was used, and one with another verifier', async () => {
    const code = await newCode();
    expect((await exchange(code)).status).toBe(200);
    expectError(await exchange(code), 400, 'invalid_grant', /./);
    expectError(await exchange(await newCode(), { code_verifier: 'w'.repeat(64) }), 400, 'invalid_grant', /./);
  });

  it('takes the credentials of a key in the form or by HTTP Basic', async () => {
    const operator = await AdminApi.signIn(restUrl, who);
    const made = (await operator.call('POST', '/orgs/-/keys', { label: 'spec', role: 'operator' })).body;
    const { client_id } = made.key;
    const grant = { grant_type: 'client_credentials' };
    const inForm = await nobody.form('/oauth/token', { ...grant, client_id, client_secret: made.client_secret });
    expect(inForm.body).toEqual({ access_token: expect.any(String), token_type: 'Bearer', expires_in: 600 });
    const basic = (secret: string) => ({ authorization: `Basic ${Buffer.from(`${encodeURIComponent(client_id)}:${secret}`).toString('base64')}` });
    expect((await nobody.form('/oauth/token', grant, basic(made.client_secret))).status).toBe(200);
    const refused = await nobody.form('/oauth/token', grant, basic('wrong'));
    expectError(refused, 401, 'invalid_client', 'Client authentication failed');
    expect(refused.headers.get('www-authenticate')).toBe('Basic realm="parley"');
    await operator.call('DELETE', `/orgs/-/keys/${made.key.key_id}`);
  });

  it.each([
    ['no grant', {}, 'unsupported_grant_type'],
    ['a password', { grant_type: 'password', username: 'x', password: 'y' }, 'unsupported_grant_type'],
    ['a code without a verifier', { grant_type: 'authorization_code', code: 'x', ...client }, 'invalid_request'],
    ['a refresh token without a client', { grant_type: 'refresh_token', refresh_token: 'x' }, 'invalid_request'],
  ])('refuses %s', async (_, fields, error) => {
    expectError(await nobody.form('/oauth/token', fields as Record<string, string>), 400, error, /./);
  });
});
