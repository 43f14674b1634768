import { describe, expect, it } from '@jest/globals';
import { eventually, type SdkDevice, type TestUser } from '@parley/testkit';
import { expectError } from './envelope.js';
import { stage } from './stage.js';

const on = stage();
const { rest } = on.platform;

/** All tries together fit the time of one test. */
const TRIES = 4;
const TRY_MS = 8_000;

interface Step {
  step: string;
  at: number | null;
  user?: string;
  device?: string;
}

describe('GET /messages/{id}/trace', () => {
  it('tells what became of a message, in order, by device', async () => {
    const alice = await on.user('alice');
    const from = await on.online(alice, { deviceId: 'phone' });
    // Marks are bounded for each replica, and another test may be flooding it: such a message is told of in part.
    for (let tries = 1; ; tries++) {
      try {
        return await toldInWhole(alice, await on.user('bob'), from);
      } catch (error) {
        if (tries === TRIES || !String(error).includes('the whole trace')) throw error;
      }
    }
  });

  async function toldInWhole(alice: TestUser, bob: TestUser, from: SdkDevice): Promise<void> {
    const id = await from.sendText(bob.username, 'where are you?');
    const to = await on.online(bob, { deviceId: 'tablet', connection: { delivery: true } });
    await to.event('onTextMessage', (one) => one.id === id);
    const live = await from.sendText(bob.username, 'hello?');
    await to.event('onTextMessage', (one) => one.id === live);
    await to.send({ type: 'read', chatType: 'singleChat', to: alice.username, id });
    await from.event('onReadMessage', (ack) => ack.mid === id);
    await from.modify(id, { type: 'txt', chatType: 'singleChat', to: bob.username, msg: 'here' });
    await from.call('recallMessage', { mid: id, to: bob.username, chatType: 'singleChat' });

    const wanted = ['accepted', 'stored', 'published', 'pushed', 'pulled', 'acknowledged', 'delivered', 'read', 'edited', 'recalled'];
    const whole = (messageId: string, names: readonly string[]) =>
      eventually(
        async () => {
          const { status, body } = await rest.call('GET', `/messages/${messageId}/trace`);
          expect(status).toBe(200);
          expect(body.data).toMatchObject({ msg_id: messageId, from: alice.username, to: bob.username, seq: expect.any(Number) });
          const found = body.data.steps as Step[];
          return names.every((name) => found.some((one) => one.step === name && one.at !== null)) && found;
        },
        { withinMs: TRY_MS, what: 'the whole trace' },
      );
    const steps = await whole(id, wanted);
    const the = (name: string) => steps.find((one) => one.step === name)!;
    expect(the('accepted')).toMatchObject({ user: alice.username, device: from.resource });
    for (const name of ['pushed', 'pulled', 'acknowledged', 'delivered', 'read']) expect(the(name)).toMatchObject({ user: bob.username, device: to.resource });
    for (const name of ['edited', 'recalled']) expect(the(name)).toMatchObject({ user: alice.username, device: from.resource });
    // What came while the device was there was not read from the store, but written to it all the same; its author's own device got no copy.
    const liveSteps = await whole(live, ['published', 'pushed', 'acknowledged']);
    expect(liveSteps.filter((one) => one.step === 'pushed')).toEqual([expect.objectContaining({ user: bob.username, device: to.resource })]);
    expect(liveSteps.filter((one) => one.step === 'pulled')).toEqual([]);
    const times = steps.map((one) => one.at ?? Infinity);
    expect(times).toEqual([...times].sort((a, b) => a - b));
    expect(JSON.stringify(steps)).not.toContain('where are you');
  }

  it('knows nothing of what is no message of this app', async () => {
    for (const id of ['42', 'abc', '99999999999999999999']) {
      expectError(await rest.call('GET', `/messages/${id}/trace`), 404, 'resource_not_found', new RegExp(`message ${id} is not known`));
    }
  });
});
