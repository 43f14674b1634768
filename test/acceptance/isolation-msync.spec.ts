import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { client } from '@parley/msync';
import { eventually, nextClientId, platformUnderTest, RawClient, uniqueName } from '@parley/testkit';
import { jidOf, metasAbout, type Target } from './isolation/commands.js';
import { documentedOperations, isOfApp } from './isolation/document.js';
import { digest, givenWorld, logIn, nowhere, type World } from './isolation/world.js';

jest.setTimeout(120_000);

const platform = platformUnderTest();
const none = nowhere();
let victim: World;
let stranger: World;

beforeAll(async () => {
  const [ours, theirs] = [uniqueName('org'), uniqueName('org')];
  [victim, stranger] = await Promise.all([givenWorld(platform, { org: ours, app: 'chat' }), givenWorld(platform, { org: theirs, app: 'chat' })]);
});
afterAll(() => {
  for (const world of [victim, stranger]) world.device.terminate();
});

/** The status that the server gives to a meta; "closed" when it ended the connection. */
async function answers(device: () => Promise<RawClient>, about: Target, to: string): Promise<Record<string, string>> {
  let raw = await device();
  const heard: Record<string, string> = {};
  for (const { name, ...meta } of metasAbout('alice', about)) {
    if (raw.isClosed) raw = await device();
    const answer = await raw.send({ ...meta, to: { ...jidOf(about), name: to } }).catch(() => undefined);
    heard[name] = answer ? `${answer.status?.code ?? 0} ${answer.status?.reason ?? ''}`.replaceAll(about.name, '<target>') : 'closed';
  }
  raw.terminate();
  return heard;
}

describe('one tenant and another, over MSYNC', () => {
  it('no foreign and no weak token logs in', async () => {
    const { appKey, gatewayUrls } = victim.platform.endpoints;
    const tokens = [victim.tokens.app, victim.tokens.friend, stranger.tokens.app, stranger.tokens.user, 'YWMtnonsense', ''];
    for (const token of tokens) {
      for (const [i, user] of ['alice', victim.loner, none.user].entries()) {
        const raw = await RawClient.connect(gatewayUrls[i % gatewayUrls.length]!);
        const answer = await raw.provision({ appKey, user, token });
        // The same words whether the user exists or not.
        expect(answer.status).toEqual({ code: 1, reason: 'Sorry, token or password does not match login info' });
        await raw.closed();
      }
    }
  });

  it('nothing that is sent reaches another app or tells what it has, and nothing there changes', async () => {
    const operations = (await documentedOperations(platform)).filter(isOfApp);
    const before = await digest(victim, operations);
    const device = () => logIn(stranger.platform, stranger.tokens.user, 'webim_web_evil');
    const theirs = { appKey: victim.platform.endpoints.appKey, messageId: BigInt(victim.values.message) };
    const own = stranger.platform.endpoints.appKey;

    // To the other app by its name, and in one's own app with ids of the other.
    for (const appKey of [theirs.appKey, own]) {
      const real = await answers(device, { appKey, name: victim.loner, messageId: theirs.messageId }, victim.loner);
      const unreal = await answers(device, { appKey, name: none.user, messageId: BigInt(none.message) }, none.user);
      expect(real).toEqual(unreal);
    }

    const raw = await device();
    for (const appKey of [theirs.appKey, own]) {
      for (const name of ['alice', 'bob', victim.loner]) {
        for (const key of [undefined, theirs.messageId, 2n ** 64n - 1n]) raw.write(client.encodeSync({ queue: jidOf({ appKey, name }), key }));
      }
    }
    const last = nextClientId();
    await raw.send({ id: last, to: jidOf({ appKey: own, name: 'bob' }), payload: client.textBody({ from: 'alice', to: 'bob', text: 'the end' }) });
    await eventually(() => raw.isClosed || raw.frames.some((one) => one.sync?.metaId === last), { what: 'the last answer' });
    const seen = JSON.stringify(raw.frames, (_, value: unknown) => (typeof value === 'bigint' ? String(value) : value instanceof Uint8Array ? Buffer.from(value).toString() : value));
    for (const secret of victim.secrets.filter((one) => one !== victim.loner)) expect(seen).not.toContain(secret);
    raw.terminate();

    // What was on its way would have come before this.
    const { body } = await victim.platform.rest.call('POST', '/messages/users', { body: { from: 'bob', to: ['alice'], type: 'txt', body: { msg: 'after' } } });
    const after = String((body as { data: Record<string, string> }).data['alice']);
    await eventually(() => victim.device.inbox.messageIds().includes(BigInt(after)), { what: 'a message of its own' });
    const now = await digest(victim, operations);
    expect({ ...now, received: (now['received'] as string[]).filter((id) => id !== after) }).toEqual(before);
  });
});
