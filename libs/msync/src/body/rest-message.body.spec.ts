import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import {
  BodyType,
  ContentType,
  decodeKeyValue,
  decodeKeyValues,
  encodeKeyValue,
  keyValues,
  restMessageToBody,
  schema,
} from '../index.js';

const { fromBinary, toBinary, KeyValueSchema, MessageBodySchema } = schema;
const parties = { from: 'admin', to: 'bob' };

describe('a message sent over REST', () => {
  it('becomes the text that a client would have sent', () => {
    const body = fromBinary(MessageBodySchema, restMessageToBody({ type: 'txt', body: { msg: 'hé' }, ...parties }));
    expect(body).toMatchObject({ type: BodyType.CHAT, from: { name: 'admin' }, to: { name: 'bob' }, ext: [] });
    expect(body.contents).toHaveLength(1);
    expect(body.contents[0]).toMatchObject({ type: ContentType.TEXT, text: 'hé' });
    expect(Object.hasOwn(body.contents[0]!, 'subType')).toBe(false);
  });

  it('becomes a command, a custom event or a location', () => {
    const content = (bytes: Uint8Array) => fromBinary(MessageBodySchema, bytes).contents[0]!;
    expect(content(restMessageToBody({ type: 'cmd', body: { action: 'run' }, ...parties }))).toMatchObject({
      type: ContentType.COMMAND,
      action: 'run',
    });
    const custom = content(
      restMessageToBody({ type: 'custom', body: { customEvent: 'e', customExts: { k: 'v' } }, ...parties }),
    );
    expect(custom).toMatchObject({ type: ContentType.CUSTOM, customEvent: 'e' });
    expect(decodeKeyValues(custom.customExts.map((entry) => toBinary(KeyValueSchema, entry)))).toEqual({ k: 'v' });
    expect(
      content(restMessageToBody({ type: 'loc', body: { lat: '39.9', lng: -116.4, addr: 'Beijing' }, ...parties })),
    ).toMatchObject({ type: ContentType.LOCATION, latitude: 39.9, longitude: -116.4, address: 'Beijing' });
  });

  it('becomes an image, a voice message, a video or a file', () => {
    const content = (message: Parameters<typeof restMessageToBody>[0]) => fromBinary(MessageBodySchema, restMessageToBody(message)).contents[0]!;
    const file = { url: 'https://api.example/o/a/chatfiles/1', filename: 'a.bin', secret: 's', file_length: 12 };
    const common = { remotePath: file.url, displayName: 'a.bin', secretKey: 's', fileLength: 12 };
    expect(content({ type: 'img', body: { ...file, size: { width: 3, height: 4 } }, ...parties })).toMatchObject({
      ...common,
      type: ContentType.IMAGE,
      size: { width: 3, height: 4 },
    });
    expect(content({ type: 'audio', body: { ...file, length: 5 }, ...parties })).toMatchObject({ ...common, type: ContentType.VOICE, duration: 5 });
    expect(content({ type: 'video', body: { ...file, length: 6, thumb: 't', thumb_secret: 'ts' }, ...parties })).toMatchObject({
      ...common,
      type: ContentType.VIDEO,
      duration: 6,
      thumbnailRemotePath: 't',
      thumbnailSecretKey: 'ts',
    });
    expect(content({ type: 'file', body: { url: file.url }, ...parties })).toMatchObject({ type: ContentType.FILE, remotePath: file.url });
  });

  it('is refused when a coordinate is no number', () => {
    expect(() => restMessageToBody({ type: 'loc', body: { lat: 'north', lng: 1 }, ...parties })).toThrow(TypeError);
  });

  it('keeps attributes of every JSON type', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue()), (ext) => {
        const expected = JSON.parse(JSON.stringify(ext)) as Record<string, unknown>;
        expect(decodeKeyValues(keyValues(expected))).toEqual(expected);
        const body = fromBinary(
          MessageBodySchema,
          restMessageToBody({ type: 'txt', body: { msg: '' }, ...parties, ext: expected }),
        );
        expect(decodeKeyValues(body.ext.map((entry) => toBinary(KeyValueSchema, entry)))).toEqual(expected);
      }),
    );
  });
});

describe('an attribute', () => {
  it.each([
    ['text', 'x', 7],
    ['a boolean', true, 1],
    ['an integer', -5, 2],
    ['a fraction', 0.5, 6],
    ['a number beyond 64 bits', 1e300, 6],
    ['an object', { a: [1] }, 8],
    ['an array', [1, '2'], 8],
    ['null', null, 8],
  ])('of %s has its own wire type and comes back', (_case, value, type) => {
    const bytes = encodeKeyValue('k', value);
    expect(fromBinary(KeyValueSchema, bytes)).toMatchObject({ key: 'k', type });
    expect(decodeKeyValue(bytes)).toEqual({ key: 'k', value });
  });

  it('may be written by other clients as unsigned, long or float', () => {
    const read = (init: Parameters<typeof schema.create<typeof KeyValueSchema>>[1]) =>
      decodeKeyValue(toBinary(KeyValueSchema, schema.create(KeyValueSchema, init))).value;
    expect(read({ key: 'k', type: 3, value: { case: 'varintValue', value: 7n } })).toBe(7);
    expect(read({ key: 'k', type: 4, value: { case: 'varintValue', value: -7n } })).toBe(-7);
    expect(read({ key: 'k', type: 5, value: { case: 'floatValue', value: 0.25 } })).toBe(0.25);
    expect(read({ key: 'k', type: 8, value: { case: 'stringValue', value: '{broken' } })).toBe('{broken');
  });

  it('cannot replace the prototype of the object it lands in', () => {
    const read = decodeKeyValues([encodeKeyValue('__proto__', { admin: true })]);
    expect(Object.getPrototypeOf(read)).toBe(Object.prototype);
    expect(Object.keys(read)).toEqual(['__proto__']);
  });
});
