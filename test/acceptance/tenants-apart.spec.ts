import { afterEach, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { client } from '@parley/msync';
import { eventually, givenApp, givenUsers, nextClientId, type Platform, platformUnderTest, RawClient, type RawLogin, type RestAnswer, type TestUser, uniqueName } from '@parley/testkit';

jest.setTimeout(60_000);

const platform = platformUnderTest();
let loud: Platform;
let quiet: Platform;
const open: RawClient[] = [];
/** What the loud tenant was answered, by what it did: "status error" or "code reason", and how often. */
const heard = { sends: new Map<string, number>(), rest: new Map<string, number>(), registrations: new Map<string, number>(), tokens: new Map<string, number>(), logins: new Map<string, number>(), closes: new Map<string, number>() };
let flooding = true;

beforeAll(async () => {
  // Low rates, so that the flood is beyond them on every machine; each registration and token costs a hash of 40 ms.
  const settings = { rateClientSends: 100, rateSendToUsersCalls: 10, rateRegister: 5, rateToken: 8 };
  [loud, quiet] = [await givenApp(platform, { settings }), await givenApp(platform)];
});
afterEach(() => {
  flooding = false;
  for (const raw of open.splice(0)) raw.terminate();
});

async function loginOf({ endpoints, rest }: Platform, { username, password }: TestUser): Promise<RawLogin> {
  return { appKey: endpoints.appKey, user: username, token: await rest.userToken(username, password) };
}

async function connect(login: RawLogin, gateway = 0): Promise<RawClient> {
  const { gatewayUrls } = platform.endpoints;
  const raw = await RawClient.logIn(gatewayUrls[gateway % gatewayUrls.length]!, login);
  open.push(raw);
  return raw;
}

function count(what: Map<string, number>, key: string): void {
  what.set(key, (what.get(key) ?? 0) + 1);
}

async function floodCalls(what: Map<string, number>, call: () => Promise<RestAnswer>): Promise<void> {
  while (flooding) {
    const answers = await Promise.all(Array.from({ length: 15 }, call));
    for (const { status, body } of answers) count(what, status === 200 ? '200' : `${status} ${(body as { error?: string }).error}`);
  }
}

/** Always fifty messages under way. Whoever is sent away for too many frames comes back. */
async function floodSends(login: RawLogin, to: string, gateway: number): Promise<void> {
  const device = { ...login, resource: 'webim_web_flood' };
  let raw = await connect(device, gateway);
  while (flooding) {
    if (raw.isClosed) {
      count(heard.closes, String(raw.closeCode));
      raw = await connect(device, gateway);
    }
    const ids = new Set(Array.from({ length: 50 }, () => nextClientId()));
    raw.frames.length = 0;
    for (const id of ids) raw.write(client.encodeSend({ id, to: { appKey: raw.appKey, name: to, domain: 'easemob.com', clientResource: '' }, payload: client.textBody({ from: raw.user, to, text: 'flood' }) }));
    const answered = () => raw.frames.filter(({ sync }) => sync && ids.has(sync.metaId));
    await eventually(() => !flooding || raw.isClosed || answered().length === ids.size, { everyMs: 5, what: 'answers to all' });
    for (const { sync } of answered()) count(heard.sends, `${sync!.status?.code ?? 0} ${sync!.status?.reason ?? ''}`.trim());
  }
}

async function floodLogins(login: RawLogin): Promise<void> {
  while (flooding) {
    const raw = await RawClient.connect(loud.endpoints.gatewayUrls[0]!);
    const answer = await raw.provision({ ...login, resource: 'webim_web_again' });
    count(heard.logins, String(answer.status?.code));
    raw.terminate();
  }
}

describe('two tenants', () => {
  it('one floods in every way and is refused in the right words; the other is refused nothing and everything of it arrives in order', async () => {
    const flooders = await givenUsers(loud, 'one', 'two', 'three', 'four');
    // One after the other: one address has a third of the app's rate under way.
    const logins: RawLogin[] = [];
    for (const user of flooders) logins.push(await loginOf(loud, user));
    const [alice, bob] = (await givenUsers(quiet, 'alice', 'bob')) as [TestUser, TestUser];
    const [alices, bobs] = [await connect(await loginOf(quiet, alice), 0), await connect(await loginOf(quiet, bob), 1)];
    const [someone, password] = [flooders[0]!, 'secret-of-many'];
    const body = (from: string, to: string, msg: string) => ({ from, to: [to], type: 'txt', body: { msg } });
    const grant = { grant_type: 'password', username: someone.username, password: someone.password };

    const flood = [
      ...logins.map((login, i) => floodSends(login, flooders[(i + 1) % flooders.length]!.username, i)),
      floodCalls(heard.rest, () => loud.rest.call('POST', '/messages/users', { body: body(someone.username, flooders[1]!.username, 'flood') })),
      floodCalls(heard.registrations, () => loud.rest.call('POST', '/users', { body: { username: uniqueName('many'), password } })),
      floodCalls(heard.tokens, () => loud.rest.call('POST', '/token', { body: grant, token: null })),
      floodLogins(logins[0]!),
    ];
    const flooded = Promise.all(flood);
    const atItsLimits = eventually(
      () => heard.sends.has('7 traffic limit') && [heard.rest, heard.registrations].every((one) => one.has('429 reach_limit')) && heard.logins.has('0'),
      { what: 'the flood at its limits' },
    );
    await Promise.race([atItsLimits, flooded]);

    const sent: bigint[] = [];
    for (let i = 0; i < 4; i++) {
      for (let n = 0; n < 5; n++) {
        const { status, serverId } = await alices.sendText(bob.username, `${i}.${n}`);
        expect(status?.code ?? 0).toBe(0);
        sent.push(serverId);
      }
      const { status, body: answer } = await quiet.rest.call('POST', '/messages/users', { body: body(alice.username, bob.username, `rest ${i}`) });
      expect(status).toBe(200);
      sent.push(BigInt((answer as { data: Record<string, string> }).data[bob.username]!));
      // A registration and the two halves of a login: the password is hashed twice.
      const [guest] = (await givenUsers(quiet, 'guest')) as [TestUser];
      await connect(await loginOf(quiet, guest), i);
    }
    await eventually(() => bobs.inbox.messageIds().length >= sent.length, { what: 'all messages' });
    expect(bobs.inbox.messageIds()).toEqual(sent);

    flooding = false;
    await flooded;
    const only = (what: Map<string, number>, ...allowed: string[]) => expect([...what.keys()].filter((one) => !allowed.includes(one))).toEqual([]);
    only(heard.sends, '0', '7 traffic limit');
    only(heard.rest, '200', '429 reach_limit');
    only(heard.registrations, '200', '429 reach_limit');
    only(heard.tokens, '200', '429 reach_limit', '503 service_unavailable');
    only(heard.logins, '0');
    only(heard.closes, '4001');
    // What is within its rates it still gets.
    for (const what of [heard.sends, heard.rest, heard.registrations]) expect(what.get('0') ?? what.get('200')).toBeGreaterThan(0);
  });
});
