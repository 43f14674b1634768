import { request } from 'node:http';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { client } from '@parley/msync';
import { AdminApi, eventually, givenApp, operatorOf, type Platform, RawClient, type RestAnswer, type RunningPlatform, startPlatform, uniqueName } from '@parley/testkit';

jest.setTimeout(120_000);

const PASSWORD = 'secret';
const SOON = { withinMs: 30_000, everyMs: 10 };
let platform: RunningPlatform;

// Callers are told apart as behind a proxy. Low rates, so that a flood is beyond them on every machine.
beforeAll(async () => {
  const env = {
    ...{ PARLEY_API_ADMIN_CALLS_PER_SECOND: '5', PARLEY_API_ADMIN_CALLS_OF_ADDRESS_PER_SECOND: '10' },
    ...{ PARLEY_API_TRUSTED_PROXIES: '127.0.0.1', PARLEY_GATEWAY_TRUSTED_PROXIES: '127.0.0.1' },
    ...{ PARLEY_GATEWAY_MAX_LOGINS_OF_APP_PER_SECOND: '20', PARLEY_GATEWAY_MAX_FAILED_LOGINS_OF_ADDRESS_PER_SECOND: '10' },
  };
  platform = await startPlatform({ mode: 'standalone', env });
});
afterAll(() => platform?.stop());

let addresses = 0;
const anAddress = () => `100.64.${++addresses >> 8}.${addresses & 255}`;
const from = (address: string) => ({ 'x-forwarded-for': address });

function post({ rest }: Platform, path: string, body: unknown, address: string): Promise<RestAnswer> {
  return rest.call('POST', path, { body, token: null, headers: from(address) });
}
const logIn = (app: Platform, username: string, password: string, address: string) => post(app, '/token', { grant_type: 'password', username, password }, address);

/** Sends a request and is gone before its answer. */
async function leave({ rest }: Platform, path: string, body: unknown, address: string): Promise<void> {
  const sent = request(rest.base + path, { method: 'POST', headers: { 'content-type': 'application/json', ...from(address) } });
  sent.on('error', () => undefined);
  const gone = new Promise((resolve) => sent.once('close', resolve));
  sent.end(JSON.stringify(body), () => sent.destroy());
  await gone;
}

async function given(app: Platform, ...usernames: string[]): Promise<void> {
  for (const username of usernames) expect((await app.rest.call('POST', '/users', { body: { username, password: PASSWORD } })).status).toBe(200);
}

/** Calls without a pause, several at once, until what the others do is done. */
async function whileFlooding<T>(call: () => Promise<RestAnswer>, others: () => Promise<T>): Promise<{ flood: RestAnswer[]; done: T }> {
  const flood: RestAnswer[] = [];
  let flooding = true;
  const flooders = Array.from({ length: 20 }, async () => {
    while (flooding) flood.push(await call());
  });
  try {
    await eventually(() => flood.some(({ status }) => status === 429), { ...SOON, what: 'a refusal' });
    return { flood, done: await others() };
  } finally {
    flooding = false;
    await Promise.all(flooders);
  }
}

/** For a second, or for what is left of a quarter of an hour. */
function expectHeld({ status, body, headers }: RestAnswer, long = false): void {
  expect({ status, body }).toMatchObject({ status: 429, body: { error: 'reach_limit', error_description: 'This request has reached api limit.' } });
  const seconds = Number(headers.get('retry-after'));
  expect(seconds).toBeGreaterThanOrEqual(long ? 60 : 1);
  expect(seconds).toBeLessThanOrEqual(long ? 900 : 1);
}

const statusesOf = (answers: RestAnswer[]) => [...new Set(answers.map(({ status }) => status))].sort();

describe('who only names an app', () => {
  it('uses up nothing of its rate with wrong passwords: its users log in as ever', async () => {
    const app = await givenApp(platform, { settings: { rateToken: 30 } });
    await given(app, 'alice');
    const attacker = anAddress();
    let tries = 0;
    const { flood, done } = await whileFlooding(() => logIn(app, `nobody-${++tries}`, 'wrong', attacker), async () => {
      const logins: RestAnswer[] = [];
      for (let i = 0; i < 10; i++) logins.push(await logIn(app, 'alice', PASSWORD, anAddress()));
      return logins;
    });
    expect(statusesOf(done)).toEqual([200]);
    expect(statusesOf(flood)).toEqual([404, 429]);
  });

  it('nor by going away before the answer', async () => {
    const app = await givenApp(platform, { settings: { rateToken: 30 } });
    await given(app, 'alice');
    const attacker = anAddress();
    let flooding = true;
    let left = 0;
    const flooders = Array.from({ length: 20 }, async () => {
      while (flooding) {
        await leave(app, '/token', { grant_type: 'password', username: `nobody-${++left}`, password: 'wrong' }, attacker);
      }
    });
    await eventually(() => left > 200, { ...SOON, what: 'a flood' });
    const logins: RestAnswer[] = [];
    for (let i = 0; i < 10; i++) logins.push(await logIn(app, 'alice', PASSWORD, anAddress()));
    flooding = false;
    await Promise.all(flooders);
    expect(statusesOf(logins)).toEqual([200]);
  });

  it('uses up no more than its part by registering where anybody may', async () => {
    const app = await givenApp(platform, { openRegistration: true, settings: { rateRegister: 30 } });
    const attacker = anAddress();
    const register = (address: string) => post(app, '/users', { username: uniqueName('user'), password: PASSWORD }, address);
    const { flood, done } = await whileFlooding(() => register(attacker), async () => {
      const registered: RestAnswer[] = [];
      for (let i = 0; i < 5; i++) registered.push(await register(anAddress()));
      return registered;
    });
    expect(statusesOf(done)).toEqual([200]);
    expectHeld(flood.find(({ status }) => status === 429)!);
  });

  it("leaves the app's logins at the gateway to those who have tokens", async () => {
    const app = await givenApp(platform);
    await given(app, 'alice');
    const { appKey, gatewayUrls: [url] } = app.endpoints;
    const token = await app.rest.userToken('alice', PASSWORD);
    const attacker = anAddress();
    const closed: number[] = [];
    let flooding = true;
    const flooders = Array.from({ length: 10 }, async () => {
      while (flooding) {
        const raw = await RawClient.connect(url!, { forwardedFor: attacker });
        raw.write(client.encodeProvision({ appKey, user: 'alice', token: 'YWMtnonsense', resource: 'web' }));
        closed.push(await raw.closed());
      }
    });
    await eventually(() => closed.includes(4001), { ...SOON, what: 'the attacker turned away' });
    for (let i = 0; i < 15; i++) {
      const raw = await RawClient.logIn(url!, { appKey, user: 'alice', token, resource: 'web' }, { forwardedFor: anAddress() });
      raw.terminate();
    }
    flooding = false;
    await Promise.all(flooders);
    expect(new Set(closed)).toEqual(new Set([4101, 4001]));
  });
});

