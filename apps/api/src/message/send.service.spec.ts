import { describe, expect, it } from '@jest/globals';
import { BusError } from '@parley/bus';
import { message } from '@parley/contracts';
import { chat } from '../testing.fixture.js';
import type { SendOrder } from './send.rules.js';
import { SendService } from './send.service.js';

const quick = { withinMs: 60, attemptMs: 20, retryAfterMs: 5 };
/** For who succeeds in the end, however busy the machine is. */
const patient = { ...quick, withinMs: 10_000 };
const order = (more: Partial<SendOrder> = {}): SendOrder => ({
  from: 'admin',
  to: ['bob'],
  message: { type: 'txt', body: { msg: 'hello' } },
  ext: {},
  onlineOnly: false,
  syncDevice: false,
  notInHistoryOf: [],
  ...more,
});

/** A message service that answers by the given rule, and remembers what it was asked. */
function given(answer: (items: message.SendItem[], attempt: number) => Partial<message.SendResult>[], timing = patient) {
  const asked: message.SendItem[][] = [];
  const request = async (_: unknown, { items }: message.SendBatchRequest) => {
    asked.push(items);
    return message.SendBatchResponse.fromPartial({ results: answer(items, asked.length) });
  };
  return { asked, service: new SendService({ request: request as never }, timing) };
}
const accept = (items: message.SendItem[]) => items.map((item) => ({ serverId: item.clientId }));

describe('sending for a server', () => {
  it('answers an id for each receiver, as text, whatever the name', async () => {
    const { service, asked } = given(accept);
    const ids = await service.send(chat, order({ to: ['bob', '__proto__'] }), undefined);
    expect(Object.keys(ids)).toEqual(['bob', '__proto__']);
    for (const id of Object.values(ids)) expect(id).toMatch(/^\d+$/);
    expect(asked[0]![0]).toMatchObject({ tenant: chat, sender: 'admin', senderResource: '', to: 'bob', ns: 1, recipientOnly: true, ignoreUnknownRecipient: true });
  });

  it('asks again with the same client ids until there is an answer', async () => {
    const { service, asked } = given((items, attempt) => {
      if (attempt === 1) throw new BusError('timeout', 'send');
      if (attempt === 2) return items.map(() => ({ error: 'unavailable' }));
      return accept(items);
    });
    await service.send(chat, order(), undefined);
    expect(asked).toHaveLength(3);
    expect(new Set(asked.map(([item]) => item!.clientId)).size).toBe(1);
  });

  it('gives up in time, and says that it is not known', async () => {
    const { service } = given(() => {
      throw new BusError('unavailable', 'send');
    }, quick);
    await expect(service.send(chat, order(), undefined)).rejects.toMatchObject({ code: 'unavailable' });
  });

  it('does not repeat an online-only message that may have been delivered', async () => {
    const { service, asked } = given(() => {
      throw new BusError('timeout', 'send');
    });
    await expect(service.send(chat, order({ onlineOnly: true }), undefined)).rejects.toMatchObject({ kind: 'timeout' });
    expect(asked).toHaveLength(1);
  });

  it('passes a refusal on at once', async () => {
    const { service, asked } = given((items) => items.map(() => ({ error: 'format_incorrect' })));
    await expect(service.send(chat, order(), undefined)).rejects.toMatchObject({ code: 'format_incorrect' });
    expect(asked).toHaveLength(1);
  });

  it('splits what would not fit into one request of the bus', async () => {
    const { service, asked } = given(accept);
    const to = Array.from({ length: 600 }, (_, i) => `user${i}`);
    const ids = await service.send(chat, order({ to, message: { type: 'txt', body: { msg: 'x'.repeat(5_000) } } }), undefined);
    expect(Object.keys(ids)).toEqual(to);
    for (const items of asked) expect(message.SendBatchRequest.encode({ items }).finish().byteLength).toBeLessThan(1024 * 1024);
  });

  it('takes the same key for the same messages: of this app and receiver, and no other', async () => {
    const { service } = given(accept);
    const sent = (key?: string, tenant = chat) => service.send(tenant, order({ to: ['bob', 'carol'] }), key);
    const [first, again, otherKey, otherApp, none] = [await sent('k1'), await sent('k1'), await sent('k2'), await sent('k1', { ...chat, appId: 8 }), await sent()];
    expect(again).toEqual(first);
    expect(first['bob']).not.toBe(first['carol']);
    for (const ids of [otherKey, otherApp, none]) expect(ids['bob']).not.toBe(first['bob']);
  });
});
