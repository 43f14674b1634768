import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { eventually, givenUsers, PersistentDevice, type TestUser } from '@parley/testkit';
import { Ground } from '../torture/ground.js';

jest.setTimeout(240_000);

/** Well beyond what both ends are allowed to wait; without that they would wait for many minutes, or for ever. */
const RECOVERED_WITHIN_MS = 90_000;
/** So many that each of the two message services gets some. */
const MANY = 20;

describe('a network that forgets connections without a word', () => {
  let ground: Ground;
  let alices: PersistentDevice;
  let bobs: PersistentDevice;
  let bob: TestUser;
  const acknowledged: bigint[] = [];

  beforeAll(async () => {
    ground = await Ground.prepare('processes', undefined);
    const [alice, other] = await givenUsers(ground.platform, 'alice', 'bob');
    bob = other!;
    alices = new PersistentDevice(ground.platform, alice!, 'webim_web_a');
    bobs = new PersistentDevice(ground.platform, bob, 'webim_web_b', 1);
    await eventually(() => alices.logins > 0 && bobs.logins > 0, { withinMs: 30_000, what: 'the logins' });
  });
  afterAll(async () => {
    await Promise.all([alices?.stop(), bobs?.stop()]);
    await ground?.leave();
  });

  /** Sends many one after the other, as each is acknowledged. */
  const talk = async () => {
    for (let i = 0; i < MANY; i++) acknowledged.push((await alices.send(bob.username, `${acknowledged.length}`)).serverId);
  };

  it.each(['PostgreSQL', 'NATS'] as const)('between services and %s delays messages, and loses and doubles none', async (server) => {
    // given services that talk to the server
    await talk();
    // when the network forgets all their connections at once
    const road = ground.infrastructure.road(server);
    const felt = road.felt;
    road.set('forgotten');
    expect(road.felt).toBeGreaterThan(felt);
    // then both ends give them up, and everything goes on
    await talk();
    await eventually(() => bobs.inbox.messageIds(alices.user.username).length >= acknowledged.length, { withinMs: RECOVERED_WITHIN_MS, what: 'the messages' });
    expect(bobs.inbox.messageIds(alices.user.username)).toEqual(acknowledged);
  });
});
