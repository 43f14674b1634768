import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { broadcasts, type Bus, eventSubjects, requests } from '@parley/bus';
import { blocklist, contacts, type events, type system, type Tenant, user } from '@parley/contracts';
import type { Pool } from '@parley/db';
import { schema } from '@parley/msync';
import type { RpcClient } from '@parley/rpc';
import { Backbone, eventually, tenantOf } from '@parley/testkit';
import fc from 'fast-check';
import * as userService from '../start.js';

let backbone: Backbone;
let bus: Bus;
let pool: Pool;
let users: RpcClient<typeof user.UserServiceService>;
/** One for each replica. */
let doors: RpcClient<typeof contacts.ContactServiceService>[];
let lists: RpcClient<typeof blocklist.BlocklistServiceService>[];
let appId = 0;
let tenant: Tenant;
let limits: Record<string, number>;
/** What the message service was asked to tell, each once, and whether it takes anything now. */
const told = new Map<bigint, system.SystemItem[]>();
const tellings: system.SystemItem[] = [];
let taking = true;
const happened: events.RelationChanged[] = [];

beforeAll(async () => {
  backbone = await Backbone.start();
  ({ bus } = backbone);
  bus.serve(requests.appendSystem, async ({ items }) => ({ results: items.map(take) }));
  await backbone.settings(() => limits);
  const replicas = [await backbone.service(userService), await backbone.service(userService)];
  users = backbone.client(user.UserServiceClient, replicas[0]!);
  doors = replicas.map((one) => backbone.client(contacts.ContactServiceClient, one));
  lists = replicas.map((one) => backbone.client(blocklist.BlocklistServiceClient, one));
  pool = backbone.database.pool('users');
  for (const subject of [eventSubjects.contactInvited, eventSubjects.contactAdded, eventSubjects.contactDeclined, eventSubjects.contactRemoved]) {
    await bus.consumeEvents(subject, `spec-${subject.suffix.replace('.', '-')}`, async (event) => void happened.push(event));
  }
}, 90_000);
afterAll(() => backbone?.stop(), 30_000);

beforeEach(() => {
  appId++;
  tenant = tenantOf(appId);
  limits = {};
  taking = true;
});

/** As the message service does: the same event of the same user is one item. */
function take(item: system.SystemItem): system.SystemResult {
  if (!taking) return { error: 'unavailable', id: 0n };
  const known = told.get(item.userId) ?? [];
  if (!known.some((one) => one.eventId === item.eventId)) {
    told.set(item.userId, [...known, item]);
    tellings.push(item);
  }
  return { error: '', id: 1n };
}

async function given(...names: string[]): Promise<user.User[]> {
  const { created } = await users.registerUsers({ tenant, users: names.map((username) => ({ username, password: 'secret', nickname: '' })), single: false });
  return created;
}
const pair = (username: string, other: string, resource = '') => ({ tenant, username, other, resource });
const invite = (username: string, other: string, reason = '') => doors[0]!.inviteContacts({ tenant, username, others: [other], reason, resource: 'phone' });
const namesOf = async (username: string) => (await doors[1]!.listContacts({ tenant, username, limit: 100, cursor: '' })).contacts.map((one) => one.username);
const block = (username: string, others: string[]) => lists[0]!.blockUsers({ tenant, username, others, resource: '' });
/** Operation and sides of each news, when all that is in the store has been brought. */
async function newsOf({ userId }: user.User): Promise<string[]> {
  await brought();
  return (told.get(userId) ?? []).map((item) => {
    const body = schema.fromBinary(schema.RosterBodySchema, item.payload);
    const operation = schema.RosterBody_Operation[body.operation];
    return `${operation} ${body.from!.name}>${body.to[0]!.name}${body.reason ? ` "${body.reason}"` : ''}${item.exceptResource ? ` not ${item.exceptResource}` : ''}`;
  });
}
async function brought(): Promise<void> {
  const waiting = async () => (await pool.query<{ n: number }>('SELECT count(*)::int AS n FROM contact_news')).rows[0]!.n;
  await eventually(async () => (await waiting()) === 0, { what: 'news brought' });
}
const code = (expected: string) => expect.objectContaining({ code: expected });

