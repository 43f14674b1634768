import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { eventSubjects } from '@parley/bus';
import type { adminAccess, appAdmin, events } from '@parley/contracts';
import { eventually } from '@parley/testkit';
import type { PoolClient } from 'pg';
import { actorOf, type Authority, authorize, code, givenAdministrator, givenOrganisation, OPERATOR, type Replica, signIn, startAuthority } from '../administration.fixture.js';

let authority: Authority;
let one: Replica;
let two: Replica;
let org: string;
let actor: adminAccess.Actor;
let operator: adminAccess.Actor;

beforeAll(async () => {
  authority = await startAuthority();
  ({ one, two } = authority);
}, 60_000);
afterAll(() => authority?.stop(), 30_000);
beforeEach(async () => {
  ({ org, actor } = await givenOrganisation(one));
  operator = await actorOf(one, OPERATOR);
});

const create = (at: Replica, app: string) => at.apps.createApp({ actor, org, app, description: '' });
const tokenOf = (at: Replica, app: appAdmin.App, clientSecret: string) => at.auth.issueAppToken({ tenant: app.tenant, clientId: app.clientId, clientSecret, ttlSeconds: 60n, address: '' });

describe('an app', () => {
  it('is made once by two at the same moment', async () => {
    const answers = await Promise.allSettled([create(one, 'Chat'), create(two, 'chat')]);
    expect(answers.filter((answer) => answer.status === 'fulfilled')).toHaveLength(1);
    expect(answers.find((answer) => answer.status === 'rejected')).toMatchObject({ reason: code('app_name_taken') });
  });
});

describe('client secrets', () => {
  const rotate = (at: Replica, app: appAdmin.App, expireOldAfterSeconds?: bigint) => at.apps.createSecret({ actor, tenant: app.tenant, expireOldAfterSeconds });

  it('are two at most, however many are asked for at once', async () => {
    const { app } = await create(one, 'chat');
    const answers = await Promise.allSettled([rotate(one, app!), rotate(two, app!), rotate(one, app!)]);
    expect(answers.filter((answer) => answer.status === 'fulfilled')).toHaveLength(1);
    expect((await two.apps.listSecrets({ actor, tenant: app!.tenant })).secrets).toHaveLength(2);
  });

  it('both work on every replica while rotating; a revoked one works on none', async () => {
    const { app, clientSecret: old } = await create(one, 'chat');
    await tokenOf(two, app!, old);
    const { clientSecret: fresh } = await rotate(one, app!);
    for (const at of [one, two]) for (const secret of [old, fresh]) await eventually(() => tokenOf(at, app!, secret).then(() => true, () => false), { what: 'both secrets' });
    const { secrets } = await one.apps.listSecrets({ actor, tenant: app!.tenant });
    await one.apps.revokeSecret({ actor, tenant: app!.tenant, secretId: secrets[1]!.secretId });
    await expect(tokenOf(one, app!, old)).rejects.toMatchObject(code('client_secret_mismatch'));
    await eventually(() => tokenOf(two, app!, old).then(() => false, (error: unknown) => (error as { code: string }).code === 'client_secret_mismatch'), { what: 'the end of the old secret' });
    await tokenOf(two, app!, fresh);
  });

  it('keep one that does not expire', async () => {
    const { app } = await create(one, 'chat');
    const { secret } = await rotate(one, app!, 3_600n);
    await expect(one.apps.revokeSecret({ actor, tenant: app!.tenant, secretId: secret!.secretId })).rejects.toMatchObject(code('app_secret_last'));
  });

  it('are only revoked in their own app', async () => {
    const [mine, other] = [(await create(one, 'mine')).app!, (await create(one, 'other')).app!];
    const { secrets } = await one.apps.listSecrets({ actor, tenant: other.tenant });
    await expect(one.apps.revokeSecret({ actor, tenant: mine.tenant, secretId: secrets[0]!.secretId })).rejects.toMatchObject(code('admin_not_found'));
  });
});

