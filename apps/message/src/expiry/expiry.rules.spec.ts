import { describe, expect, it } from '@jest/globals';
import { restMessageToBody } from '@parley/msync';
import { mayExpire, readExpiry } from './expiry.rules.js';

const body = (ext: Record<string, unknown>) => restMessageToBody({ type: 'txt', body: { msg: 'hi' }, from: 'alice', to: 'bob', ext });
const read = (ext: Record<string, unknown>) => readExpiry(body(ext), 3_600);

describe('the time to live that a message asks for', () => {
  it('is none for nearly all', () => {
    expect(mayExpire(body({ order: 7 }))).toBe(false);
    expect(mayExpire(body({ parley_ttl: 7 }))).toBe(true);
    expect(read({ note: 'parley_ttl' })).toBeUndefined();
  });

  it('counts from the sending, or from the reading', () => {
    expect(read({ parley_ttl: 60 })).toEqual({ ttlSeconds: 60, fromRead: false });
    expect(read({ parley_ttl: 60, parley_ttl_from: 'send' })).toEqual({ ttlSeconds: 60, fromRead: false });
    expect(read({ parley_ttl: 3_600, parley_ttl_from: 'read' })).toEqual({ ttlSeconds: 3_600, fromRead: true });
  });

  it.each([[0], [-1], [1.5], [3_601], ['60'], [null], [{}], [true], [1e300]])('is refused when it is %p', (ttl) => {
    expect(read({ parley_ttl: ttl })).toBe('invalid');
  });

  it('is refused when it begins with something else', () => {
    expect(read({ parley_ttl: 60, parley_ttl_from: 'delivery' })).toBe('invalid');
  });
});
