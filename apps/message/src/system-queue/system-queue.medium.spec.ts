import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type Bus, requests } from '@parley/bus';
import type { live, system } from '@parley/contracts';
import { NameSpace } from '@parley/msync';
import { Backbone, tenantOf } from '@parley/testkit';
import * as messageService from '../start.js';

const tenant = tenantOf(7);
const ALICE = 11n;

describe('the system queue of a user', () => {
  let backbone: Backbone;
  let bus: Bus;
  let nextEventId = 1n;

  beforeAll(async () => {
    backbone = await Backbone.start();
    ({ bus } = backbone);
    await backbone.service(messageService);
  }, 90_000);
  afterAll(() => backbone?.stop(), 30_000);

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
