import { afterEach, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { eventually, givenApp, givenUser, type Platform, platformUnderTest, SdkDevice } from '@parley/testkit';
import { expectError } from './envelope.js';

jest.setTimeout(60_000);
const platform = platformUnderTest();
const devices: SdkDevice[] = [];
afterEach(async () => {
  for (const device of devices.splice(0)) await device.stop();
});

async function deviceOf(app: Platform, user: { username: string; password: string }): Promise<SdkDevice> {
  const device = await SdkDevice.create(app);
  devices.push(device);
  await device.open({ user: user.username, pwd: user.password });
  return device;
}
const day = (ms = Date.now()) => new Date(ms).toISOString().slice(0, 10);
const DAY_MS = 86_400_000;
// From yesterday: midnight may pass meanwhile.
const range = () => `/usage?from=${day(Date.now() - DAY_MS)}&to=${day()}`;

/** Again when midnight passes meanwhile: what is counted by the day must be of one. */
async function withinADay(scenario: () => Promise<void>): Promise<void> {
  const began = day();
  await scenario().catch((error: unknown) => {
    if (day() === began) throw error;
    return scenario();
  });
}

describe('usage of an app', () => {
  let app: Platform;
  beforeAll(async () => {
    app = await givenApp(platform);
  });

  it('tells users, active users, connections, messages by type and attachments', () => withinADay(async () => {
    const app = await givenApp(platform);
    const [alice, bob] = [await givenUser(app, 'alice'), await givenUser(app, 'bob')];
    await givenUser(app, 'carol');
    const device = await deviceOf(app, alice);
    await deviceOf(app, bob);
    await device.sendText(bob.username, 'one');
    await device.sendText(bob.username, 'two');
    await app.rest.call('POST', '/messages/users', { body: { from: alice.username, to: [bob.username], type: 'cmd', body: { action: 'x' } } });

    const answer = await eventually(
      async () => {
        const got = await app.rest.call('GET', range());
        expect(got.status).toBe(200);
        const { days } = got.body.data;
        return days.reduce((sum: number, one: { messages_total: number }) => sum + one.messages_total, 0) >= 3 && days.at(-1).registered_users === 3 && got;
      },
      { what: 'what was done is counted' },
    );
    const { data } = answer.body;
    expect(Object.keys(answer.body).sort()).toEqual(['data', 'duration', 'timestamp']);
    expect(data.registered_users).toBe(3);
    expect(data.attachments).toEqual({ files: 0, bytes: 0 });
    expect(data.days.map((one: { day: string }) => one.day)).toEqual([...data.days.map((one: { day: string }) => one.day)].sort());
    const today = data.days.findLast((one: { messages_total: number }) => one.messages_total > 0);
    expect(today).toEqual({ day: today.day, registered_users: 3, active_users: 2, peak_connections: 2, messages: { txt: 2, cmd: 1 }, messages_total: 3 });
    expect(data.months.at(-1)).toEqual({ month: today.day.slice(0, 7), active_users: 2 });
  }));

  it('is refused for what is no range of at most 92 days', async () => {
    for (const query of ['', '?from=2026-01-01', '?from=2026-02-30&to=2026-03-01', '?from=2026-01-02&to=2026-01-01', '?from=2026-01-01&to=2026-04-03', "?from=2026-01-01'&to=x"]) {
      expectError(await app.rest.call('GET', `/usage${query}`), 400, 'illegal_argument', /./);
    }
    expect((await app.rest.call('GET', '/usage?from=2026-01-01&to=2026-04-02')).body.data.days).toHaveLength(92);
  });

  it('is for the server of the app alone', async () => {
    const dora = await givenUser(app, 'dora');
    expect((await app.rest.call('GET', range(), { token: await app.rest.userToken(dora.username, dora.password) })).status).toBe(401);
    const other = await givenApp(platform);
    expect((await app.rest.call('GET', range(), { token: await other.rest.appToken() })).status).toBe(401);
  });
});

describe('quotas of an app', () => {
  it('further users are refused as over the limit', async () => {
    const app = await givenApp(platform, { settings: { usersMost: 2 } });
    const register = (username: string) => app.rest.call('POST', '/users', { body: { username, password: 'secret' } });
    const answers = await Promise.all(['a', 'b', 'c', 'd'].map(register));
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(2);
    for (const refused of answers.filter(({ status }) => status !== 200)) {
      expectError(refused, 429, 'resource_limited', 'You have exceeded the limit of the community edition,Please upgrade to the enterprise edition');
    }
    const made = await app.rest.call('POST', '/token', { body: { grant_type: 'inherit', username: 'new', autoCreateUser: true } });
    expectError(made, 429, 'resource_limited', /exceeded the limit/);
  });

  it('a further connection is refused in the words that the SDK knows, until a place is free', async () => {
    const app = await givenApp(platform, { settings: { connectionsMost: 1 } });
    const [alice, bob] = [await givenUser(app, 'alice'), await givenUser(app, 'bob')];
    const first = await deviceOf(app, alice);
    await expect(deviceOf(app, bob)).rejects.toMatchObject({ type: 50 });
    await first.call('close');
    await eventually(() => deviceOf(app, bob).then(() => true, () => false), { what: 'the free place' });
  });

  it('a further user of the day is refused, and who was there may come again', () => withinADay(async () => {
    const app = await givenApp(platform, { settings: { dailyActiveMost: 1 } });
    const [alice, bob] = [await givenUser(app, 'alice'), await givenUser(app, 'bob')];
    const first = await deviceOf(app, alice);
    await expect(deviceOf(app, bob)).rejects.toMatchObject({ type: 50 });
    await first.call('close');
    await deviceOf(app, alice);
  }));
});
