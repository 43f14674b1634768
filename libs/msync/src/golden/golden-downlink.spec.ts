import { describe, expect, it } from '@jest/globals';
import {
  client,
  completeMeta,
  encodeMetaBody,
  encodeNotice,
  encodePage,
  encodeProvisionAnswer,
  encodeSendAnswer,
  encodeStatisticsMetaBody,
  encodeUnreadAnswer,
  NameSpace,
  restMessageToBody,
  schema,
  StatisticsOperation,
} from '../index.js';
import { frame, recordings } from './golden-frames.fixture.js';

const bob = { appKey: 'demo#chat', name: 'bob', domain: 'easemob.com', clientResource: '' };
const alice = { ...bob, name: 'alice' };
const system = { appKey: '', name: 'system', domain: 'easemob.com', clientResource: '' };
const bobsLaptop = { ...bob, clientResource: 'webim_web_laptop' };
const then = 1700000000000n;
const { fromBinary, MSyncSchema, CommSyncDLSchema } = schema;

describe.each(recordings)('frames that %s has accepted', (_name, golden) => {
  const accepted = (name: string) => frame(golden.downlink, name);

  it('are still what this library writes', () => {
    expect(
      encodeProvisionAnswer({
        status: { code: 0 },
        resource: 'webim_web_golden',
        authToken: '{"expires_in":4102444800000}',
        sessionId: 's1',
      }),
    ).toEqual(accepted('provision'));
    expect(encodeNotice(bob)).toEqual(accepted('notice'));

    const refused = client.decodeDownlink(accepted('answer-refused')).sync!;
    const refusal = { code: 1, reason: 'blocked' };
    expect(encodeSendAnswer({ metaId: refused.metaId, timestampMs: then, status: refusal })).toEqual(
      accepted('answer-refused'),
    );
    const { metaId, serverId } = client.decodeDownlink(accepted('answer-text')).sync!;
    expect(encodeSendAnswer({ metaId, serverId, timestampMs: then })).toEqual(accepted('answer-text'));

    const { timestamp } = client.decodeDownlink(accepted('unread-one-queue')).unread!;
    expect(encodeUnreadAnswer({ queues: [{ jid: bob, n: 2 }], timestampMs: timestamp })).toEqual(
      accepted('unread-one-queue'),
    );
  });

  it('include a pushed page of four messages, still written the same', () => {
    const bodies = [
      restMessageToBody({
        type: 'txt',
        body: { msg: 'pushed' },
        from: 'bob',
        to: 'alice',
        ext: { s: 'x', b: true, i: 5, d: 1.5, o: { a: 1 }, n: null },
      }),
      restMessageToBody({ type: 'cmd', body: { action: 'typing' }, from: 'bob', to: 'alice' }),
      restMessageToBody({
        type: 'custom',
        body: { customEvent: 'order', customExts: { n: '1' } },
        from: 'bob',
        to: 'alice',
        ext: { a: 1 },
      }),
      restMessageToBody({ type: 'loc', body: { lat: '1.5', lng: 2.5, addr: 'here' }, from: 'bob', to: 'alice' }),
    ];
    const metas = bodies.map((payload, i) => {
      const stored = { from: bobsLaptop, to: alice, ns: NameSpace.CHAT, payload, ext: [] };
      const body = encodeMetaBody(i === 0 ? { ...stored, routetype: 0 } : stored);
      return completeMeta(1001000000000000021n + BigInt(i), then, body);
    });
    const nextKey = 1001000000000000024n;
    expect(encodePage({ metas, queue: bob, nextKey, isLast: false, timestampMs: then })).toEqual(accepted('push'));
  });

  it('include the notice that ends a session', () => {
    const { metas } = client.decodeDownlink(accepted('kick')).sync!;
    const payload = encodeStatisticsMetaBody(StatisticsOperation.USER_KICKED_BY_OTHER_DEVICE, '');
    expect(metas).toHaveLength(1);
    expect(metas[0]!.ns).toBe(NameSpace.STATISTIC);
    expect(Buffer.compare(metas[0]!.payload, payload)).toBe(0);
    const body = encodeMetaBody({ from: { ...system, name: 'admin' }, to: alice, ns: 0, payload, ext: [] });
    const meta = completeMeta(metas[0]!.id, then, body);
    expect(encodePage({ metas: [meta], queue: system, isLast: true, timestampMs: then })).toEqual(accepted('kick'));
  });

  it('look the same to both codecs', () => {
    const page = client.decodeDownlink(accepted('page-of-two')).sync!;
    const full = fromBinary(CommSyncDLSchema, fromBinary(MSyncSchema, accepted('page-of-two')).payload);
    expect(page.metas.map(({ id }) => id)).toEqual(full.metas.map(({ id }) => id));
    expect(page).toMatchObject({ isLast: full.isLast, nextKey: full.nextKey, timestamp: full.timestamp, metaId: 0n });
    expect(page.queue).toMatchObject({ name: full.queue!.name, appKey: full.queue!.appKey });
    expect(page.status).toEqual({ code: 0, reason: '' });
  });
});
