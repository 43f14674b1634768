import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { adminAccess, registrations } from '@parley/contracts';
import { eventually } from '@parley/testkit';
import { actorOf, type Authority, code, OPERATOR, origin, type Replica, signIn, startAuthority } from '../administration.fixture.js';

const PASSWORD = 'a long enough password';
let addresses = 0;

/** Each from an address of its own, so that no test uses up another's attempts. */
function asked(name: string, more: Partial<registrations.RegisterRequest> = {}): registrations.RegisterRequest {
  const from = { ...origin, address: `198.51.100.${++addresses}` };
  return { name, displayName: '', ownerLogin: 'ann@example.org', ownerName: 'Ann', password: PASSWORD, origin: from, ...more };
}

const codesOf = (answers: PromiseSettledResult<unknown>[]) =>
  answers.map((answer) => (answer.status === 'fulfilled' ? 'done' : (answer.reason as { code: string }).code)).sort();

describe('where organisations register at once, on two replicas', () => {
  let authority: Authority;
  let one: Replica;
  let two: Replica;
  beforeAll(async () => {
    authority = await startAuthority({ PARLEY_ORGANISATION_REGISTRATION: 'open' });
    ({ one, two } = authority);
  }, 60_000);
  afterAll(() => authority?.stop(), 30_000);

  it('of several that want one name at the same moment one gets it, with his owner and nobody else', async () => {
    const names = ['ann@example.org', 'bob@example.org', 'cid@example.org', 'dan@example.org'];
    const answers = await Promise.allSettled(names.map((ownerLogin, i) => (i % 2 ? one : two).registrations.register(asked('wanted', { ownerLogin }))));
    expect(codesOf(answers)).toEqual(['done', 'org_name_taken', 'org_name_taken', 'org_name_taken']);
    const actor = await actorOf(one, OPERATOR);
    const { administrators } = await two.orgs.listAdministrators({ actor, org: 'wanted', kind: 'person', limit: 10, cursor: '' });
    const winner = names[answers.findIndex((answer) => answer.status === 'fulfilled')]!;
    expect(administrators).toEqual([expect.objectContaining({ login: winner, label: 'Ann', role: 'owner', allApps: true })]);
    await signIn(two, { org: 'wanted', login: winner, password: PASSWORD });
  });

  it("whoever tries a name that is taken leaves no trace in its owner's audit log, but in the operators'", async () => {
    await one.registrations.register(asked('theirs'));
    await expect(two.registrations.register(asked('theirs', { ownerLogin: 'eve@example.org' }))).rejects.toMatchObject(code('org_name_taken'));
    const log = async (org: string) => (await one.orgs.readAudit({ org, app: '', act: 'organisation.registered', actor: '', limit: 100, cursor: '' })).entries;
    expect(await log('theirs')).toEqual([expect.objectContaining({ actor: 'ann@example.org', target: 'theirs', outcome: 'done' })]);
    expect(await log('-')).toContainEqual(expect.objectContaining({ actor: 'eve@example.org', target: 'theirs', outcome: 'org_name_taken' }));
  });

  it('one network registers ten in an hour, over all replicas, and is told when to come back', async () => {
    const from = (last: number) => ({ ...origin, address: `2001:db8:5:5::${last}` });
    for (let i = 0; i < 10; i++) await (i % 2 ? one : two).registrations.register(asked(`many-${i}`, { origin: from(i) }));
    const late = await one.registrations.register(asked('many-10', { origin: from(10) })).catch((error: unknown) => error);
    expect(late).toMatchObject({ code: 'sign_in_throttled', params: { retryAfterSeconds: expect.stringMatching(/^\d+$/) } });
    await two.registrations.register(asked('from-elsewhere'));
  });
});

describe('where an operator approves', () => {
  let authority: Authority;
  let one: Replica;
  let two: Replica;
  let operator: adminAccess.Actor;
  beforeAll(async () => {
    authority = await startAuthority({ PARLEY_ORGANISATION_REGISTRATION: 'approval' });
    ({ one, two } = authority);
    operator = await actorOf(one, OPERATOR);
  }, 60_000);
  afterAll(() => authority?.stop(), 30_000);

  const waiting = async () => (await two.registrations.listRegistrations({ limit: 100, cursor: '' })).registrations.map(({ name }) => name);

  it('of two operators who decide at the same moment one does', async () => {
    await one.registrations.register(asked('undecided'));
    const approve = (at: Replica) => at.registrations.approveRegistration({ actor: operator, name: 'undecided' });
    const refuse = (at: Replica) => at.registrations.refuseRegistration({ actor: operator, name: 'undecided' });
    const answers = await Promise.allSettled([approve(one), refuse(two), approve(two), refuse(one)]);
    expect(codesOf(answers)).toEqual(['admin_not_found', 'admin_not_found', 'admin_not_found', 'done']);
    expect(await waiting()).not.toContain('undecided');
  });

  it('a name that an operator gave away meanwhile cannot be approved, and stays to be refused', async () => {
    await one.registrations.register(asked('given-away'));
    await one.orgs.createOrganisation({ actor: operator, name: 'given-away', displayName: '', ownerLogin: 'somebody' });
    const ref = { actor: operator, name: 'given-away' };
    await expect(two.registrations.approveRegistration(ref)).rejects.toMatchObject(code('org_name_taken'));
    expect(await waiting()).toContain('given-away');
    await two.registrations.refuseRegistration(ref);
    expect(await waiting()).not.toContain('given-away');
  });

  it('what nobody decided on for 30 days is forgotten, and the name is free; later ones stay', async () => {
    for (const name of ['forgotten', 'recent']) await one.registrations.register(asked(name));
    await authority.database.pool('auth').query("UPDATE organisation_registration SET asked_at = now() - interval '31 days' WHERE name = 'forgotten'");
    await authority.another();
    await eventually(async () => !(await waiting()).includes('forgotten'), { withinMs: 30_000, what: 'the end of the old one' });
    expect(await waiting()).toContain('recent');
    await two.registrations.register(asked('forgotten'));
  });

  it.each(['nobody-asked', '', '\u0000', "'; DROP TABLE organisation; --"])('there is nothing to decide on %j', async (name) => {
    await expect(one.registrations.approveRegistration({ actor: operator, name })).rejects.toMatchObject(code('admin_not_found'));
    await expect(one.registrations.refuseRegistration({ actor: operator, name })).rejects.toMatchObject(code('admin_not_found'));
  });
});
