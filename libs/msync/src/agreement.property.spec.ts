import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import {
  client,
  completeMeta,
  decodeEnvelope,
  decodeJid,
  decodeLogout,
  decodeProvision,
  decodeSyncUplink,
  encodeJid,
  encodeMetaBody,
  encodeNotice,
  encodePage,
  encodeProvisionAnswer,
  encodeSendAnswer,
  encodeStatisticsMetaBody,
  encodeUnreadAnswer,
  forceSender,
  inspectMessageBody,
  schema as s,
  type Jid,
} from './index.js';

const text = fc.string({ unit: 'grapheme', maxLength: 60 });
const id = fc.bigInt({ min: 0n, max: 2n ** 64n - 1n });
const bytes = fc.uint8Array({ maxLength: 300 });
const count = fc.nat({ max: 2 ** 31 - 1 });
const jid: fc.Arbitrary<Jid> = fc.record({ appKey: text, name: text, domain: text, clientResource: text });
const keyValue = fc
  .oneof(
    fc.record({
      key: text,
      type: fc.constant(7),
      value: text.map((value) => ({ case: 'stringValue' as const, value })),
    }),
    fc.record({
      key: text,
      type: fc.constant(2),
      value: fc
        .bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n })
        .map((value) => ({ case: 'varintValue' as const, value })),
    }),
    fc.record({
      key: text,
      type: fc.constant(6),
      value: fc.double().map((value) => ({ case: 'doubleValue' as const, value })),
    }),
  )
  .map((init) => s.toBinary(s.KeyValueSchema, s.create(s.KeyValueSchema, init)));

const plain = (value: Partial<Jid> | undefined) =>
  value && { appKey: value.appKey, name: value.name, domain: value.domain, clientResource: value.clientResource };
const same = (a: Uint8Array | undefined, b: Uint8Array | undefined) => expect(Buffer.from(a!)).toEqual(Buffer.from(b!));
const payloadOf = (frame: Uint8Array, command: number) => {
  const envelope = s.fromBinary(s.MSyncSchema, frame);
  expect(envelope.command).toBe(command);
  return envelope.payload;
};

