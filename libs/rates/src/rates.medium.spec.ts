import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { defaultAppSettings, type RateName } from '@parley/app-settings';
import { broadcasts, Bus } from '@parley/bus';
import { freePort, type RunningNats, startNats } from '@parley/embedded';
import { eventually } from '@parley/testkit';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { LongWindows } from './long-windows.js';
import { RateLimiter } from './rate.limiter.js';

let folder: string;
let nats: RunningNats;
/** The clock of all replicas: a test moves it. */
let nowMs = Date.UTC(2026, 0, 1, 12);
let appId = 0;
const running: { limiter: RateLimiter; bus: Bus }[] = [];

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'parley-rates-spec-'));
  nats = await startNats({ dataFolder: folder, port: await freePort(), log: () => undefined });
});
afterAll(async () => {
  await nats.stop();
  rmSync(folder, { recursive: true, force: true });
});
afterEach(async () => {
  for (const one of [...running]) await stop(one.limiter);
});

async function replica(settings: Partial<Record<RateName, number>> = {}, channel = broadcasts.rates): Promise<RateLimiter> {
  const bus = await Bus.connect({ url: nats.url, name: 'rates-spec' });
  const limiter = new RateLimiter(bus, { of: async () => ({ ...defaultAppSettings, ...settings }) }, new LongWindows(bus), () => nowMs, channel);
  limiter.start();
  running.push({ limiter, bus });
  return limiter;
}

async function stop(limiter: RateLimiter): Promise<void> {
  const at = running.findIndex((one) => one.limiter === limiter);
  const [{ bus }] = running.splice(at, 1) as [(typeof running)[number]];
  limiter.stop();
  await bus.close();
}

function grantedNow(limiter: RateLimiter, messages: number): number {
  return Array.from({ length: messages }, () => limiter.takeNow(appId, 'rateClientSends', 100, 1)).filter(Boolean).length;
}

async function granted(limiter: RateLimiter, calls: number, name: RateName = 'rateOther'): Promise<number> {
  let count = 0;
  for (let i = 0; i < calls; i++) if ((await limiter.take(appId, [name], 1)).granted) count++;
  return count;
}

/** Every replica has told what it took, and the others have heard it. */
async function toldToAll(): Promise<void> {
  for (const { limiter, bus } of running) {
    limiter.report();
    await bus.flush();
  }
  for (const { bus } of running) await bus.flush();
}

/** Asks again until that many were granted. */
async function takesAtLast(limiter: RateLimiter, most: number, name?: RateName): Promise<void> {
  let taken = 0;
  await eventually(
    async () => {
      taken += await granted(limiter, 20, name);
      return taken >= most;
    },
    { what: `${most} calls` },
  );
  expect(taken).toBe(most);
}

