import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { adminAccess } from '@parley/contracts';
import {
  actorOf,
  type Authority,
  authorize,
  code,
  codeOf,
  givenAdministrator,
  givenOrganisation,
  OPERATOR,
  origin,
  type Person,
  type Replica,
  signIn,
  startAuthority,
} from './administration.fixture.js';

let authority: Authority;
let one: Replica;
let two: Replica;
let org: string;
let owner: Person;
let actor: adminAccess.Actor;

beforeAll(async () => {
  authority = await startAuthority();
  ({ one, two } = authority);
}, 60_000);
afterAll(() => authority?.stop(), 30_000);
beforeEach(async () => {
  ({ org, owner, actor } = await givenOrganisation(one));
});

const grantOf = (role: string, apps: string[] = [], allApps = false) => ({ role, apps, allApps });
const outcomes = async (act: string, of = org) =>
  (await two.orgs.readAudit({ org: of, app: '', act, actor: '', limit: 100, cursor: '' })).entries.map((entry) => entry.outcome);

describe('the first operator', () => {
  it('is one, although two replicas started together, and may do everything anywhere', async () => {
    const { administrators } = await one.orgs.listAdministrators({ actor, org: '-', kind: 'person', limit: 10, cursor: '' });
    expect(administrators).toEqual([expect.objectContaining({ login: OPERATOR.login, role: 'operator' })]);
    const { accessToken } = await signIn(two, OPERATOR);
    expect(await authorize(one, accessToken, 'owner.manage', org)).toMatchObject({ targetOrg: org, actor: { role: 'operator' } });
  });
});

describe('an invitation', () => {
  it('is accepted once, also by two at the same moment', async () => {
    const { token } = await one.orgs.invite({ actor, org, login: 'Ann@Example.com', grant: grantOf('admin') });
    const accept = (at: Replica) => at.orgs.acceptInvitation({ token, password: 'a long enough password', origin });
    const answers = await Promise.allSettled([accept(one), accept(two), accept(one), accept(two)]);
    expect(answers.filter((answer) => answer.status === 'fulfilled')).toHaveLength(1);
    for (const answer of answers) if (answer.status === 'rejected') expect(answer.reason).toMatchObject(code('invitation_invalid'));
    const { administrators } = await one.orgs.listAdministrators({ actor, org, kind: 'person', limit: 10, cursor: '' });
    expect(administrators.map((who) => [who.login, who.role])).toEqual([['ann@example.com', 'admin'], ['owner', 'owner']]);
    await expect(accept(one)).rejects.toMatchObject(code('invitation_invalid'));
  });

  it('is void when it was withdrawn, and no more in the list', async () => {
    const { token, invitation } = await one.orgs.invite({ actor, org, login: 'ann', grant: grantOf('admin') });
    const listed = async () => (await one.orgs.listInvitations({ actor, org, limit: 10, cursor: '' })).invitations.map((one) => one.login);
    expect(await listed()).toContain('ann');
    await two.orgs.withdrawInvitation({ actor, org, invitationId: invitation!.invitationId });
    await expect(one.orgs.acceptInvitation({ token, password: 'a long enough password', origin })).rejects.toMatchObject(code('invitation_invalid'));
    expect(await listed()).not.toContain('ann');
  });

  it.each([
    ['short', 'too short'],
    ['aaaaaaaaaaaaaaa', 'of one character'],
    ['ann-the-great-1', 'with the login in it'],
  ])('is kept when the password is %s: %s', async (password) => {
    const { token } = await one.orgs.invite({ actor, org, login: 'ann', grant: grantOf('admin') });
    await expect(one.orgs.acceptInvitation({ token, password, origin })).rejects.toMatchObject(code('admin_password_weak'));
    await one.orgs.acceptInvitation({ token, password: 'a long enough password', origin });
  });

  it('cannot give more than the inviter has, nor a name that is taken, nor apps of others', async () => {
    const admin = await actorOf(one, await givenAdministrator(one, actor, org, 'bob', grantOf('admin')));
    await expect(one.orgs.invite({ actor: admin, org, login: 'eve', grant: grantOf('owner') })).rejects.toMatchObject(code('admin_role_too_high'));
    await expect(one.orgs.invite({ actor: admin, org, login: 'bob', grant: grantOf('support', [], true) })).rejects.toMatchObject(code('admin_login_taken'));
    const foreign = await givenOrganisation(one);
    await one.apps.createApp({ actor: foreign.actor, org: foreign.org, app: 'theirs', description: '' });
    await expect(one.orgs.invite({ actor, org, login: 'eve', grant: grantOf('app_admin', ['theirs']) })).rejects.toMatchObject(code('admin_scope_illegal'));
    expect(await outcomes('invitation.created')).toContain('admin_role_too_high');
  });
});

