import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { freePort, type RunningNats, startNats } from '@parley/embedded';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Bus } from './bus.js';

const folder = mkdtempSync(join(tmpdir(), 'parley-bus-spec-'));
let port: number;
let nats: RunningNats;
let bus: Bus;

beforeAll(async () => {
  port = await freePort();
  nats = await startNats({ dataFolder: folder, port, log: () => undefined });
  bus = await Bus.connect({ url: nats.url, name: 'reconnect-spec' });
}, 30_000);
afterAll(async () => {
  await bus?.close();
  await nats?.stop();
  rmSync(folder, { recursive: true, force: true });
}, 30_000);

it('tells whoever wants to know, and nobody else, each time the connection is there again', async () => {
  let always: () => void = () => undefined;
  let heardOnce = 0;
  const once = bus.onReconnect(() => heardOnce++);
  bus.onReconnect(() => always());
  const restartNats = async () => {
    const isBack = new Promise<void>((resolve) => (always = resolve));
    await nats.stop();
    nats = await startNats({ dataFolder: folder, port, log: () => undefined });
    await isBack;
  };

  await restartNats();
  expect(heardOnce).toBe(1);
  once.unsubscribe();
  await restartNats();
  expect(heardOnce).toBe(1);
}, 60_000);