describe('who guesses', () => {
  it("a user's password is held back after ten mistakes, also with the right one; the user is not, elsewhere", async () => {
    const app = await givenApp(platform);
    await given(app, 'alice', 'bob');
    const guesser = anAddress();
    for (let i = 0; i < 10; i++) expect((await logIn(app, 'alice', `guess-${i}`, guesser)).status).toBe(400);
    expectHeld(await logIn(app, 'Alice', PASSWORD, guesser), true);
    expect((await logIn(app, 'alice', PASSWORD, anAddress())).status).toBe(200);
    expect((await logIn(app, 'bob', PASSWORD, guesser)).status).toBe(200);
  });

  it('what succeeds does not count', async () => {
    const app = await givenApp(platform);
    await given(app, 'alice');
    const address = anAddress();
    for (let i = 0; i < 12; i++) expect((await logIn(app, 'alice', PASSWORD, address)).status).toBe(200);
  });

  it('at the credentials of an app is held back by address: the tenant is not, nor are other apps', async () => {
    const [app, other] = [await givenApp(platform), await givenApp(platform)];
    const guesser = anAddress();
    const credentials = ({ endpoints: { clientId, clientSecret } }: Platform) => ({ grant_type: 'client_credentials', client_id: clientId, client_secret: clientSecret });
    const wrong = { ...credentials(app), client_id: 'guess' };
    const held = await eventually(async () => {
      const answers = await Promise.all(Array.from({ length: 20 }, () => post(app, '/token', wrong, guesser)));
      return answers.find(({ headers }) => Number(headers.get('retry-after')) > 60);
    }, { ...SOON, what: 'a refusal for longer' });
    expectHeld(held, true);
    expectHeld(await post(app, '/token', credentials(app), guesser), true);
    expect((await post(app, '/token', credentials(app), anAddress())).status).toBe(200);
    expect((await post(other, '/token', credentials(other), guesser)).status).toBe(200);
  });
});

describe('the admin API', () => {
  it('holds each administrator to a rate, and nobody else for him', async () => {
    const { restUrl } = platform.endpoints;
    const operator = await AdminApi.signIn(restUrl, operatorOf(platform.home));
    const { key, client_secret } = (await operator.call('POST', '/orgs/-/keys', { label: 'other', role: 'operator' })).body;
    const other = await AdminApi.withKey(restUrl, key.client_id, client_secret);
    const me = (who: AdminApi) => who.call('GET', '/me', undefined, from(anAddress()));
    const { flood, done } = await whileFlooding(() => me(operator), async () => [await me(other), await me(other)]);
    expect(statusesOf(done)).toEqual([200]);
    expect(statusesOf(flood)).toEqual([200, 429]);
    expectHeld(flood.find(({ status }) => status === 429)!);
    expect(flood.find(({ status }) => status === 200)!.headers.get('x-ratelimit-limit')).toBe('5');
  });

  it.each([
    ['with tokens that are none', (api: AdminApi, headers: Record<string, string>) => api.call('GET', '/orgs', undefined, headers), 401],
    ['with invitations that are none', (api: AdminApi, headers: Record<string, string>) => api.call('POST', '/invitations/accept', {}, headers), 400],
    ['for tokens', (api: AdminApi, headers: Record<string, string>) => api.form('/oauth/token', { grant_type: 'client_credentials', client_id: 'a.b', client_secret: 'c' }, headers), 401],
  ])('holds each address to a rate, %s', async (_, call, status) => {
    const api = AdminApi.anonymous(platform.endpoints.restUrl);
    const [flooder, other] = [anAddress(), anAddress()];
    const held = await eventually(async () => {
      const answers = await Promise.all(Array.from({ length: 30 }, () => call(api, from(flooder))));
      return answers.find((answer) => answer.status === 429 && (answer.body as { error: string }).error === 'reach_limit');
    }, { ...SOON, what: 'a refusal' });
    expectHeld(held);
    expect((await call(api, from(other))).status).toBe(status);
  });
});