describe('contacts', () => {
  it('come about by an invitation that is accepted, and both sides are told once', async () => {
    const [alice, bob] = (await given('alice', 'bob')) as [user.User, user.User];
    await invite('alice', 'bob', 'hello');
    await invite('alice', 'bob', 'hello');
    expect(await namesOf('alice')).toEqual([]);
    await doors[1]!.acceptContact(pair('bob', 'alice', 'tablet'));
    await doors[0]!.acceptContact(pair('bob', 'alice', 'tablet'));
    expect([await namesOf('alice'), await namesOf('bob')]).toEqual([['bob'], ['alice']]);
    expect(await newsOf(alice)).toEqual(['REMOTE_ACCEPT bob>alice']);
    expect(await newsOf(bob)).toEqual(['ADD alice>bob "hello"', 'ACCEPT alice>bob']);
  });

  it('do not come about when it is declined', async () => {
    const [alice, bob] = (await given('alice', 'bob')) as [user.User, user.User];
    await invite('alice', 'bob');
    await doors[0]!.declineContact(pair('bob', 'alice', 'tablet'));
    await expect(doors[0]!.acceptContact(pair('bob', 'alice'))).rejects.toEqual(code('contact_not_invited'));
    expect(await newsOf(alice)).toEqual(['REMOTE_DECLINE bob>alice']);
    expect(await newsOf(bob)).toEqual(['ADD alice>bob', 'DECLINE bob>alice not tablet']);
  });

  it('end for both when one removes the other', async () => {
    const [alice, bob] = (await given('alice', 'bob')) as [user.User, user.User];
    await doors[0]!.addContact(pair('alice', 'bob'));
    await doors[1]!.removeContact(pair('bob', 'alice', 'tablet'));
    await doors[0]!.removeContact(pair('bob', 'alice', 'tablet'));
    expect([await namesOf('alice'), await namesOf('bob')]).toEqual([[], []]);
    expect(await newsOf(alice)).toEqual(['ACCEPT bob>alice', 'REMOVE bob>alice']);
    expect(await newsOf(bob)).toEqual(['ACCEPT alice>bob', 'REMOVE alice>bob not tablet']);
  });

  it('end with a user who is deleted; his invitations and blocks too', async () => {
    const [alice, bob, carol] = (await given('alice', 'bob', 'carol')) as [user.User, user.User, user.User];
    await doors[0]!.addContact(pair('alice', 'bob'));
    await invite('alice', 'carol');
    await block('alice', ['carol']);
    await block('carol', ['alice']);
    await users.deleteUser({ tenant, username: 'alice' });
    expect(await namesOf('bob')).toEqual([]);
    expect(await newsOf(bob)).toEqual(['ACCEPT alice>bob', 'REMOVE alice>bob']);
    expect(await newsOf(carol)).toEqual(['ADD alice>carol', 'BAN carol>alice']);
    expect(await newsOf(alice)).not.toContain('REMOVE bob>alice');
    for (const table of ['contact_pair', 'user_block']) expect((await pool.query(`SELECT * FROM ${table} WHERE app_id = $1`, [appId])).rows).toEqual([]);
  });

  it('are bounded on both sides', async () => {
    limits = { contactsMost: 2 };
    await given('alice', 'b1', 'b2', 'b3');
    await doors[0]!.addContact(pair('alice', 'b1'));
    await invite('b3', 'alice');
    await doors[0]!.addContact(pair('alice', 'b2'));
    await expect(doors[0]!.addContact(pair('b3', 'alice'))).rejects.toEqual(code('contact_limit'));
    await expect(doors[0]!.acceptContact(pair('alice', 'b3'))).rejects.toEqual(code('contact_limit'));
    await expect(invite('alice', 'b3')).rejects.toEqual(code('contact_limit'));
    expect(await doors[0]!.importContacts({ tenant, username: 'b3', others: ['alice', 'b1', 'nobody', 'b3'], notify: false })).toEqual({
      added: ['b1'],
      overLimit: ['alice'],
      notExisting: ['nobody'],
      failed: ['b3'],
    });
  });

  it('are never more than that, however many replicas are asked at once', async () => {
    limits = { contactsMost: 3 };
    const others = Array.from({ length: 12 }, (_, i) => `b${i}`);
    await given('alice', ...others);
    const results = await Promise.allSettled(others.map((other, i) => doors[i % 2]!.addContact(i % 3 === 0 ? pair(other, 'alice') : pair('alice', other))));
    expect(results.filter((one) => one.status === 'fulfilled')).toHaveLength(3);
    expect(await namesOf('alice')).toHaveLength(3);
  });

  it('invitations are bounded and lapse', async () => {
    const [alice, bob] = (await given('alice', 'bob', 'carol')) as [user.User, user.User];
    await pool.query(
      `INSERT INTO contact_pair (app_id, low_id, high_id, state, expires_at)
      SELECT $1, $2, 1000000 + n, 1, now() + interval '1 day' FROM generate_series(1, 500) n`,
      [appId, String(bob.userId)],
    );
    await expect(invite('alice', 'bob')).rejects.toEqual(code('contact_invitations_limit'));
    await pool.query('DELETE FROM contact_pair WHERE app_id = $1', [appId]);
    await invite('alice', 'bob');
    await pool.query('UPDATE contact_pair SET expires_at = now() WHERE app_id = $1', [appId]);
    await expect(doors[0]!.acceptContact(pair('bob', 'alice'))).rejects.toEqual(code('contact_not_invited'));
    expect(alice.username).toBe('alice');
  });

  it('can all be removed at once', async () => {
    const others = Array.from({ length: 20 }, (_, i) => `b${i}`);
    const [alice, first] = (await given('alice', ...others)) as [user.User, user.User];
    for (const other of others) await doors[0]!.addContact(pair('alice', other));
    expect((await doors[0]!.removeAllContacts({ tenant, username: 'alice' })).removed).toBe(20);
    expect([await namesOf('alice'), await namesOf('b7')]).toEqual([[], []]);
    expect(await newsOf(first)).toEqual(['ACCEPT alice>b0', 'REMOVE alice>b0']);
    expect((await newsOf(alice)).filter((one) => one.startsWith('REMOVE'))).toHaveLength(20);
  });

  it('are read by pages, each once, and only in this app', async () => {
    const others = Array.from({ length: 7 }, (_, i) => `b${i}`);
    await given('b0', 'b1', 'b2', 'alice', 'b3', 'b4', 'b5', 'b6');
    for (const other of others) await doors[0]!.addContact(pair('alice', other));
    await doors[0]!.setContactRemark({ tenant, username: 'alice', other: 'b6', remark: 'six' });
    const pages: string[][] = [];
    let cursor = '';
    do {
      const page = await doors[0]!.listContacts({ tenant, username: 'alice', limit: 3, cursor });
      pages.push(page.contacts.map((one) => one.username + one.remark));
      cursor = page.nextCursor;
    } while (cursor !== '');
    expect(pages).toEqual([['b0', 'b1', 'b2'], ['b3', 'b4', 'b5'], ['b6six']]);
    expect((await doors[0]!.listContacts({ tenant, username: 'b6', limit: 3, cursor: '' })).contacts).toEqual([{ username: 'alice', remark: '' }]);
    await expect(doors[0]!.listContacts({ tenant: { ...tenant, appId: appId + 1_000 }, username: 'alice', limit: 3, cursor: '' })).rejects.toEqual(code('user_not_found'));
  });
});