describe('signing in', () => {
  const wrong = (at: Replica, login: string, address = '198.51.100.7') =>
    codeOf(at, { org, login, password: 'wrong' }, 'x'.repeat(43), { address, userAgent: '' });

  it('says the same of a wrong password, an unknown name and another organisation', async () => {
    await expect(wrong(one, owner.login)).rejects.toMatchObject(code('sign_in_refused'));
    await expect(wrong(one, 'nobody')).rejects.toMatchObject(code('sign_in_refused'));
    await expect(codeOf(one, { ...owner, org: 'nowhere' }, 'x'.repeat(43))).rejects.toMatchObject(code('sign_in_refused'));
    expect(await outcomes('session.started')).toContain('sign_in_refused');
  });

  it('is throttled over all replicas, for that account from that address', async () => {
    for (let i = 0; i < 10; i++) await expect(wrong(i % 2 ? one : two, owner.login)).rejects.toMatchObject(code('sign_in_refused'));
    const late = await wrong(one, owner.login).catch((error: unknown) => error);
    expect(late).toMatchObject({ code: 'sign_in_throttled', params: { retryAfterSeconds: expect.stringMatching(/^\d+$/) } });
    await expect(wrong(two, owner.login)).rejects.toMatchObject(code('sign_in_throttled'));
    // From elsewhere he still gets in.
    await signIn(one, owner);
  });

  it('counts attempts that are made at once', async () => {
    const answers = await Promise.allSettled(Array.from({ length: 24 }, (_, i) => wrong(i % 2 ? one : two, owner.login, '198.51.100.8')));
    const refused = answers.map((answer) => (answer.status === 'rejected' ? (answer.reason as { code: string }).code : 'let in'));
    expect(refused.filter((one) => one === 'sign_in_refused')).toHaveLength(10);
    expect(refused.filter((one) => one === 'sign_in_throttled')).toHaveLength(14);
  });

  it('does not count what succeeds', async () => {
    for (let i = 0; i < 12; i++) await signIn(i % 2 ? one : two, owner);
  });
});

describe('an API key', () => {
  const given = async (more = {}) => one.orgs.createKey({ actor, org, label: 'deploy', grant: grantOf('admin'), expiresMs: 0n, ...more });
  const token = (clientId: string, clientSecret: string, at = two) => at.access.issueKeyToken({ clientId, clientSecret, origin });

  it('gets tokens for its role until it is removed', async () => {
    const { key, clientSecret } = await given();
    const { accessToken, refreshToken } = await token(key!.login, clientSecret);
    expect(refreshToken).toBe('');
    expect(await authorize(one, accessToken, 'app.create', org)).toMatchObject({ actor: { kind: 'key', role: 'admin' } });
    await one.orgs.removeAdministrator({ actor, org, adminId: key!.adminId, kind: 'key' });
    await expect(authorize(two, accessToken)).rejects.toMatchObject(code('unauthorized'));
    await expect(token(key!.login, clientSecret)).rejects.toMatchObject(code('oauth_invalid_client'));
  });

  it('is refused with another secret, after its time, and as a person', async () => {
    const { key, clientSecret } = await given({ expiresMs: BigInt(Date.now() - 1) });
    await expect(token(key!.login, clientSecret)).rejects.toMatchObject(code('oauth_invalid_client'));
    const good = await given();
    await expect(token(good.key!.login, 'wrong')).rejects.toMatchObject(code('oauth_invalid_client'));
    await expect(token('', '')).rejects.toMatchObject(code('oauth_invalid_client'));
    await expect(token(owner.login, owner.password)).rejects.toMatchObject(code('oauth_invalid_client'));
    await expect(signIn(one, { org, login: good.key!.login, password: good.clientSecret })).rejects.toMatchObject(code('sign_in_refused'));
  });
});

