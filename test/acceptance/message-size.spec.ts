import { afterEach, describe, expect, it } from '@jest/globals';
import { AdminApi, eventually, givenUser, operatorUnderTest, platformUnderTest, RestClient, SdkDevice, uniqueName, type Platform, type SdkName } from '@parley/testkit';
import { expectError } from './envelope.js';

const { endpoints } = platformUnderTest();
const KIB = 1_024;
let device: SdkDevice | undefined;
afterEach(() => device?.stop());

async function givenApp(): Promise<{ platform: Platform; set: (messageBytes: number | null) => Promise<void>; raise: (messageBytes: number) => Promise<void> }> {
  const operator = await AdminApi.signIn(endpoints.restUrl, operatorUnderTest());
  const [org, app] = [uniqueName('org'), uniqueName('app')];
  await operator.call('POST', '/orgs', { name: org, owner_login: 'owner' });
  const { body } = await operator.call('POST', `/orgs/${org}/apps`, { app_name: app });
  const at = { ...endpoints, org, app, appKey: `${org}#${app}`, clientId: body.app.client_id as string, clientSecret: body.client_secret as string };
  const put = async (what: string, messageBytes: number | null) => {
    expect(await operator.call('PUT', `/orgs/${org}/apps/${app}/${what}`, { messageBytes })).toMatchObject({ status: 200 });
  };
  return { platform: { endpoints: at, rest: new RestClient(at) }, set: (bytes) => put('settings', bytes), raise: (bytes) => put('ceilings', bytes) };
}

describe("an app's own limit for the size of messages", () => {
  it.each<SdkName>(['agora-chat', 'easemob-websdk'])('holds for what is sent and edited, over REST and by %s, as soon as it is set', async (sdk) => {
    const { platform, set, raise } = await givenApp();
    const { rest } = platform;
    const [alice, bob] = [await givenUser(platform, 'alice'), await givenUser(platform, 'bob')];
    const from = await SdkDevice.create(platform, { sdk });
    device = from;
    await from.open({ user: alice.username, pwd: alice.password });
    const [small, big] = ['x'.repeat(300), 'x'.repeat(2 * KIB)];
    const send = (msg: string, ext?: object) => rest.call('POST', '/messages/users', { body: { from: alice.username, to: [bob.username], type: 'txt', body: { msg }, ext } });
    const edit = (id: string, msg: string) => rest.call('PUT', `/messages/rewrite/${id}`, { body: { user: alice.username, new_msg: { type: 'txt', msg } } });
    const modify = (id: string, msg: string) => from.modify(id, { type: 'txt', chatType: 'singleChat', to: bob.username, msg });

    const id = await from.sendText(bob.username, big);
    expect((await send(big)).status).toBe(200);
    expect((await edit(id, big)).status).toBe(200);

    await set(KIB);
    await eventually(async () => (await send(big)).status === 400, { what: 'the limit' });
    expectError(await send(big), 400, 'message_send_error', 'message is too large', 14_007);
    expectError(await send('x', { x: big }), 400, 'message_send_error', 'message is too large', 14_007);
    expectError(await edit(id, big), 400, 'message_send_error', 'message is too large', 14_007);
    await eventually(() => from.sendText(bob.username, big).then(() => false, (error: { type: number }) => error.type !== 0), { what: 'the limit at the gateway' });
    await expect(from.sendText(bob.username, big)).rejects.toMatchObject({ type: 511 });
    await expect(modify(id, big)).rejects.toMatchObject({ type: expect.any(Number) });
    expect((await send(small)).status).toBe(200);
    expect((await edit(id, small)).status).toBe(200);
    await from.sendText(bob.username, small);
    await modify(id, `${small}!`);

    // Raised by the operator, the limits of the processes remain.
    await raise(32 * KIB);
    await set(null);
    await eventually(async () => (await send(big)).status === 200, { what: 'the higher limit' });
    await eventually(() => from.sendText(bob.username, big).then(() => true, () => false), { what: 'the higher limit at the gateway' });
    expectError(await send('x'.repeat(6 * KIB)), 400, 'message_send_error', 'message is too large', 14_007);
    await expect(from.sendText(bob.username, 'x'.repeat(6 * KIB))).rejects.toMatchObject({ type: 511 });
  });
});