describe('news of contacts', () => {
  it('wait in the store until devices and other services have them, in order', async () => {
    const [alice, bob] = (await given('alice', 'bob')) as [user.User, user.User];
    taking = false;
    await invite('alice', 'bob');
    await doors[1]!.acceptContact(pair('bob', 'alice'));
    await doors[0]!.removeContact(pair('alice', 'bob'));
    expect(told.get(alice.userId)).toBeUndefined();
    taking = true;
    expect(await newsOf(alice)).toEqual(['REMOTE_ACCEPT bob>alice', 'REMOVE bob>alice']);
    expect(await newsOf(bob)).toEqual(['ADD alice>bob', 'ACCEPT alice>bob', 'REMOVE alice>bob']);
    const mine = () => happened.filter((one) => one.appId === appId);
    await eventually(() => mine().length >= 3, { what: 'three events' });
    expect(mine()).toHaveLength(3);
    expect(mine()).toContainEqual(expect.objectContaining({ actor: 'bob', other: 'alice', accepted: true }));
  });

  it('reach the send path before the caller is answered', async () => {
    const [alice, bob] = (await given('alice', 'bob')) as [user.User, user.User];
    const changed: string[] = [];
    const subscription = bus.onBroadcast(broadcasts.policyChanged, ({ questions }) => changed.push(...questions.map((one) => `${one.senderId}>${one.recipientId}`)));
    await bus.flush();
    await block('alice', ['bob']);
    await bus.flush();
    expect(changed).toContain(`${bob.userId}>${alice.userId}`);
    subscription.unsubscribe();
    const { answers } = await bus.request(requests.userPolicy, { questions: [{ appId, senderId: bob.userId, recipientId: alice.userId }] });
    expect(answers).toMatchObject([{ blocked: true, contact: false }]);
  });
});

