import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type Json, operatorUnderTest, platformUnderTest, RestClient, uniqueName } from '@parley/testkit';
import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const COMMAND = fileURLToPath(new URL('../../apps/cli/dist/main.js', import.meta.url));
const { endpoints } = platformUnderTest();
/** The operator's own file, in a home of this test: what it changes must not reach other tests. */
const home = mkdtempSync(join(tmpdir(), 'parley-cli-'));
const PASSWORD = 'a long enough password';
let org: string;
/** As commands name them. */
let app: string;
let talk: string;

interface Outcome {
  code: number;
  out: string;
  err: string;
}

function parley(args: string[], { input = '', env = {} }: { input?: string; env?: Record<string, string> } = {}): Promise<Outcome> {
  return new Promise((resolve) => {
    const child = execFile(
      process.execPath,
      [COMMAND, ...args],
      { env: { PATH: process.env['PATH'] ?? '', PARLEY_HOME: home, ...env } },
      (error, out, err) => resolve({ code: error ? Number(error.code) : 0, out, err }),
    );
    child.stdin!.end(input);
  });
}

// Tests look into arbitrary answers.
async function json(args: string[], options?: Parameters<typeof parley>[1]): Promise<Json> {
  const { code, out, err } = await parley([...args, '--json'], options);
  expect({ code, err }).toEqual({ code: 0, err: '' });
  return JSON.parse(out);
}

const user = (verb: string, ...more: string[]) => json(['user', verb, talk, 'alice', ...more]);

beforeAll(() => {
  writeFileSync(join(home, 'operator.json'), JSON.stringify({ restUrl: endpoints.restUrl, ...operatorUnderTest() }));
  org = uniqueName('org');
  app = `${org}#chat`;
  talk = `${org}#talk`;
});
afterAll(() => rmSync(home, { recursive: true, force: true }));

