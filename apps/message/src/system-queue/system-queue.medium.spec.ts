import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Bus, requests } from '@parley/bus';
import type { live, system, Tenant } from '@parley/contracts';
import { freePort, type RunningNats, type RunningPostgres, startNats, startPostgres } from '@parley/embedded';
import { NameSpace } from '@parley/msync';
import type { RunningService } from '@parley/rpc';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadServiceConfig, start } from '../start.js';

const tenant: Tenant = { appId: 7, appUuid: '00000000-0000-0000-0000-000000000007', org: 'org', app: 'app' };
const ALICE = 11n;

describe('the system queue of a user', () => {
  const folder = mkdtempSync(join(tmpdir(), 'parley-system-queue-'));
  let postgres: RunningPostgres;
  let nats: RunningNats;
  let bus: Bus;
  let service: RunningService;
  let nextEventId = 1n;

  beforeAll(async () => {
    const log = () => undefined;
    postgres = await startPostgres({ dataFolder: join(folder, 'pg'), port: await freePort(), fsync: false, log });
    nats = await startNats({ dataFolder: join(folder, 'nats'), port: await freePort(), log });
    service = await start(loadServiceConfig({ DATABASE_URL: postgres.url, NATS_URL: nats.url, PARLEY_MESSAGE_LISTEN: '127.0.0.1:0' }));
    bus = await Bus.connect({ url: nats.url, name: 'spec' });
  }, 90_000);

  afterAll(async () => {
    await service?.stop();
    await bus?.close();
    await nats?.stop();
    await postgres?.stop();
    rmSync(folder, { recursive: true, force: true });
  }, 30_000);

  const news = (more: Partial<system.SystemItem> = {}): system.SystemItem => ({
    tenant,
    userId: ALICE,
    username: 'alice',
    exceptResource: '',
    eventId: nextEventId++,
    from: 'bob',
    ns: NameSpace.NOTIFY,
    payload: Buffer.from('{"type":"conv"}'),
    onlineOnly: false,
    traceparent: '',
    ...more,
  });
  const append = async (...items: system.SystemItem[]) => (await bus.request(requests.appendSystem, { items })).results;
  const unread = async (resource: string) => (await bus.request(requests.unread, { devices: [{ appId: 7, userId: ALICE, resource }] })).devices[0]!.queues;
  const pull = async (resource: string) =>
    (await bus.request(requests.pull, { tenant, userId: ALICE, resource, limit: 100, read: [], only: [] })).rows.filter((row) => row.peer === '@system' && row.meta);

  it('gives news to every device, those that come later too, in order', async () => {
    const ids = (await append(news(), news(), news())).map((result) => result.id);
    expect(await unread('phone')).toEqual([expect.objectContaining({ peer: '@system', count: 3 })]);
    expect((await pull('phone')).map((row) => row.id)).toEqual(ids);
    expect((await pull('tablet')).map((row) => row.id)).toEqual(ids);
  });

  it('leaves out the device that acted', async () => {
    const [result] = await append(news({ exceptResource: 'phone' }));
    expect((await pull('tablet')).map((row) => row.id)).toContain(result!.id);
    expect((await pull('phone')).map((row) => row.id)).not.toContain(result!.id);
  });

  it('answers a repetition with the first id', async () => {
    const once = news();
    const [first] = await append(once);
    const [again] = await append(once);
    expect(again).toEqual(first);
  });

  it('keeps nothing of what is for connected devices only, and tells them at once', async () => {
    const seen: live.LiveMeta[] = [];
    const subscription = bus.subscribeLive(7, ALICE, (envelope) => seen.push(...envelope.metas));
    await bus.flush();
    const before = await pull('watch');
    const [result] = await append(news({ onlineOnly: true }));
    await bus.flush();
    expect(seen).toEqual([expect.objectContaining({ id: result!.id, seq: 0n, peer: '@system' })]);
    expect(await pull('watch')).toEqual(before);
    subscription.unsubscribe();
  });
});
