import { describe, expect, it } from '@jest/globals';
import { DomainError } from '@parley/errors';
import fc from 'fast-check';
import { fromLegacy, readSend } from './send.rules.js';

const limits = { maxMessageBytes: 5_120 };
const good = { to: ['bob'], type: 'txt', body: { msg: 'hello' } };

function codeOf(request: unknown): string {
  try {
    readSend(request, limits);
    return 'accepted';
  } catch (error) {
    return (error as DomainError).code;
  }
}

describe('a message over REST', () => {
  it('is from admin, to the recipient only, and stored, unless it says otherwise', () => {
    expect(readSend(good, limits)).toEqual({
      from: 'admin',
      to: ['bob'],
      message: { type: 'txt', body: { msg: 'hello' } },
      ext: {},
      onlineOnly: false,
      syncDevice: false,
      notInHistoryOf: [],
    });
    expect(readSend({ ...good, from: 'Ann', sync_device: true, routetype: 'ROUTE_ONLINE', ext: { a: 1 } }, limits)).toMatchObject({
      from: 'ann',
      syncDevice: true,
      onlineOnly: true,
      ext: { a: 1 },
    });
  });

  it('takes an empty option for one that is not there', () => {
    for (const routetype of [null, '', 'ROUTE_ALL']) expect(readSend({ ...good, routetype, sync_device: null, env: null, roam_ignore_users: null }, limits)).toEqual(readSend(good, limits));
  });

  it('goes once to a receiver who is named twice', () => {
    expect(readSend({ ...good, to: ['Bob', 'bob', 'carol'] }, limits).to).toEqual(['bob', 'carol']);
  });

  it.each([
    ['txt', { msg: '' }],
    ['cmd', { action: 'refresh' }],
    ['custom', { customEvent: 'cart/add', customExts: { sku: '1' } }],
    ['loc', { lat: '52.52', lng: 13.405, addr: 'Berlin' }],
    ['img', { url: 'https://a/chatfiles/1', secret: 's', size: { width: 3, height: '4' } }],
    ['audio', { url: 'https://a/chatfiles/1', length: '7' }],
    ['video', { url: 'https://a/chatfiles/1', length: 7, file_length: 99, thumb: 'https://a/chatfiles/2', thumb_secret: 't' }],
    ['file', { url: 'https://a/chatfiles/1', filename: 'a.pdf' }],
  ])('may be %s', (type, body) => {
    expect(codeOf({ ...good, type, body })).toBe('accepted');
  });

  it.each([
    ['an empty sender', { ...good, from: '' }, 'message_from_empty'],
    ['a sender that is no name', { ...good, from: 'a\0b' }, 'username_illegal'],
    ['no receivers', { ...good, to: [] }, 'message_to_empty'],
    ['no receiver key', { ...good, to: undefined }, 'message_to_empty'],
    ['an empty receiver', { ...good, to: [''] }, 'message_to_empty'],
    ['a text for the receivers', { ...good, to: 'bob' }, 'invalid_request_body'],
    ['601 receivers', { ...good, to: Array.from({ length: 601 }, (_, i) => `u${i}`) }, 'message_too_many_targets'],
    ['no type', { ...good, type: undefined }, 'message_type_empty'],
    ['a type that is not sent over REST', { ...good, type: 'combine' }, 'message_type_unsupported'],
    ['a type from the prototype', { ...good, type: 'constructor' }, 'message_type_unsupported'],
    ['no body', { ...good, body: undefined }, 'message_body_empty'],
    ['an empty body', { ...good, body: {} }, 'message_body_empty'],
    ['a text as body', { ...good, body: 'hello' }, 'invalid_request_body'],
    ['a number as text', { ...good, body: { msg: 1 } }, 'invalid_request_body'],
    ['an event name with spaces', { ...good, type: 'custom', body: { customEvent: 'a b' } }, 'invalid_request_body'],
    ['17 entries', { ...good, type: 'custom', body: { customEvent: 'a', customExts: Object.fromEntries(Array.from({ length: 17 }, (_, i) => [i, i])) } }, 'invalid_request_body'],
    ['a place that is none', { ...good, type: 'loc', body: { lat: 'north', lng: 0 } }, 'invalid_request_body'],
    ['a latitude of null', { ...good, type: 'loc', body: { lat: null, lng: 0 } }, 'invalid_request_body'],
    ['an image without a place', { ...good, type: 'img', body: { filename: 'a.jpg' } }, 'invalid_request_body'],
    ['a length that is none', { ...good, type: 'audio', body: { url: 'u', length: -1 } }, 'invalid_request_body'],
    ['a size that is none', { ...good, type: 'img', body: { url: 'u', size: 'large' } }, 'invalid_request_body'],
    ['21 whose history leaves it out', { ...good, roam_ignore_users: Array.from({ length: 21 }, (_, i) => `u${i}`) }, 'message_too_many_ignored'],
    ['a text for them', { ...good, roam_ignore_users: 'bob' }, 'invalid_request_body'],
    ['a label with a space', { ...good, env: 'a b' }, 'invalid_request_body'],
    ['a text for sync_device', { ...good, sync_device: 'true' }, 'invalid_request_body'],
    ['a route that there is not', { ...good, routetype: 'ROUTE_OFFLINE' }, 'invalid_request_body'],
    ['a long label', { ...good, env: 'abcdefghi' }, 'invalid_request_body'],
    ['ext null', { ...good, ext: null }, 'message_ext_not_object'],
    ['ext as list', { ...good, ext: [] }, 'message_ext_not_object'],
    ['a list', [good], 'invalid_request_body'],
    ['nothing', undefined, 'invalid_request_body'],
  ])('is refused with %s', (_, request, code) => {
    expect(codeOf(request)).toBe(code);
  });

  it('has at most 5 KB of body and ext together, counted in UTF-8', () => {
    const around = '{"msg":""}'.length;
    expect(codeOf({ ...good, body: { msg: 'x'.repeat(5_120 - around) } })).toBe('accepted');
    expect(codeOf({ ...good, body: { msg: 'x'.repeat(5_121 - around) } })).toBe('message_too_large');
    expect(codeOf({ ...good, body: { msg: 'é'.repeat(2_600) } })).toBe('message_too_large');
    expect(codeOf({ ...good, ext: { a: 'x'.repeat(5_100) } })).toBe('message_too_large');
    const deep = JSON.parse('{"a":'.repeat(20_000) + '1' + '}'.repeat(20_000)) as object;
    expect(codeOf({ ...good, ext: deep })).toBe('message_too_large');
  });

  it('may come in the older form', () => {
    const older = { target_type: 'users', target: ['bob'], msg: { type: 'txt', msg: 'hello' }, from: 'ann', ext: { a: 1 } };
    expect(readSend(fromLegacy(older), limits)).toEqual(readSend({ ...good, from: 'ann', ext: { a: 1 } }, limits));
    const code = (request: unknown) => {
      try {
        return (readSend(fromLegacy(request), limits), 'accepted');
      } catch (error) {
        return (error as DomainError).code;
      }
    };
    expect(code({ ...older, target_type: undefined })).toBe('message_target_type_empty');
    expect(code({ ...older, target_type: 'planets' })).toBe('message_target_type_illegal');
    expect(code({ ...older, msg: undefined })).toBe('message_body_empty');
    expect(code({ ...older, msg: 'hello' })).toBe('invalid_request_body');
    expect(code({ ...older, msg: { type: 'txt' } })).toBe('message_body_empty');
    expect(code({ ...older, target: undefined })).toBe('message_to_empty');
    expect(code([])).toBe('invalid_request_body');
  });

  it('never fails otherwise, whatever is sent', () => {
    const anything = fc.anything({ withNullPrototype: true });
    fc.assert(
      fc.property(fc.record({ from: anything, to: anything, type: fc.oneof(fc.constantFrom('txt', 'loc'), anything), body: anything, ext: anything }, { requiredKeys: [] }), (request) => {
        try {
          readSend(JSON.parse(JSON.stringify(request, (_, value: unknown) => (typeof value === 'bigint' ? String(value) : value))), limits);
        } catch (error) {
          expect(error).toBeInstanceOf(DomainError);
        }
      }),
    );
  });
});