describe('a password', () => {
  it('is changed with the old one; other sessions end, the own goes on', async () => {
    const [mine, elsewhere] = [await signIn(one, owner), await signIn(two, owner)];
    const { actor: me } = await authorize(one, mine.accessToken);
    const change = (oldPassword: string) => one.orgs.changePassword({ actor: me, oldPassword, newPassword: 'the next long password' });
    await expect(change('wrong')).rejects.toMatchObject(code('sign_in_refused'));
    await change(owner.password);
    await authorize(two, mine.accessToken);
    await expect(authorize(one, elsewhere.accessToken)).rejects.toMatchObject(code('unauthorized'));
    await expect(signIn(one, owner)).rejects.toMatchObject(code('sign_in_refused'));
    await signIn(two, { ...owner, password: 'the next long password' });
  });
});

describe('sessions', () => {
  it('are listed and ended, one or all the others', async () => {
    const tokens = [await signIn(one, owner), await signIn(one, owner), await signIn(two, owner)] as const;
    const me = (await authorize(one, tokens[0].accessToken)).actor!;
    const list = async () => (await two.orgs.listSessions({ actor: me, org, adminId: me.adminId, kind: '' })).sessions;
    const before = await list();
    expect(before.length).toBeGreaterThanOrEqual(3);
    expect(before[0]).toMatchObject({ clientId: 'console', address: origin.address, userAgent: 'spec' });
    const second = (await authorize(one, tokens[1].accessToken)).actor!.sessionId;
    const end = (sessionId: string, keepOwn = false) => one.orgs.endSessions({ actor: me, org, adminId: me.adminId, sessionId, keepOwn });
    expect(await end(second)).toEqual({ ended: 1 });
    await expect(authorize(two, tokens[1].accessToken)).rejects.toMatchObject(code('unauthorized'));
    await expect(end(second)).rejects.toMatchObject(code('admin_not_found'));
    await end('', true);
    expect((await list()).map((session) => session.sessionId)).toEqual([me.sessionId]);
    await expect(authorize(two, tokens[2].accessToken)).rejects.toMatchObject(code('unauthorized'));
  });
});

