import { describe, expect, it } from '@jest/globals';
import { hourOf, isOver, isSignature, signatureOf } from './export.rules.js';

describe('the hour of an export', () => {
  it.each([
    ['2026030112', Date.parse('2026-03-01T12:00:00Z')],
    ['2028022923', Date.parse('2028-02-29T23:00:00Z')],
    ['2026022900', undefined],
    ['2026130100', undefined],
    ['2026010124', undefined],
    ['202601010', undefined],
    ['20260101000', undefined],
    ['', undefined],
  ])('%s', (text, ms) => expect(hourOf(text)).toBe(ms));

  it('is over when its last moment is', () => {
    expect(isOver(0, 3_600_000)).toBe(true);
    expect(isOver(0, 3_599_999)).toBe(false);
  });
});

describe('the signature of a link', () => {
  const key = Buffer.alloc(32, 7);
  const link = { appId: 7, hour: '2026030112', expiresMs: 5n };

  it('holds for this app, hour and time alone', () => {
    const signature = signatureOf(key, link);
    expect(isSignature(signature, signatureOf(key, link))).toBe(true);
    for (const other of [{ ...link, appId: 8 }, { ...link, hour: '2026030113' }, { ...link, expiresMs: 6n }]) expect(isSignature(signature, signatureOf(key, other))).toBe(false);
    expect(isSignature(signature, signatureOf(Buffer.alloc(32, 8), link))).toBe(false);
    expect(isSignature('', signature)).toBe(false);
  });
});
