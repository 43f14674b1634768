import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { AdminApi, operatorOf, type RestAnswer, type RunningPlatform, startPlatform } from '@parley/testkit';

const COMMAND = fileURLToPath(new URL('../../apps/cli/dist/main.js', import.meta.url));
const PASSWORD = 'a long enough password';
const home = mkdtempSync(join(tmpdir(), 'parley-registrations-'));
let platform: RunningPlatform;
let operator: AdminApi;

/** The same home all along: what waits outlives a restart. Callers are told apart as behind a proxy. */
async function start(mode: 'approval' | 'open'): Promise<void> {
  platform = await startPlatform({ mode: 'standalone', home, env: { PARLEY_ORGANISATION_REGISTRATION: mode, PARLEY_API_TRUSTED_PROXIES: '127.0.0.1' } });
  operator = await AdminApi.signIn(platform.endpoints.restUrl, operatorOf(home));
}

let addresses = 0;
const asked = (name: string, more: Record<string, unknown> = {}) => ({ name, owner_login: 'ann@example.org', owner_name: 'Ann', password: PASSWORD, ...more });

/** By a stranger at an address of his own, unless it is named. */
function register(body: unknown, address = `198.51.100.${++addresses}`): Promise<RestAnswer> {
  return AdminApi.anonymous(platform.endpoints.restUrl).call('POST', '/registrations', body, { 'x-forwarded-for': address });
}

function signIn(org: string): Promise<AdminApi> {
  return AdminApi.signIn(platform.endpoints.restUrl, { org, login: 'ann@example.org', password: PASSWORD });
}

function parley(args: string[], input = ''): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const child = execFile(process.execPath, [COMMAND, ...args, '--json'], { env: { PATH: process.env['PATH'] ?? '', PARLEY_HOME: home } }, (error, out, err) =>
      error ? reject(new Error(err)) : resolve(JSON.parse(out)),
    );
    child.stdin!.end(input);
  });
}

jest.setTimeout(120_000);
afterAll(() => rmSync(home, { recursive: true, force: true }));

describe('where an operator approves organisations', () => {
  beforeAll(() => start('approval'));
  afterAll(() => platform?.stop());

  it('who asks waits; once he is approved he signs in as owner and makes an app', async () => {
    expect((await register(asked('Acme', { display_name: 'Acme Ltd' }), '203.0.113.7')).body).toEqual({
      ...{ name: 'acme', display_name: 'Acme Ltd', owner_login: 'ann@example.org', state: 'waiting' },
    });
    await expect(signIn('acme')).rejects.toThrow('401');
    expect((await operator.call('GET', '/orgs/acme')).status).toBe(404);
    expect((await operator.call('GET', '/registrations')).body.items).toEqual([
      { name: 'acme', display_name: 'Acme Ltd', owner_login: 'ann@example.org', owner_name: 'Ann', address: '203.0.113.7', asked_ms: expect.any(Number) },
    ]);
    expect(await parley(['org', 'approve', 'acme'])).toMatchObject({ name: 'acme', display_name: 'Acme Ltd' });
    const owner = await signIn('acme');
    expect((await owner.call('GET', '/me')).body).toMatchObject({ org: 'acme', role: 'owner', all_apps: true });
    expect((await owner.call('POST', '/orgs/acme/apps', { app_name: 'chat' })).status).toBe(200);
    expect((await owner.call('GET', '/orgs/acme/admins')).body.items).toEqual([expect.objectContaining({ login: 'ann@example.org', name: 'Ann' })]);
    expect((await owner.call('GET', '/orgs/acme/audit?act=registration.approved')).body.items).toEqual([
      expect.objectContaining({ actor_org: '-', target: 'acme', outcome: 'done' }),
    ]);
    expect(await parley(['org', 'registrations'])).toEqual([]);
  });

  it('a name that is asked for is taken, until it is refused', async () => {
    expect((await register(asked('globex'))).status).toBe(200);
    expect(await register(asked('GLOBEX', { owner_login: 'eve@example.org' }))).toMatchObject({ status: 409, body: { error: 'conflict', error_description: 'There is an organisation globex already' } });
    expect(await parley(['org', 'refuse', 'globex'])).toMatchObject({ name: 'globex', owner_login: 'ann@example.org' });
    await expect(signIn('globex')).rejects.toThrow('401');
    expect((await register(asked('globex'))).status).toBe(200);
    expect((await operator.call('GET', '/orgs/-/audit?act=registration.refused')).body.items).toEqual([
      expect.objectContaining({ target: 'globex', outcome: 'done' }),
    ]);
  });

  it('only operators see and decide', async () => {
    const owner = await signIn('acme');
    for (const [method, path] of [['GET', ''], ['POST', '/globex/approve'], ['DELETE', '/globex']] as const) {
      expect((await owner.call(method, `/registrations${path}`)).status).toBe(403);
      expect((await AdminApi.anonymous(platform.endpoints.restUrl).call(method, `/registrations${path}`)).status).toBe(401);
    }
    expect((await operator.call('GET', '/registrations')).body.items).toHaveLength(1);
  });
});

