import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { type Acknowledged, eventually, givenUsers, PersistentDevice, type RunningPlatform, startPlatform, type TestUser } from '@parley/testkit';
import { storedIds } from './stored-messages.js';

jest.setTimeout(240_000);

/** Each kill comes in the middle of traffic, and traffic goes on until this much was acknowledged after it. */
const ACKNOWLEDGED_BETWEEN_FAULTS = 150;
/** Some senders wait for each acknowledgement, which fixes the order of what they send; the others send this many at once. */
const BURST = 5;
const RECOVERED_WITHIN_MS = 45_000;
/** What is killed at once, each after the recovery from the one before. */
const FAULTS = [
  ['message'],
  ['gateway'],
  ['nats'],
  ['postgres'],
  ['gateway-2'],
  ['user'],
  ['message', 'gateway'],
  ['postgres', 'message'],
  ['nats', 'gateway-2'],
  ['gateway', 'gateway-2'],
  ['postgres', 'nats'],
  ['message'],
  ['postgres'],
];

interface Lane {
  readonly inBursts: boolean;
  readonly from: PersistentDevice;
  readonly to: TestUser;
  readonly acknowledged: Acknowledged[];
}

describe('acknowledged messages', () => {
  let platform: RunningPlatform;
  const devices: PersistentDevice[] = [];

  beforeAll(async () => {
    platform = await startPlatform({ mode: 'processes', gateways: 2 });
  });
  afterAll(async () => {
    await Promise.all(devices.map((device) => device.stop()));
    await platform?.stop();
  });

  it('survive kill -9 of every part: on each device and in the store, once and in the same order', async () => {
    // given three users who talk in all three pairs, each on two devices at different gateways
    const users = await givenUsers(platform, 'alice', 'bob', 'carol');
    const device = (user: TestUser, name: string, gateway: number) => {
      const made = new PersistentDevice(platform, user, `webim_web_${name}`, gateway);
      devices.push(made);
      return made;
    };
    const phones = users.map((user, index) => device(user, 'phone', index));
    const laptops = users.map((user, index) => device(user, 'laptop', index + 1));
    await eventually(() => devices.every((one) => one.logins > 0), { what: 'the first logins' });
    const lanes: Lane[] = phones.flatMap((from, index) => users.filter((_, other) => other !== index).map((to, side) => ({ from, to, inBursts: side === 1, acknowledged: [] })));
    const total = () => lanes.reduce((sum, lane) => sum + lane.acknowledged.length, 0);

    // when they talk without pause while every part is killed in turn
    let talking = true;
    let failure: unknown;
    const conversations = lanes.map(async (lane) => {
      for (let count = 0; talking; count++) {
        const texts = Array.from({ length: lane.inBursts ? BURST : 1 }, (_, i) => `${lane.from.user.username} ${count}.${i}`);
        lane.acknowledged.push(...(await Promise.all(texts.map((text) => lane.from.send(lane.to.username, text)))));
        // Nothing is awaited here: it is how fast they talk, so that there is room on the machine for the faults.
        await new Promise((resolve) => setTimeout(resolve, 15));
      }
    });
    for (const conversation of conversations) conversation.catch((error: unknown) => (failure ??= error));
    const moreTraffic = async (after: string) => {
      const goal = total() + ACKNOWLEDGED_BETWEEN_FAULTS;
      await eventually(
        () => {
          if (failure) return true;
          return total() >= goal;
        },
        { withinMs: RECOVERED_WITHIN_MS, everyMs: 50, what: `traffic after ${after}` },
      ).catch((error: Error) => {
        throw new Error(`${error.message}\n${platform.logTail()}`);
      });
      if (failure) throw failure as Error;
    };
    await moreTraffic('the start');
    for (const names of FAULTS) {
      const before = platform.pids();
      for (const name of names) {
        if (before[name] === undefined) throw new Error(`${name} does not run`);
        process.kill(before[name], 'SIGKILL');
      }
      const again = (name: string) => ![undefined, before[name]].includes(platform.pids()[name]);
      await eventually(() => names.every(again), { withinMs: RECOVERED_WITHIN_MS, what: `${names.join(' and ')} again` });
      await moreTraffic(`the end of ${names.join(' and ')}`);
    }
    talking = false;
    await Promise.all(conversations);

    // then each conversation is the same everywhere
    expect(devices.reduce((sum, one) => sum + one.cuts, 0)).toBeGreaterThan(0);
    for (const [a, b] of [[0, 1], [0, 2], [1, 2]] as const) {
      const pair = [users[a]!.username, users[b]!.username] as const;
      const stored = await storedIds(platform, pair);
      const ofPair = lanes.filter((lane) => pair.includes(lane.from.user.username) && pair.includes(lane.to.username));
      const sentBy = (index: number) => new Set(ofPair.filter((lane) => lane.from === phones[index]).flatMap((lane) => lane.acknowledged.map((one) => one.serverId)));
      const sent = [...sentBy(a), ...sentBy(b)];
      // what was acknowledged is stored, and nothing else: no try was stored twice
      expect(stored.toSorted()).toEqual(sent.toSorted());
      for (const lane of ofPair.filter((one) => !one.inBursts)) {
        // a sender's own messages stand in the order in which it sent them
        const own = new Set(lane.acknowledged.map((one) => one.serverId));
        expect(stored.filter((id) => own.has(id))).toEqual([...own]);
      }
      for (const [me, peer] of [[a, b], [b, a]] as const) {
        const queue = users[peer]!.username;
        const own = sentBy(me);
        await eventually(() => laptops[me]!.inbox.messageIds(queue).length >= stored.length, { withinMs: 30_000, what: `all of ${pair.join(' and ')} on the laptop` });
        await eventually(() => phones[me]!.inbox.messageIds(queue).length >= stored.length - own.size, { withinMs: 30_000, what: `all of ${pair.join(' and ')} on the phone` });
        // the other device sees both sides, the sending one what it did not send itself
        expect(laptops[me]!.inbox.messageIds(queue)).toEqual(stored);
        expect(phones[me]!.inbox.messageIds(queue)).toEqual(stored.filter((id) => !own.has(id)));
      }
    }
    console.info(`${total()} messages acknowledged, ${devices.reduce((sum, one) => sum + one.cuts, 0)} tries cut, ${devices.reduce((sum, one) => sum + one.logins, 0)} logins`);
  });
});