describe('rates of an app over all replicas', () => {
  it('one replica alone grants exactly the limit, and says when to come back', async () => {
    appId++;
    const one = await replica();
    expect(await granted(one, 150)).toBe(100);
    expect(await one.take(appId, ['rateOther'], 1)).toMatchObject({ granted: false, limit: 100, remaining: 0, resetSeconds: 1 });
    nowMs += 1_000;
    expect(await granted(one, 150)).toBe(100);
  });

  it('a call that asks for more than is left takes nothing', async () => {
    appId++;
    const one = await replica();
    expect((await one.take(appId, ['rateSendToUsers'], 5_900)).granted).toBe(true);
    expect((await one.take(appId, ['rateSendToUsers'], 101)).granted).toBe(false);
    expect((await one.take(appId, ['rateSendToUsers'], 100)).granted).toBe(true);
  });

  it('what came to nothing is given back, also by a call that took from several; but not to a later window', async () => {
    appId++;
    const one = await replica({ rateOther: 3 });
    const take = () => one.take(appId, ['rateOther', 'rateToken'], 1);
    const taken = [await take(), await take(), await take()];
    const refused = await take();
    expect(refused).toMatchObject({ granted: false, limit: 3 });
    refused.giveBack();
    expect(await take()).toMatchObject({ granted: false });
    taken[0]!.giveBack();
    expect(await take()).toMatchObject({ granted: true, remaining: 0 });
    expect(await one.take(appId, ['rateToken'], 1)).toMatchObject({ granted: true, remaining: 296 });
    nowMs += 1_000;
    taken[1]!.giveBack();
    expect(await granted(one, 10)).toBe(3);
  });

  it('callers are counted over all replicas, each by himself, and as many as they are they drive no app out', async () => {
    appId++;
    const [one, two] = [await replica(), await replica()];
    await eventually(() => one.others === 1 && two.others === 1);
    const ofCaller = async (limiter: RateLimiter, caller: string, calls: number) => {
      let count = 0;
      for (let i = 0; i < calls; i++) if ((await limiter.takeOfCaller('admin', caller, 50)).granted) count++;
      return count;
    };
    await ofCaller(one, '192.0.2.1', 10);
    await ofCaller(two, '192.0.2.1', 10);
    for (let second = 0; second < 3; second++) {
      await toldToAll();
      nowMs += 1_000;
      const both = (await ofCaller(one, '192.0.2.1', 100)) + (await ofCaller(two, '192.0.2.1', 100));
      expect(both).toBeGreaterThan(0);
      expect(both).toBeLessThanOrEqual(52);
      expect(await ofCaller(one, '192.0.2.2', 1)).toBe(1);
    }
    expect(await granted(one, 1_000, 'rateSendToUsers')).toBeGreaterThan(0);
    const { remaining } = await one.take(appId, ['rateSendToUsers'], 0);
    for (let i = 0; i < 25_000; i++) await one.takeOfCaller('admin', `caller-${i}`, 50);
    expect(await one.take(appId, ['rateSendToUsers'], 0)).toMatchObject({ remaining });
  });

  it('two replicas under load share the limit; when one is quiet, the other has all of it', async () => {
    appId++;
    const [one, two] = [await replica(), await replica()];
    await eventually(() => one.others === 1 && two.others === 1);
    let [ones, twos] = [0, 0];
    await eventually(
      async () => {
        const [more, others] = await Promise.all([granted(one, 10), granted(two, 10)]);
        [ones, twos] = [ones + more, twos + others];
        return ones + twos >= 95;
      },
      { what: 'the limit used up' },
    );
    for (let i = 0; i < 20; i++) [ones, twos] = [ones + (await granted(one, 20)), twos + (await granted(two, 20))];
    // The stated error: at most one share, where both met the rate in the same moment.
    expect(ones + twos).toBeLessThanOrEqual(150);
    expect(ones).toBeGreaterThan(0);
    expect(twos).toBeGreaterThan(0);

    // In the seconds after it, both know.
    for (let second = 0; second < 3; second++) {
      await toldToAll();
      nowMs += 1_000;
      let taken = 0;
      for (let i = 0; i < 10; i++) taken += (await granted(one, 20)) + (await granted(two, 20));
      expect(taken).toBeLessThanOrEqual(102);
    }
    nowMs += 1_000;
    await takesAtLast(two, 100);
  });

  it('a replica that dies leaves what it took taken, and its share to the others', async () => {
    appId++;
    const [one, two] = [await replica(), await replica()];
    await eventually(() => one.others === 1 && two.others === 1);
    expect(await granted(one, 1_000, 'rateSendToUsers')).toBe(1_000);
    await toldToAll();
    let taken = 0;
    await eventually(async () => (taken += await granted(two, 100, 'rateSendToUsers')) > 0);
    await stop(one);
    await eventually(() => two.others === 0);
    await eventually(async () => (taken += await granted(two, 500, 'rateSendToUsers')) >= 2_000);
    for (let i = 0; i < 20; i++) taken += await granted(two, 500, 'rateSendToUsers');
    expect(taken).toBeLessThanOrEqual(5_000);
  });

  it('a day is remembered by the replica that starts after all others have gone', async () => {
    appId++;
    const first = await replica();
    expect(await granted(first, 5, 'rateBroadcastDay')).toBe(3);
    await eventually(() => running[0]!.bus.lastKept(Buffer.from(`${appId} rateBroadcastDay `).toString('base64url')).then((kept) => kept !== undefined));
    await stop(first);
    const second = await replica();
    expect(await granted(second, 5, 'rateBroadcastDay')).toBe(0);
    nowMs += 24 * 3_600_000;
    expect(await granted(second, 5, 'rateBroadcastDay')).toBe(3);
  });

  it("an app's own rate holds instead of the default, and one app does not use up another's", async () => {
    appId++;
    const one = await replica({ rateOther: 7 });
    expect(await granted(one, 20)).toBe(7);
    appId++;
    expect(await granted(one, 20)).toBe(7);
  });

  it('what is taken without waiting is shared just so, and only with those who take it too', async () => {
    appId++;
    const [one, two] = [await replica({}, broadcasts.clientRates), await replica({}, broadcasts.clientRates)];
    const api = await replica();
    await eventually(() => one.others === 1 && two.others === 1);
    // Both come to know what is asked for at the other.
    grantedNow(one, 10);
    grantedNow(two, 10);
    for (let second = 0; second < 3; second++) {
      await toldToAll();
      nowMs += 1_000;
      let taken = 0;
      for (let i = 0; i < 10; i++) taken += grantedNow(one, 20) + grantedNow(two, 20);
      expect(taken).toBeGreaterThan(0);
      expect(taken).toBeLessThanOrEqual(102);
    }
    expect([one.others, two.others, api.others]).toEqual([1, 1, 0]);
  });
});