describe('settings', () => {
  it('are merged when two change them at the same moment', async () => {
    const { app } = await create(one, 'chat');
    const change = (at: Replica, changes: object) => at.apps.changeSettings({ actor, tenant: app!.tenant, changesJson: JSON.stringify(changes), ceilings: false });
    await Promise.all([change(one, { openRegistration: true }), change(two, { recallWindowSeconds: 60 }), change(one, { recallEnabled: false })]);
    const { chosenJson } = await two.apps.getSettings({ actor, tenant: app!.tenant });
    expect(JSON.parse(chosenJson)).toEqual({ openRegistration: true, recallWindowSeconds: 60, recallEnabled: false });
  });
});

describe('the purge', () => {
  it('tells every service, takes grants with it, and leaves the audit log', async () => {
    const told: events.AppPurged[] = [];
    await authority.bus.consumeEvents(eventSubjects.appPurged, 'spec-app-purged', async (event) => void told.push(event));
    const { app, clientSecret } = await create(one, 'chat');
    const ann = await givenAdministrator(one, actor, org, 'ann', { role: 'app_admin', apps: ['chat'] });
    await one.apps.markForPurge({ actor: operator, tenant: app!.tenant, graceSeconds: 1n });
    await expect(tokenOf(one, app!, clientSecret)).rejects.toMatchObject(code('app_suspended'));
    await eventually(() => told.some((event) => event.appId === app!.tenant!.appId), { what: 'the event', withinMs: 30_000 });
    await eventually(() => one.apps.getApp({ actor, tenant: app!.tenant }).then(() => false, () => true), { what: 'the end of the app', withinMs: 30_000 });
    await expect(authorize(one, (await signIn(one, ann)).accessToken, 'app.read', org, 'chat')).rejects.toMatchObject(code('admin_not_found'));
    const { entries } = await one.orgs.readAudit({ org, app: 'chat', act: '', actor: '', limit: 10, cursor: '' });
    expect(entries.map((entry) => entry.act)).toEqual(['app.purged', 'app.purge_marked', 'app.created']);
    // The name is free; who was named for the app before is not named for this one.
    await create(two, 'chat');
    await expect(authorize(one, (await signIn(one, ann)).accessToken, 'app.read', org, 'chat')).rejects.toMatchObject(code('admin_not_found'));
  });

  it('is done by one of two replicas that begin it at the same moment, and written down once', async () => {
    const { app } = await create(one, 'chat');
    await one.apps.markForPurge({ actor: operator, tenant: app!.tenant, graceSeconds: 3_600n });
    await whenBothLook((query) => query('UPDATE app SET purge_at = now() WHERE app_id = $1', [app!.tenant!.appId]));
    // They look again only when they are done.
    await whenBothLook(async () => undefined);
    const { entries } = await one.orgs.readAudit({ org, app: 'chat', act: 'app.purged', actor: '', limit: 10, cursor: '' });
    expect(entries.map(({ outcome }) => outcome)).toEqual(['done']);
  });

  it('is either restored or done, never both', async () => {
    const { app } = await create(one, 'chat');
    await one.apps.markForPurge({ actor: operator, tenant: app!.tenant, graceSeconds: 1n });
    const restored = await two.apps.restoreApp({ actor: operator, tenant: app!.tenant }).then(() => true, () => false);
    const there = () => one.apps.getApp({ actor, tenant: app!.tenant }).then(({ state }) => state, () => 'gone');
    await eventually(async () => (await there()) === (restored ? 'active' : 'gone'), { what: 'the outcome', withinMs: 30_000 });
  });
});

/** Does this in the database at a moment when both replicas are about to look for what is to be purged. */
async function whenBothLook(act: (query: PoolClient['query']) => Promise<unknown>): Promise<void> {
  const pool = authority.database.pool('auth');
  const holding = await pool.connect();
  try {
    await holding.query('BEGIN');
    await holding.query('LOCK TABLE app IN SHARE MODE');
    const waiting = "SELECT FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND query LIKE 'UPDATE app SET state%'";
    await eventually(async () => (await pool.query(waiting)).rowCount === 2, { what: 'both replicas', withinMs: 30_000 });
    await act(holding.query.bind(holding));
    await holding.query('COMMIT');
  } finally {
    holding.release(true);
  }
}