describe('administrators', () => {
  it('lose everything at once when they are disabled', async () => {
    const ann = await givenAdministrator(one, actor, org, 'ann', grantOf('admin'));
    const { accessToken, refreshToken } = await signIn(one, ann);
    const { actor: me } = await authorize(two, accessToken);
    await one.orgs.updateAdministrator({ actor, org, adminId: me!.adminId, grant: undefined, disabled: true });
    await expect(authorize(two, accessToken)).rejects.toMatchObject(code('unauthorized'));
    await expect(one.access.refreshTokens({ refreshToken, clientId: 'console', origin })).rejects.toMatchObject(code('oauth_invalid_grant'));
    await expect(signIn(one, ann)).rejects.toMatchObject(code('sign_in_refused'));
  });

  it('get a new role with the next call', async () => {
    const ann = await givenAdministrator(one, actor, org, 'ann', grantOf('read_only', [], true));
    const { accessToken } = await signIn(one, ann);
    await expect(authorize(two, accessToken, 'app.create', org)).rejects.toMatchObject(code('admin_forbidden'));
    const { actor: me } = await authorize(two, accessToken);
    await one.orgs.updateAdministrator({ actor, org, adminId: me!.adminId, grant: grantOf('admin'), disabled: undefined });
    await authorize(two, accessToken, 'app.create', org);
  });

  it('keep an owner, also when two leave at the same moment', async () => {
    const second = await givenAdministrator(one, actor, org, 'second', grantOf('owner'));
    const secondActor = await actorOf(one, second);
    const leave = (at: Replica, who: adminAccess.Actor) => at.orgs.removeAdministrator({ actor: who, org, adminId: who.adminId, kind: '' });
    const answers = await Promise.allSettled([leave(one, actor), leave(two, secondActor)]);
    expect(answers.filter((answer) => answer.status === 'fulfilled')).toHaveLength(1);
    expect(answers.find((answer) => answer.status === 'rejected')).toMatchObject({ reason: code('admin_last_owner') });
  });

  it('of one organisation do not see another: foreign and missing are the same', async () => {
    const other = await givenOrganisation(one);
    const { accessToken } = await signIn(one, owner);
    await one.apps.createApp({ actor: other.actor, org: other.org, app: 'chat', description: '' });
    const refused = async (org: string, app: string) => authorize(one, accessToken, 'app.read', org, app).catch((error: unknown) => error);
    for (const [of, app] of [[other.org, 'chat'], ['nowhere', 'chat'], [org, 'nothing'], ['-', 'chat'], [org, 'a\u0000b']] as const) {
      expect(await refused(of, app)).toMatchObject({ code: 'admin_not_found', params: {} });
    }
    await expect(one.orgs.getAdministrator({ actor, org, adminId: other.actor.adminId, kind: '' })).rejects.toMatchObject(code('admin_not_found'));
  });

  it('of named apps see only these', async () => {
    for (const app of ['one', 'two']) await one.apps.createApp({ actor, org, app, description: '' });
    const ann = await givenAdministrator(one, actor, org, 'ann', grantOf('app_admin', ['One']));
    const { accessToken } = await signIn(one, ann);
    expect((await authorize(one, accessToken, 'app.secrets', org, 'ONE')).tenant).toMatchObject({ org, app: 'one' });
    await expect(authorize(one, accessToken, 'app.read', org, 'two')).rejects.toMatchObject(code('admin_not_found'));
    await expect(authorize(one, accessToken, 'app.create', org)).rejects.toMatchObject(code('admin_forbidden'));
    const me = (await authorize(one, accessToken)).actor!;
    expect((await one.apps.listApps({ actor: me, org, limit: 10, cursor: '' })).apps.map((app) => app.tenant!.app)).toEqual(['one']);
    expect(await outcomes('access.refused')).toContain('admin_forbidden');
  });
});

describe('the audit log', () => {
  it('tells who did what to what from where, newest first, page by page', async () => {
    for (const login of ['a-1', 'a-2', 'a-3']) await one.orgs.invite({ actor, org, login, grant: grantOf('admin') });
    const read = (cursor: string) => two.orgs.readAudit({ org, app: '', act: 'invitation.created', actor: '', limit: 2, cursor });
    const first = await read('');
    expect(first.entries.map((entry) => entry.target)).toEqual(['a-3', 'a-2']);
    expect(first.entries[0]).toMatchObject({ actor: 'owner', actorOrg: org, org, address: origin.address, userAgent: 'spec', outcome: 'done' });
    expect(JSON.parse(first.entries[0]!.detailJson)).toEqual({ role: 'admin', allApps: true, apps: [] });
    const second = await read(first.nextCursor);
    expect(second).toMatchObject({ entries: [{ target: 'a-1' }], nextCursor: '' });
  });

  it('holds no secret', async () => {
    const made = await one.apps.createApp({ actor, org, app: 'chat', description: '' });
    const key = await one.orgs.createKey({ actor, org, label: '', grant: grantOf('admin'), expiresMs: 0n });
    const all = JSON.stringify((await one.orgs.readAudit({ org, app: '', act: '', actor: '', limit: 100, cursor: '' })).entries, (_, value) => (typeof value === 'bigint' ? String(value) : value));
    for (const secret of [made.clientSecret, key.clientSecret, owner.password]) expect(all).not.toContain(secret);
  });
});