describe('what the schema codec writes, the hand-written one reads', () => {
  it('envelope', () => {
    fc.assert(
      fc.property(
        fc.record({
          guid: jid,
          auth: text,
          command: fc.constantFrom(0, 1, 2, 3, 4),
          payload: bytes,
          traceId: id,
          deviceId: count,
        }),
        (init) => {
          const frame = s.toBinary(s.MSyncSchema, s.create(s.MSyncSchema, { ...init, encryptType: [0, 1] }));
          const read = decodeEnvelope(frame);
          expect(read).toMatchObject({ command: init.command, auth: init.auth, guid: init.guid });
          same(read.payload, init.payload);
        },
      ),
    );
  });

  it('login and logout', () => {
    const init = fc.record({
      osType: fc.constantFrom(0, 5, 16),
      osCustomValue: count,
      version: text,
      deviceUuid: text,
      deviceName: text,
      resource: text,
      authToken: text,
      sessionId: text,
      reason: text,
      password: text,
    });
    fc.assert(
      fc.property(init, (fields) => {
        const more = { compressType: [0, 2], encryptType: [0], protocolCompressType: [2, 0], actionVersion: 'v5.2' };
        const full = s.create(s.ProvisionSchema, { ...fields, ...more });
        expect(decodeProvision(s.toBinary(s.ProvisionSchema, full))).toEqual(fields);
        const logout = { sessionId: fields.sessionId, reason: fields.reason };
        expect(decodeLogout(s.toBinary(s.LogoutSchema, s.create(s.LogoutSchema, logout)))).toEqual(logout);
      }),
    );
  });

  it('send and sync', () => {
    const meta = fc.record({
      id,
      from: jid,
      to: jid,
      ns: fc.constantFrom(0, 1, 2, 5),
      payload: bytes,
      routetype: fc.constantFrom(0, 1, 2),
      ext: fc.array(keyValue, { maxLength: 4 }),
      directedUsers: fc.array(text, { maxLength: 4 }),
    });
    fc.assert(
      fc.property(fc.option(meta), fc.option(id), fc.option(jid), (given, key, queue) => {
        const init = {
          meta: given
            ? { ...given, ext: given.ext.map((entry) => s.fromBinary(s.KeyValueSchema, entry)), timestamp: 5n }
            : undefined,
          key: key ?? undefined,
          queue: queue ?? undefined,
        };
        const read = decodeSyncUplink(s.toBinary(s.CommSyncULSchema, s.create(s.CommSyncULSchema, init)));
        expect(read.key).toBe(init.key);
        expect(read.queue).toEqual(init.queue);
        expect(read.meta === undefined).toBe(given === null);
        if (!given || !read.meta) return;
        const { payload, ext, ...rest } = read.meta;
        const { payload: givenPayload, ext: givenExt, ...givenRest } = given;
        expect(rest).toEqual(givenRest);
        same(payload, givenPayload);
        expect(ext.map((entry) => Buffer.from(entry))).toEqual(givenExt.map((entry) => Buffer.from(entry)));
      }),
    );
  });

  it('message body', () => {
    const body = fc.record({
      type: fc.constantFrom(0, 1, 4, 5, 6, 7, 8),
      from: jid,
      to: jid,
      contents: fc.array(
        fc.record({
          type: fc.constantFrom(0, 3, 6, 7),
          text,
          latitude: fc.double(),
          fileLength: fc.integer(),
          size: fc.record({ width: fc.double(), height: fc.double() }),
          combineLevel: fc.integer(),
        }),
        { maxLength: 3 },
      ),
      ackMessageId: id,
      editMessageId: id,
      ackContent: text,
      stream: fc.record({ streamSeq: id, streamFinishReason: fc.integer() }),
    });
    fc.assert(
      fc.property(body, fc.array(keyValue, { maxLength: 3 }), (init, ext) => {
        const full = s.create(s.MessageBodySchema, {
          ...init,
          ext: ext.map((entry) => s.fromBinary(s.KeyValueSchema, entry)),
        });
        const payload = s.toBinary(s.MessageBodySchema, full);
        expect(inspectMessageBody(payload)).toEqual({
          type: init.type,
          fromName: init.from.name,
          toName: init.to.name,
          contentType: init.contents[0]?.type,
          contentCount: init.contents.length,
          ackMessageId: init.ackMessageId,
          editMessageId: init.editMessageId,
        });
        const forced = s.fromBinary(s.MessageBodySchema, forceSender(payload, { name: 'a' }, { name: 'b' }));
        expect(plain(forced.from)).toEqual({ appKey: '', name: 'a', domain: '', clientResource: '' });
        expect(plain(forced.to)).toEqual({ appKey: '', name: 'b', domain: '', clientResource: '' });
        const others = { from: undefined, to: undefined };
        expect({ ...forced, ...others }).toEqual({ ...s.fromBinary(s.MessageBodySchema, payload), ...others });
      }),
    );
  });
});

