import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { auth, live } from '@parley/contracts';
import { freePort, type RunningNats, startNats } from '@parley/embedded';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Bus } from './bus.js';
import { shareLinks } from './link.js';
import { broadcasts, requests } from './subjects.js';

const APP = 7;
const found = (settingsJson: string): auth.AppStateResponse => auth.AppStateResponse.fromPartial({ found: true, settingsJson });
const kick = live.LiveEnvelope.fromPartial({ kick: { reason: 'spec' } });
const folder = mkdtempSync(join(tmpdir(), 'parley-link-spec-'));
let port: number;
let nats: RunningNats;
/** Of another process: opened before this one shares its links. */
let elsewhere: Bus;
/** Two services of this process. */
let here: Bus;
let neighbour: Bus;

const start = async () => startNats({ dataFolder: folder, port, log: () => undefined });
/** Everything that was told before has been heard by everybody. */
const heardByAll = async () => {
  for (const bus of [elsewhere, here, neighbour]) await bus.flush();
  for (const bus of [elsewhere, here, neighbour]) await bus.flush();
};

beforeAll(async () => {
  port = await freePort();
  nats = await start();
  elsewhere = await Bus.connect({ url: nats.url, name: 'elsewhere' });
  shareLinks('here');
  here = await Bus.connect({ url: nats.url, name: 'here' });
  neighbour = await Bus.connect({ url: nats.url, name: 'neighbour' });
}, 30_000);
afterAll(async () => {
  for (const bus of [neighbour, here, elsewhere]) await bus?.close();
  await nats?.stop();
  rmSync(folder, { recursive: true, force: true });
}, 30_000);

describe('services of one process that share a link', () => {
  it('use one connection, others have their own', () => {
    expect(neighbour.connection).toBe(here.connection);
    expect(elsewhere.connection).not.toBe(here.connection);
  });

  it('hear news once, whoever of them or elsewhere tells it, in the order it was told', async () => {
    const heard: string[] = [];
    const listening = [elsewhere, here, neighbour].map((bus, i) => bus.onBroadcast(broadcasts.appChanged, ({ appId }) => heard.push(`${i} ${appId}`)));
    await heardByAll();
    here.broadcast(broadcasts.appChanged, { appId: 1 });
    here.broadcast(broadcasts.appChanged, { appId: 2 });
    await heardByAll();
    elsewhere.broadcast(broadcasts.appChanged, { appId: 3 });
    await heardByAll();
    for (const i of [0, 1, 2]) expect(heard.filter((one) => one.startsWith(`${i} `))).toEqual([`${i} 1`, `${i} 2`, `${i} 3`]);

    for (const one of listening) one.unsubscribe();
    here.broadcast(broadcasts.appChanged, { appId: 4 });
    await heardByAll();
    expect(heard).toHaveLength(9);
  });

  it('get what is live for a user once, and say that he is online, until he is gone', async () => {
    const heard: string[] = [];
    const near = neighbour.subscribeLive(APP, 1n, () => heard.push('near'));
    const far = elsewhere.subscribeLive(APP, 1n, () => heard.push('far'));
    await heardByAll();
    here.publishLive(APP, 1n, kick);
    await heardByAll();
    expect(heard.toSorted()).toEqual(['far', 'near']);
    for (const bus of [here, elsewhere]) expect(await bus.probeOnline(APP, 1n)).toBe(true);
    near.unsubscribe();
    await heardByAll();
    for (const bus of [here, elsewhere]) expect(await bus.probeOnline(APP, 1n)).toBe(true);
    far.unsubscribe();
    await heardByAll();
    for (const bus of [here, elsewhere]) expect(await bus.probeOnline(APP, 1n)).toBe(false);
    // A question is not news.
    expect(heard).toHaveLength(2);
  });

  it('ask each other, and whoever serves elsewhere when none of them does', async () => {
    const ask = (bus: Bus) => bus.request(requests.appSettings, auth.AppStateRequest.fromPartial({ appId: APP }));
    await expect(ask(here)).rejects.toMatchObject({ kind: 'unavailable' });
    elsewhere.serve(requests.appSettings, async () => found('"far"'));
    await heardByAll();
    expect(await ask(here)).toEqual(found('"far"'));

    const near = neighbour.serve(requests.appSettings, async ({ appId }) => found(`"near ${appId}"`));
    await heardByAll();
    expect(await ask(here)).toEqual(found('"near 7"'));
    near.unsubscribe();
    expect(await ask(here)).toEqual(found('"far"'));
  });

  it('hear that a request failed, and that it is not answered in time', async () => {
    let answer = (): Promise<never> => Promise.reject(new Error('broken'));
    const serving = neighbour.serve(requests.userEpochs, () => answer());
    await heardByAll();
    for (const bus of [here, elsewhere]) await expect(bus.request(requests.userEpochs, { holders: [] })).rejects.toMatchObject({ kind: 'remote' });
    answer = () => new Promise(() => undefined);
    await expect(here.request(requests.userEpochs, { holders: [] }, { timeoutMs: 20 })).rejects.toMatchObject({ kind: 'timeout' });
    serving.unsubscribe();
  });

  it('go on with each other while nats-server is away', async () => {
    const heard: number[] = [];
    const listening = neighbour.onBroadcast(broadcasts.appChanged, ({ appId }) => heard.push(appId));
    const serving = neighbour.serve(requests.appSettings, async () => found('"near"'));
    const areBack = Promise.all([here, elsewhere].map((bus) => new Promise<void>((resolve) => bus.onReconnect(resolve))));
    await nats.stop();
    here.broadcast(broadcasts.appChanged, { appId: 5 });
    const answer = await here.request(requests.appSettings, auth.AppStateRequest.fromPartial({ appId: APP }));
    while (here.isOnline || elsewhere.isOnline) await new Promise(setImmediate);
    nats = await start();
    await areBack;
    await heardByAll();
    expect([answer, heard, here.isOnline, elsewhere.isOnline]).toEqual([found('"near"'), [5], true, true]);
    for (const one of [listening, serving]) one.unsubscribe();
  });

  it('answer what they were asked before they leave, and leave the link to those who stay', async () => {
    const leaving = await Bus.connect({ url: nats.url, name: 'leaving' });
    const finish: (() => void)[] = [];
    const asked = new Promise<void>((resolve) => {
      leaving.serve(requests.notePushes, () => {
        if (finish.length === 1) resolve();
        return new Promise((done) => finish.push(() => done({})));
      });
    });
    await heardByAll();
    const replies = [here, elsewhere].map((bus) => bus.request(requests.notePushes, { pushes: [] }));
    await asked;
    let hasLeft = false;
    const left = leaving.close().then(() => (hasLeft = true));
    await heardByAll();
    expect(hasLeft).toBe(false);
    for (const one of finish) one();
    expect(await Promise.all(replies)).toEqual([{}, {}]);
    await left;
    for (const bus of [here, elsewhere]) await expect(bus.request(requests.notePushes, { pushes: [] })).rejects.toMatchObject({ kind: 'unavailable' });
    await here.ping();
  });
});
