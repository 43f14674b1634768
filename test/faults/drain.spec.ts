import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { client } from '@parley/msync';
import { eventually, givenUser, nextClientId, RawClient, type RunningPlatform, startPlatform, type TestUser } from '@parley/testkit';

/** What a rolling upgrade does to a gateway: SIGTERM, and another one in its place. */
describe('a gateway that is told to stop', () => {
  jest.setTimeout(90_000);
  let platform: RunningPlatform;

  beforeAll(async () => {
    platform = await startPlatform({ mode: 'processes' });
  });
  afterAll(() => platform?.stop());

  const open = async (user: TestUser) =>
    RawClient.logIn(platform.endpoints.gatewayUrl, {
      appKey: platform.endpoints.appKey,
      user: user.username,
      token: await platform.rest.userToken(user.username, user.password),
      resource: 'webim_web_drain',
    });

  it('answers what it has received, tells its clients to come back, and nothing is stored twice when they do', async () => {
    const [alice, bob] = [await givenUser(platform, 'alice'), await givenUser(platform, 'bob')];
    const sender = await open(alice);
    const ids = Array.from({ length: 100 }, () => nextClientId());
    const to = { appKey: sender.appKey, name: bob.username, domain: 'easemob.com', clientResource: '' };
    const payload = client.textBody({ from: alice.username, to: bob.username, text: 'hello' });
    for (const id of ids) sender.write(client.encodeSend({ id, to, payload }));
    await sender.frame((one) => one.sync?.metaId === ids[0]);
    process.kill(platform.pids()['gateway']!, 'SIGTERM');
    expect(await sender.closed()).toBe(4000);
    const first = new Map(sender.frames.flatMap(({ sync }) => (sync && sync.metaId > 0n ? [[sync.metaId, sync.serverId]] : [])));
    expect(first.size).toBeGreaterThan(0);

    const again = await eventually(() => open(alice), { everyMs: 200, what: 'the gateway is back' });
    for (const id of ids) {
      const { serverId } = await again.send({ id, to, payload });
      if (first.has(id)) expect(serverId).toBe(first.get(id));
    }
    const receiver = await open(bob);
    const { unread } = await receiver.frame((one) => one.unread !== undefined);
    expect(unread!.queues.map(({ n }) => n)).toEqual([ids.length]);
    again.terminate();
    receiver.terminate();
  });
});