describe('what the hand-written codec writes, the schema one and the client read', () => {
  it('address', () => {
    fc.assert(
      fc.property(jid, (value) => {
        expect(plain(s.fromBinary(s.JIDSchema, encodeJid(value)))).toEqual(value);
        expect(decodeJid(encodeJid(value))).toEqual(value);
      }),
    );
  });

  it('answers to login, unread and send, and notices', () => {
    const status = fc.record({ code: fc.nat({ max: 19 }), reason: text });
    fc.assert(
      fc.property(jid, text, text, status, id, id, count, (queue, resource, token, failed, metaId, timestampMs, n) => {
        const login = encodeProvisionAnswer({ status: failed, resource, authToken: token, sessionId: resource });
        expect(s.fromBinary(s.ProvisionSchema, payloadOf(login, 3))).toMatchObject({
          status: { errorCode: failed.code, reason: failed.reason },
          resource,
          authToken: token,
          sessionId: resource,
        });
        expect(client.decodeDownlink(login).provision).toEqual({
          status: failed,
          resource,
          authToken: token,
          sessionId: resource,
        });

        const unread = encodeUnreadAnswer({
          queues: [
            { jid: queue, n },
            { jid: queue, n: 0 },
          ],
          timestampMs,
        });
        const full = s.fromBinary(s.CommUnreadDLSchema, payloadOf(unread, 1));
        expect(full).toMatchObject({ status: { errorCode: 0 }, timestamp: timestampMs });
        expect(full.unread.map((entry) => [plain(entry.queue), entry.n])).toEqual([
          [queue, n],
          [queue, 0],
        ]);

        const notice = encodeNotice(queue);
        expect(plain(s.fromBinary(s.CommNoticeSchema, payloadOf(notice, 2)).queue)).toEqual(queue);
        expect(client.decodeDownlink(notice).notice).toEqual({ queue });

        const answer = encodeSendAnswer({ metaId, serverId: timestampMs, timestampMs, status: failed });
        expect(s.fromBinary(s.CommSyncDLSchema, payloadOf(answer, 0))).toMatchObject({
          status: { errorCode: failed.code, reason: failed.reason },
          metaId,
          serverId: timestampMs,
          timestamp: timestampMs,
        });
        const accepted = s.fromBinary(s.CommSyncDLSchema, payloadOf(encodeSendAnswer({ metaId, timestampMs }), 0));
        expect(Object.hasOwn(accepted, 'serverId')).toBe(false);
        expect(accepted.status).toMatchObject({ errorCode: 0 });
        expect(Object.hasOwn(accepted.status!, 'errorCode')).toBe(true);
      }),
    );
  });

  it('pages of metas', () => {
    const meta = fc.record({
      from: jid,
      to: jid,
      ns: fc.constantFrom(0, 1, 5),
      payload: fc.uint8Array({ maxLength: 20_000 }),
      ext: fc.array(keyValue, { maxLength: 3 }),
      routetype: fc.option(fc.constantFrom(0, 1), { nil: undefined }),
    });
    fc.assert(
      fc.property(
        fc.array(fc.tuple(id, id, meta), { maxLength: 5 }),
        jid,
        fc.option(id, { nil: undefined }),
        fc.boolean(),
        id,
        (list, queue, nextKey, isLast, timestampMs) => {
          const metas = list.map(([metaId, at, fields]) => completeMeta(metaId, at, encodeMetaBody(fields)));
          const page = encodePage({ metas, queue, nextKey, isLast, timestampMs });
          expect(encodePage({ metas, queue: encodeJid(queue), nextKey, isLast, timestampMs })).toEqual(page);
          const full = s.fromBinary(s.CommSyncDLSchema, payloadOf(page, 0));
          expect(full).toMatchObject({ isLast, timestamp: timestampMs, nextKey: nextKey ?? 0n, metaId: 0n });
          expect(Object.hasOwn(full, 'nextKey')).toBe(nextKey !== undefined);
          expect(plain(full.queue)).toEqual(queue);
          const read = client.decodeDownlink(page).sync!;
          expect(full.metas).toHaveLength(list.length);
          for (const [i, [metaId, at, fields]] of list.entries()) {
            expect(full.metas[i]).toMatchObject({
              id: metaId,
              timestamp: at,
              ns: fields.ns,
              routetype: fields.routetype ?? 0,
            });
            same(full.metas[i]!.payload, fields.payload);
            expect(plain(full.metas[i]!.from)).toEqual(fields.from);
            expect(full.metas[i]!.ext.map((entry) => Buffer.from(s.toBinary(s.KeyValueSchema, entry)))).toEqual(
              fields.ext.map((entry) => Buffer.from(entry)),
            );
            expect(read.metas[i]).toMatchObject({ id: metaId, timestamp: at, from: fields.from, to: fields.to });
          }
        },
      ),
      { numRuns: 50 },
    );
  });

  it("a client's frames", () => {
    fc.assert(
      fc.property(jid, text, id, fc.uint8Array({ maxLength: 5000 }), (to, word, metaId, payload) => {
        const send = client.encodeSend({ id: metaId, to, payload, routetype: 1, directedUsers: [word] });
        const full = s.fromBinary(s.CommSyncULSchema, payloadOf(send, 0)).meta!;
        expect(full).toMatchObject({ id: metaId, ns: 1, routetype: 1, directedUsers: [word] });
        same(full.payload, payload);
        const login = client.encodeProvision({
          appKey: to.appKey,
          user: to.name,
          resource: word,
          token: 'T',
          reason: word,
        });
        expect(decodeEnvelope(login)).toMatchObject({ auth: '$t$T', guid: { name: to.name, clientResource: word } });
        expect(s.fromBinary(s.ProvisionSchema, payloadOf(login, 3))).toMatchObject({
          osType: 16,
          resource: word,
          reason: word,
        });
        expect(decodeSyncUplink(decodeEnvelope(client.encodeSync({ queue: to, key: metaId })).payload)).toMatchObject({
          key: metaId,
          queue: to,
        });
        expect(decodeLogout(decodeEnvelope(client.encodeLogout({ reason: word })).payload).reason).toBe(word);
        expect(decodeEnvelope(client.encodeUnread()).command).toBe(1);
        const kick = s.fromBinary(s.StatisticsBodySchema, encodeStatisticsMetaBody(2, word));
        expect(kick).toMatchObject({ operation: 2, reason: word });
      }),
    );
  });
});
