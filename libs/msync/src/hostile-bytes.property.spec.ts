import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import {
  client,
  completeMeta,
  decodeEnvelope,
  decodeJid,
  decodeKeyValue,
  decodeLogout,
  decodeProvision,
  decodeSyncUplink,
  encodeJid,
  encodeMetaBody,
  encodePage,
  forceSender,
  inspectMessageBody,
  MalformedFrame,
} from './index.js';

describe('hostile bytes', () => {
  const decoders: ((input: Uint8Array) => unknown)[] = [
    decodeEnvelope,
    decodeJid,
    decodeProvision,
    decodeLogout,
    decodeSyncUplink,
    decodeKeyValue,
    inspectMessageBody,
    client.decodeDownlink,
    (input) => forceSender(input, { name: 'alice' }, { name: 'bob' }),
  ];
  const survive = (input: Uint8Array) => {
    for (const decode of decoders) {
      try {
        decode(input);
      } catch (error) {
        expect(error).toBeInstanceOf(MalformedFrame);
      }
    }
  };
  const to = { appKey: 'demo#chat', name: 'bob', domain: 'easemob.com', clientResource: '' };
  const body = client.textBody({ from: 'alice', to: 'bob', text: 'hello' });
  const frames = [
    body,
    client.encodeSend({ id: 7n, to, payload: body, ext: [encodeJid(to)] }),
    client.encodeProvision({ appKey: 'demo#chat', user: 'alice', resource: 'r', token: 't' }),
    encodePage({
      metas: [completeMeta(1n, 2n, encodeMetaBody({ from: to, to, ns: 1, payload: body, ext: [] }))],
      queue: to,
      isLast: true,
      timestampMs: 3n,
    }),
  ];

  it('only ever read or raise MalformedFrame, at random', () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 400 }), survive), { numRuns: 2000 });
  });

  it('only ever read or raise MalformedFrame, cut short or with bytes changed', () => {
    for (const frame of frames) for (let end = 0; end < frame.length; end++) survive(frame.subarray(0, end));
    fc.assert(
      fc.property(
        fc.constantFrom(...frames),
        fc.array(fc.tuple(fc.nat(), fc.nat({ max: 255 })), { minLength: 1, maxLength: 4 }),
        (frame, edits) => {
          const changed = Buffer.from(frame);
          for (const [at, value] of edits) changed[at % changed.length] = value;
          survive(changed);
          survive(decodeLax(changed));
        },
      ),
      { numRuns: 2000 },
    );
  });

  it('are refused when a field is longer than anything sensible', () => {
    const long = 'x'.repeat(20_000);
    expect(() => decodeJid(encodeJid({ ...to, name: long }))).toThrow(MalformedFrame);
    expect(() =>
      decodeEnvelope(client.encodeProvision({ appKey: 'a#b', user: 'u', resource: 'r', token: long })),
    ).toThrow(MalformedFrame);
    const crowd = client.encodeSend({
      id: 1n,
      to,
      payload: body,
      directedUsers: Array.from({ length: 2000 }, () => 'u'),
    });
    expect(() => decodeSyncUplink(decodeEnvelope(crowd).payload)).toThrow(MalformedFrame);
  });

  it('cannot smuggle a malformed attribute to the receivers', () => {
    const runsOver = Buffer.from([0x0a, 30]);
    const frame = client.encodeSend({ id: 1n, to, payload: body, ext: [runsOver] });
    expect(() => decodeSyncUplink(decodeEnvelope(frame).payload)).toThrow(MalformedFrame);
  });

  /** The payload of a damaged envelope, if there is one. */
  function decodeLax(frame: Uint8Array): Uint8Array {
    try {
      return decodeEnvelope(frame).payload;
    } catch {
      return frame;
    }
  }
});