describe('the command line', () => {
  it('acts as the operator of its home, and leaves no session behind', async () => {
    expect((await parley(['whoami'])).out).toMatch(/^org: -\n[\s\S]*role: operator/);
  });

  it('makes an organisation, whose owner accepts', async () => {
    const made = await json(['org', 'create', org, '--owner', 'ann', '--display-name', 'Acme']);
    expect(made).toMatchObject({ organisation: { name: org, display_name: 'Acme' } });
    expect(await json(['admin', 'accept', made.invitation_token], { input: `${PASSWORD}\n` })).toMatchObject({ org, login: 'ann', role: 'owner' });
    expect((await parley(['org', 'list'])).out).toContain(org);
  });

  it('makes an app that works with what it is told', async () => {
    const made = await json(['app', 'create', app]);
    const rest = new RestClient({ ...endpoints, org, app: 'chat', clientId: made.app.client_id, clientSecret: made.client_secret });
    expect((await rest.call('GET', '/users')).status).toBe(200);
    expect((await parley(['app', 'list', org])).out).toMatch(/app_name[\s\S]*chat/);
  });

  it('chooses settings of an app, and goes back to the default', async () => {
    expect((await json(['app', 'settings', app, 'openRegistration=true', 'editsPerMessage=3'])).chosen).toEqual({ openRegistration: true, editsPerMessage: 3 });
    expect((await json(['app', 'settings', app, 'editsPerMessage=default'])).chosen).toEqual({ openRegistration: true });
    expect((await json(['app', 'settings', app, 'editsPerMessage=50', '--ceilings'])).settings.editsPerMessage).toBe(50);
  });

  it('rotates the secret of an app', async () => {
    const second = await json(['app', 'rotate-secret', app]);
    const secrets = await json(['app', 'secrets', app]);
    expect(secrets).toHaveLength(2);
    const old = secrets.find((one: { secret_id: string }) => one.secret_id !== second.secret.secret_id);
    expect((await parley(['app', 'revoke-secret', app, old.secret_id])).code).toBe(0);
  });

  it('makes and revokes a certificate of an app', async () => {
    const { certificate, token_app_id } = await json(['app', 'create-certificate', app, '--expire-old-after', '60']);
    expect(await json(['app', 'certificates', app])).toEqual({ items: [certificate], token_app_id });
    expect((await parley(['app', 'revoke-certificate', app, certificate.certificate_id])).code).toBe(0);
  });

  it('takes an app away and brings it back', async () => {
    expect(await json(['app', 'purge', app, '--grace', '3600'])).toMatchObject({ state: 'suspended' });
    expect(await json(['app', 'restore', app])).toMatchObject({ state: 'active' });
  });

  it('tells what was done to an app', async () => {
    const acts = (await json(['audit', org, '--app', 'chat'])).map((one: { act: string }) => one.act);
    expect(acts).toEqual(expect.arrayContaining(['app.created', 'app.settings_changed', 'secret.created', 'secret.revoked', 'certificate.revoked', 'app.purge_marked', 'app.restored']));
  });

  it('reads and recalls what was said in an app', async () => {
    const made = await json(['app', 'create', talk]);
    const rest = new RestClient({ ...endpoints, org, app: 'talk', clientId: made.app.client_id, clientSecret: made.client_secret });
    await rest.call('POST', '/users', { body: ['alice', 'bob'].map((username) => ({ username, password: 'x' })) });
    const { body } = await rest.call('POST', '/messages/users', { body: { from: 'alice', to: ['bob'], type: 'txt', body: { msg: 'rude' }, sync_device: true } });
    const id = body.data.bob as string;
    expect((await json(['user', 'list', talk])).map((one: { username: string }) => one.username)).toEqual(['alice', 'bob']);
    expect((await user('messages', 'bob')).items).toMatchObject([{ message_id: id, payload: { bodies: [{ msg: 'rude' }] } }]);
    await json(['message', 'recall', talk, id, '--reason', 'rude']);
    expect(await json(['message', 'show', talk, id])).toMatchObject({ state: 'recalled' });
  });

  it('moderates a user of an app', async () => {
    await user('mute', '--chat', 'forever', '--groupchat', '60');
    expect((await user('show')).mutes).toEqual({ chat: -1, groupchat: expect.any(Number), chatroom: 0 });
    expect([await user('deactivate'), await user('activate')]).toMatchObject([{ activated: false }, { activated: true }]);
    expect(await user('disconnect')).toEqual({ done: true });
    expect(await user('delete')).toMatchObject({ username: 'alice' });
    expect(await parley(['user', 'show', talk, 'alice'])).toMatchObject({ code: 1, err: 'parley: Service resource not found\n' });
  });

  it('invites, changes and removes administrators, by their names', async () => {
    const { invitation_token } = await json(['admin', 'invite', org, 'bob', '--role', 'support', '--apps', 'chat']);
    await json(['admin', 'accept', invitation_token], { input: `${PASSWORD}\n` });
    expect(await json(['admin', 'change', org, 'bob', '--role', 'read_only', '--all-apps'])).toMatchObject({ role: 'read_only', all_apps: true });
    expect(await json(['admin', 'disable', org, 'Bob'])).toMatchObject({ disabled: true });
    expect((await json(['admin', 'list', org])).map((one: { login: string }) => one.login)).toEqual(['ann', 'bob']);
    expect((await parley(['admin', 'remove', org, 'bob'])).code).toBe(0);
    expect(await parley(['admin', 'remove', org, 'bob'])).toMatchObject({ code: 1, err: `parley: there is no administrator bob in ${org}\n` });
  });

  it('acts as an API key from the options or the environment', async () => {
    const { key, client_secret } = await json(['key', 'create', org, 'deploy', '--role', 'app_admin', '--apps', 'chat']);
    const options = ['--url', endpoints.restUrl, '--client-id', key.client_id, '--client-secret', client_secret];
    expect(await json(['whoami', ...options])).toMatchObject({ kind: 'key', role: 'app_admin', apps: ['chat'] });
    const env = { PARLEY_ADMIN_URL: endpoints.restUrl, PARLEY_ADMIN_CLIENT_ID: key.client_id, PARLEY_ADMIN_CLIENT_SECRET: client_secret, PARLEY_HOME: tmpdir() };
    expect(await parley(['app', 'create', `${org}#other`], { env })).toMatchObject({ code: 1, err: expect.stringContaining('app.create') });
    expect((await json(['key', 'list', org])).map((one: { label: string }) => one.label)).toEqual(['deploy']);
    expect((await parley(['key', 'revoke', org, key.key_id])).code).toBe(0);
    expect(await parley(['whoami', ...options])).toMatchObject({ code: 1, err: 'parley: Client authentication failed\n' });
  });

  it('changes a password and keeps it where it found the old one', async () => {
    const file = join(home, 'ann.json');
    writeFileSync(file, JSON.stringify({ restUrl: endpoints.restUrl, org, login: 'ann', password: PASSWORD }));
    expect((await parley(['admin', 'password', '--credentials', file], { input: `${PASSWORD}\nthe next long password\n` })).code).toBe(0);
    expect(JSON.parse(readFileSync(file, 'utf8'))).toMatchObject({ login: 'ann', password: 'the next long password' });
    expect((await json(['whoami', '--credentials', file])).login).toBe('ann');
  });

  it.each([
    ['a command that is none', ['app', 'destroy'], 2, 'unknown command: app destroy'],
    ['an argument too few', ['app', 'create'], 2, 'ORG#APP is missing'],
    ['an argument too many', ['org', 'list', 'x'], 2, 'what is x?'],
    ['an option that is none', ['org', 'list', '--nonsense'], 2, "Unknown option '--nonsense'"],
    ['an app that is named wrongly', ['app', 'show', 'chat'], 1, 'an app is named as org#app'],
    ['a setting that is none', ['app', 'settings', 'demo#chat', 'nonsense=1'], 1, 'nonsense: there is no such setting'],
    ['a place that is not there', ['org', 'list', '--url', 'http://127.0.0.1:9'], 1, 'http://127.0.0.1:9 cannot be reached'],
    ['credentials that are not there', ['org', 'list', '--credentials', '/nowhere'], 2, 'no credentials: /nowhere cannot be read'],
    ['an organisation that is not there', ['org', 'show', 'nowhere'], 1, 'Not found'],
  ])('explains %s', async (_, args, code, text) => {
    expect(await parley(args)).toMatchObject({ code, err: expect.stringContaining(text) });
  });

  it.each([
    ['a key that is not there', ['revoke', 'nothing'], 1, 'parley keys: '],
    ['the same, whose id begins as an option does', ['revoke', '-nothing'], 1, 'parley keys: '],
    ['no key', ['revoke'], 2, 'usage: parley keys'],
    ['two keys', ['revoke', 'one', 'two'], 2, 'usage: parley keys'],
    ['a verb that is none', ['burn'], 2, 'usage: parley keys'],
    ['a word that every object knows', ['constructor'], 2, 'usage: parley keys'],
    ['an option that is none', ['rotate', '--later'], 2, 'usage: parley keys'],
  ])('explains, of signing keys, %s', async (_, args, code, text) => {
    expect(await parley(['keys', ...args], { env: { PARLEY_AUTH_RPC: endpoints.authRpc } })).toMatchObject({ code, err: expect.stringContaining(text) });
  });

  it('describes each command', async () => {
    expect((await parley(['app', 'purge', '--help'])).out).toContain('usage: parley app purge ORG#APP [--grace SECONDS]');
    expect((await parley(['--help'])).out).toContain('parley admin invite ORG LOGIN');
  });
});
