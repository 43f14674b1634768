import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { client, forceSender, inspectMessageBody, MalformedFrame, schema } from '../index.js';

const { create, fromBinary, toBinary, MessageBodySchema } = schema;
const honest = client.textBody({ from: 'alice', to: 'bob', text: 'hi' });
const alice = { name: 'alice' };
const bob = { name: 'bob' };

/** One length-delimited field. */
const field = (number: number, value: Uint8Array) =>
  Buffer.concat([Buffer.from([(number << 3) | 2, value.length]), value]);
const named = (number: number, name: string) => field(number, field(2, Buffer.from(name)));

describe('the sender of a message body', () => {
  it('is left alone, without a copy, when it is right', () => {
    expect(forceSender(honest, alice, bob)).toBe(honest);
  });

  it('is left alone when its name is not ASCII', () => {
    const payload = client.textBody({ from: 'ömer', to: '李', text: 'hi' });
    expect(forceSender(payload, { name: 'ömer' }, { name: '李' })).toBe(payload);
  });

  it.each([
    ['names somebody else', client.textBody({ from: 'mallory', to: 'bob', text: 'hi' })],
    ['names another recipient', client.textBody({ from: 'alice', to: 'carol', text: 'hi' })],
    ['is missing', Buffer.concat([honest.subarray(0, 2), honest.subarray(2 + 9)])],
    ['is given twice, the last time false', Buffer.concat([honest, named(2, 'mallory')])],
    ['is given twice, the first time false', Buffer.concat([named(2, 'mallory'), honest])],
    ['hides a second name', Buffer.concat([honest, field(2, Buffer.concat([field(2, Buffer.from('m'))]))])],
    ['brings a device along', Buffer.concat([honest, field(2, field(4, Buffer.from('x')))])],
    ['brings another tenant along', Buffer.concat([honest, field(2, field(1, Buffer.from('other#app')))])],
  ])('is put right when it %s', (_case, payload) => {
    const forced = forceSender(payload, alice, bob);
    const body = fromBinary(MessageBodySchema, forced);
    expect(body.from).toMatchObject({ name: 'alice', appKey: '', clientResource: '' });
    expect(body.to).toMatchObject({ name: 'bob' });
    expect(inspectMessageBody(forced)).toMatchObject({ fromName: 'alice', toName: 'bob', contentCount: 1 });
    expect(forceSender(forced, alice, bob)).toBe(forced);
  });

  it('is written into an empty body', () => {
    const forced = forceSender(new Uint8Array(0), alice, bob);
    expect(fromBinary(MessageBodySchema, forced)).toMatchObject({ from: { name: 'alice' }, to: { name: 'bob' } });
  });

  it('keeps a default that was written explicitly', () => {
    const combined = toBinary(
      MessageBodySchema,
      create(MessageBodySchema, {
        type: 1,
        from: { name: 'x' },
        contents: [{ type: 0, text: 'old client', subType: 0 }],
      }),
    );
    const content = fromBinary(MessageBodySchema, forceSender(combined, alice, bob)).contents[0]!;
    expect(Object.hasOwn(content, 'subType')).toBe(true);
    const plain = fromBinary(MessageBodySchema, forceSender(Buffer.concat([honest, named(2, 'x')]), alice, bob));
    expect(Object.hasOwn(plain.contents[0]!, 'subType')).toBe(false);
  });

  it('leaves every other field as it was, in order, unknown ones included', () => {
    const other = fc.oneof(
      fc
        .tuple(fc.constantFrom(8, 9, 15, 1000), fc.uint8Array({ maxLength: 40 }))
        .map(([number, value]) =>
          number < 16 ? field(number, value) : Buffer.concat([Buffer.from([0xc2, 0x3e, value.length]), value]),
        ),
      fc.constantFrom(Buffer.from([8, 1]), Buffer.from([0x30, 0x80, 0x01]), Buffer.from([0x22, 2, 8, 0])),
    );
    const address = fc
      .tuple(fc.constantFrom(2, 3), fc.constantFrom('alice', 'bob', 'eve'))
      .map(([n, s]) => named(n, s));
    fc.assert(
      fc.property(
        fc.array(
          fc.oneof(
            other.map((b) => ({ keep: true, b })),
            address.map((b) => ({ keep: false, b })),
          ),
        ),
        (all) => {
          const forced = Buffer.from(forceSender(Buffer.concat(all.map(({ b }) => b)), alice, bob));
          const kept = Buffer.concat(all.filter(({ keep }) => keep).map(({ b }) => b));
          const from = named(2, 'alice');
          const to = named(3, 'bob');
          expect(forced.length).toBe(kept.length + from.length + to.length);
          const at = forced.indexOf(from);
          const without = Buffer.concat([forced.subarray(0, at), forced.subarray(at + from.length)]);
          const toAt = without.indexOf(to);
          expect(Buffer.concat([without.subarray(0, toAt), without.subarray(toAt + to.length)])).toEqual(kept);
        },
      ),
    );
  });
});

describe('a body that clients would read differently from the server', () => {
  const mallory = named(2, 'mallory');
  it.each([
    // A decoder that trusts the field number reads this "number" as a length.
    ['a known field of a foreign wire type', Buffer.concat([honest, Buffer.from([(4 << 3) | 0, 0])])],
    ['a content whose text runs past its end', Buffer.concat([honest, Buffer.from([0x22, 2, 0x12, 30]), mallory])],
    ['a size whose number runs past its end', Buffer.concat([honest, field(4, field(13, Buffer.from([9, 0, 0])))])],
    ['an attribute that runs past its end', Buffer.concat([honest, Buffer.from([0x2a, 2, 0x0a, 20]), mallory])],
    [
      'a 32-bit number of seven bytes',
      Buffer.concat([honest, Buffer.from([8, 0x81, 0x80, 0x80, 0x80, 0x80, 0x80, 0]), mallory]),
    ],
    ['a group', Buffer.concat([honest, Buffer.from([(5 << 3) | 3, (5 << 3) | 4])])],
    ['field number 0', Buffer.concat([honest, Buffer.from([2, 0])])],
    ['a tag of more than 32 bits', Buffer.concat([honest, Buffer.from([0x92, 0x80, 0x80, 0x80, 0x10, 0])])],
    ['a length of six bytes', Buffer.concat([honest, Buffer.from([0x42, 0x80, 0x80, 0x80, 0x80, 0x80, 0])])],
  ])('is refused: %s', (_case, payload) => {
    expect(() => forceSender(payload, alice, bob)).toThrow(MalformedFrame);
    expect(() => inspectMessageBody(payload)).toThrow(MalformedFrame);
  });
});
