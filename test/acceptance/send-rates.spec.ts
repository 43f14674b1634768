import { describe, expect, it } from '@jest/globals';
import { client, schema } from '@parley/msync';
import { eventually, givenApp, givenUser, givenUsers, nextClientId, type Platform, RawClient, SdkDevice, type SdkRejection, type TestUser } from '@parley/testkit';
import { proves } from '../conformance/proves.js';
import { stage } from './stage.js';

const on = stage();

async function logIn({ endpoints, rest }: Platform, { username, password }: TestUser, gateway = 0): Promise<RawClient> {
  const login = { appKey: endpoints.appKey, user: username, token: await rest.userToken(username, password) };
  return RawClient.logIn(endpoints.gatewayUrls[gateway % endpoints.gatewayUrls.length]!, login);
}

/** The answers to so many payloads sent at once, as "code reason". */
async function answers(raw: RawClient, to: string, payloads: readonly Uint8Array[]): Promise<string[]> {
  const sends = payloads.map((payload) => ({ id: nextClientId(), payload }));
  for (const { id, payload } of sends) raw.write(client.encodeSend({ id, payload, to: { appKey: raw.appKey, name: to, domain: 'easemob.com', clientResource: '' } }));
  return Promise.all(sends.map(async ({ id }) => {
    const { status } = (await raw.frame((one) => one.sync?.metaId === id)).sync!;
    return `${status?.code ?? 0} ${status?.reason ?? ''}`.trim();
  }));
}

const texts = (raw: RawClient, to: string, count: number) => Array.from({ length: count }, (_, i) => client.textBody({ from: raw.user, to, text: `${i}` }));

describe('how fast a client may send', () => {
  it('a user beyond his rate is told so by the SDK (509); others are not slowed, and he sends again in the next second', async () => {
    const own = await givenApp(on.platform, { settings: { rateUserSends: 5 } });
    const [alice, bob, carol] = (await givenUsers(own, 'alice', 'bob', 'carol')) as [TestUser, TestUser, TestUser];
    const devices = await Promise.all([alice, carol, bob].map(async (user) => {
      const device = await SdkDevice.create(own);
      await device.open({ user: user.username, pwd: user.password });
      return device;
    }));
    const [alices, carols, bobs] = devices as [SdkDevice, SdkDevice, SdkDevice];
    try {
      const accepted: string[] = [];
      await eventually(
        async () => {
          const outcomes = await Promise.allSettled(Array.from({ length: 30 }, (_, i) => alices.sendText(bob.username, `${i}`)));
          for (const one of outcomes) {
            if (one.status === 'fulfilled') accepted.push(one.value);
            else expect(one.reason as SdkRejection).toMatchObject({ type: 509 });
          }
          return outcomes.some((one) => one.status === 'rejected');
        },
        { what: 'a refusal' },
      );
      for (let i = 0; i < 4; i++) accepted.push(await carols.sendText(bob.username, `carol ${i}`));
      accepted.push(await eventually(() => alices.sendText(bob.username, 'again').catch(() => undefined), { what: 'the next second' }));
      await eventually(() => accepted.every((id) => bobs.seen('onTextMessage').some((one) => one.id === id)), { what: 'what was accepted' });
      expect(bobs.seen('onTextMessage')).toHaveLength(accepted.length);
      proves('Send errors', '509 traffic limit');
    } finally {
      await Promise.all(devices.map((device) => device.stop()));
    }
  });

  it('receipts are not refused for the messages of their user', async () => {
    const own = await givenApp(on.platform, { settings: { rateUserSends: 1 } });
    const [alice, bob] = [await givenUser(own, 'alice'), await givenUser(own, 'bob')];
    const [alices, bobs] = [await logIn(own, alice), await logIn(own, bob)];
    const { serverId } = await alices.sendText(bob.username, 'read me');
    await eventually(() => bobs.inbox.messageIds().includes(serverId), { what: 'the message' });
    const jid = (name: string) => ({ appKey: bobs.appKey, name, domain: 'easemob.com', clientResource: '' });
    const read = schema.toBinary(schema.MessageBodySchema, schema.create(schema.MessageBodySchema, { type: 4, from: jid(bob.username), to: jid(alice.username), ackMessageId: serverId }));
    expect(new Set(await answers(bobs, alice.username, Array.from({ length: 50 }, () => read)))).toEqual(new Set(['0']));
    for (const raw of [alices, bobs]) raw.terminate();
  });

  it('an app has one rate at all gateways together; another app is not slowed', async () => {
    const [own, other] = [await givenApp(on.platform, { settings: { rateClientSends: 20 } }), await givenApp(on.platform)];
    const senders = await Promise.all((await givenUsers(own, 'one', 'two', 'three', 'four')).map((user, i) => logIn(own, user, i)));
    const heard: string[] = [];
    await eventually(
      async () => {
        heard.push(...(await Promise.all(senders.map((raw) => answers(raw, raw.user, texts(raw, raw.user, 50))))).flat());
        return heard.includes('7 traffic limit');
      },
      { what: 'a refusal' },
    );
    expect(new Set(heard)).toEqual(new Set(['0', '7 traffic limit']));
    const [dave] = (await givenUsers(other, 'dave')) as [TestUser];
    const daves = await logIn(other, dave);
    expect(new Set(await answers(daves, dave.username, texts(daves, dave.username, 100)))).toEqual(new Set(['0']));
    for (const raw of [...senders, daves]) raw.terminate();
  });
});