describe('where anybody registers his organisation', () => {
  beforeAll(() => start('open'));
  afterAll(() => platform?.stop());

  it('it is there at once, and a second time the name is taken', async () => {
    expect((await register(asked('Initech'))).body).toEqual({ name: 'initech', display_name: 'initech', owner_login: 'ann@example.org', state: 'active' });
    const owner = await signIn('initech');
    expect((await owner.call('GET', '/orgs')).body.items).toEqual([expect.objectContaining({ name: 'initech' })]);
    expect((await register(asked('initech'))).status).toBe(409);
    expect((await owner.call('GET', '/orgs/initech/audit?act=organisation.registered')).body.items).toHaveLength(1);
  });

  it('by the command line', async () => {
    const answer = await parley(['org', 'register', 'hooli', '--owner', 'ann@example.org', '--owner-name', 'Ann', '--display-name', 'Hooli'], `${PASSWORD}\n`);
    expect(answer).toMatchObject({ name: 'hooli', display_name: 'Hooli', state: 'active' });
    await signIn('hooli');
  });

  it("what waited before the restart waits still, and its name is nobody else's", async () => {
    expect((await register(asked('globex'))).status).toBe(409);
    expect((await operator.call('POST', '/registrations/globex/approve')).status).toBe(200);
    await signIn('globex');
  });

  it.each([
    ['a name with other characters', { name: 'a_b' }, /^name: 2 to 32 of letters/],
    ['a name with a NUL', { name: 'ab\u0000' }, /^name: /],
    ['the name of the platform', { name: '-' }, /^name: /],
    ['a name of a path', { name: 'OAuth' }, /reserved/],
    ['a name that is none', { name: { $ne: '' } }, /^name: /],
    ['a name without end', { name: 'x'.repeat(60_000) }, /^name: /],
    ['a login that is no e-mail address', { owner_login: 'ann' }, /^owner_login: /],
    ['a login with SQL in it', { owner_login: "ann'--@example.org" }, /login: /],
    ['no name of the owner', { owner_name: ' ' }, /^owner_name: /],
    ['a name of the owner with a NUL', { owner_name: 'a\u0000b' }, /^owner_name: /],
    ['a short password', { password: 'short' }, /^password: 10 to 128/],
    ['a password of one character', { password: 'a'.repeat(20) }, /^password: too few/],
    ['the login as password', { password: 'ann@example.org' }, /^password: must not contain/],
    ['no password', { password: undefined }, /^password: /],
  ])('it is refused with %s', async (_, more, description) => {
    const answer = await register(asked(`hostile-${++addresses}`, more));
    expect(answer).toMatchObject({ status: 400, body: { error: 'illegal_argument', error_description: expect.stringMatching(description) } });
  });

  it.each([['', 400], ['[]', 400], ['null', 400], ['{', 400], [`{"name":"x1","padding":"${'x'.repeat(70_000)}"}`, 413]])('a body that is %.20j is refused', async (body, status) => {
    expect((await register(body)).status).toBe(status);
  });

  it('who tries one name after the other is told to come back, and nobody else', async () => {
    const tries = [];
    for (let i = 0; i < 11; i++) tries.push(await register(asked('initech'), `2001:db8:7:7::${i}`));
    expect(tries.map(({ status }) => status)).toEqual([...Array<number>(10).fill(409), 429]);
    expect(tries[10]).toMatchObject({ body: { error: 'too_many_attempts' } });
    expect(Number(tries[10]!.headers.get('retry-after'))).toBeGreaterThan(0);
    expect((await register(asked('umbrella'))).status).toBe(200);
  });
});