describe('two users who do what they like, from several devices, through two replicas', () => {
  const acts = ['invite', 'accept', 'decline', 'remove', 'block', 'unblock'] as const;
  const step = fc.record({ who: fc.constantFrom(0, 1), act: fc.constantFrom(...acts), replica: fc.constantFrom(0, 1), device: fc.constantFrom('phone', 'web') });

  it('are always the same to each other, and news add up to that on every device', async () => {
    let round = 0;
    await fc.assert(
      fc.asyncProperty(fc.array(fc.array(step, { minLength: 1, maxLength: 4 }), { minLength: 1, maxLength: 6 }), async (together) => {
        const names = [`a${++round}`, `b${round}`];
        const both = await given(...names);
        for (const steps of together) {
          await Promise.all(
            steps.map(async ({ who, act, replica, device }) => {
              const [username, other] = who === 0 ? [names[0]!, names[1]!] : [names[1]!, names[0]!];
              const door = doors[replica]!;
              const doing = {
                invite: () => door.inviteContacts({ tenant, username, others: [other], reason: device, resource: device }),
                accept: () => door.acceptContact(pair(username, other, device)),
                decline: () => door.declineContact(pair(username, other, device)),
                remove: () => door.removeContact(pair(username, other, device)),
                block: () => lists[replica]!.blockUsers({ tenant, username, others: [other], resource: device }),
                unblock: () => lists[replica]!.unblockUsers({ tenant, username, others: [other], resource: device }),
              }[act];
              await (doing() as Promise<unknown>).catch((error: unknown) => expect(error).toMatchObject({ code: expect.stringMatching(/^(blocked|contact_not_invited)$/) }));
            }),
          );
          const [ofA, ofB] = [await namesOf(names[0]!), await namesOf(names[1]!)];
          expect([ofA, ofB]).toEqual(ofA.length === 0 ? [[], []] : [[names[1]], [names[0]]]);
        }
        const areContacts = (await namesOf(names[0]!)).length === 1;
        await brought();
        for (const { userId } of both) {
          // A device that is told everything, whoever acted: what it believes in the end.
          let believes = false;
          for (const item of told.get(userId) ?? []) {
            const { operation } = schema.fromBinary(schema.RosterBodySchema, item.payload);
            if (operation === schema.RosterBody_Operation.ACCEPT || operation === schema.RosterBody_Operation.REMOTE_ACCEPT) {
              expect(believes).toBe(false);
              believes = true;
            }
            if (operation === schema.RosterBody_Operation.REMOVE) {
              expect(believes).toBe(true);
              believes = false;
            }
          }
          expect(believes).toBe(areContacts);
        }
      }),
      { numRuns: 15 },
    );
  });
});

describe('a block list', () => {
  const listed = async (username: string, limit = 500, cursor = '') => lists[1]!.listBlocked({ tenant, username, limit, cursor });

  it('keeps the latest first, by pages, each once however often', async () => {
    await given('alice', 'b1', 'b2', 'b3');
    await block('alice', ['b1', 'b2']);
    await block('alice', ['b3', 'b1', 'b3']);
    const first = await listed('alice', 2);
    expect(first.usernames).toEqual(['b3', 'b2']);
    expect(await listed('alice', 2, first.nextCursor)).toEqual({ usernames: ['b1'], nextCursor: '' });
    await lists[0]!.unblockUsers({ tenant, username: 'alice', others: ['b2', 'b1'], resource: '' });
    await lists[0]!.unblockUsers({ tenant, username: 'alice', others: ['b2'], resource: '' });
    expect((await listed('alice')).usernames).toEqual(['b3']);
    expect(await lists[0]!.checkBlocked({ tenant, username: 'alice', others: ['B3', 'b1', 'nobody'] })).toEqual({ blocked: [true, false, false] });
  });

  it('is bounded, also when many are asked at once, and takes all or none', async () => {
    limits = { blocklistMost: 3 };
    const others = Array.from({ length: 8 }, (_, i) => `b${i}`);
    await given('alice', ...others);
    await Promise.allSettled(others.map((other, i) => lists[i % 2]!.blockUsers({ tenant, username: 'alice', others: [other], resource: '' })));
    expect((await listed('alice')).usernames).toHaveLength(3);
    await lists[0]!.unblockUsers({ tenant, username: 'alice', others, resource: '' });
    await expect(block('alice', others.slice(0, 4))).rejects.toEqual(code('blocklist_limit'));
    await expect(block('alice', ['b0', 'nobody'])).rejects.toEqual(code('user_not_found'));
    await expect(block('alice', ['b0', 'alice'])).rejects.toEqual(code('contact_oneself'));
    expect((await listed('alice')).usernames).toEqual([]);
  });

  it('does not end contacts, but invitations from who is on it are refused', async () => {
    await given('alice', 'bob', 'carol');
    await doors[0]!.addContact(pair('alice', 'bob'));
    await block('alice', ['bob', 'carol']);
    expect(await namesOf('alice')).toEqual(['bob']);
    await expect(invite('carol', 'alice')).rejects.toEqual(code('blocked'));
    await invite('alice', 'carol');
  });
});
