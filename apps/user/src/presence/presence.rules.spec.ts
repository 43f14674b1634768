import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { fingerprint, GRACE_MS, mayTellAt, type Published, shown, withStatus } from './presence.rules.js';

const NOW = 1_700_000_000_000;
const nothing: Published = { ext: '', statuses: {}, publishedMs: 0 };
const on = (resource: string, loggedInMs = NOW - 60_000) => ({ resource, loggedInMs, loggedOutMs: undefined });
const off = (resource: string, agoMs: number) => ({ resource, loggedInMs: NOW - 600_000, loggedOutMs: NOW - agoMs });

describe('what others see of a user', () => {
  it('is each device that is there, with what he published for it', () => {
    const published = { ext: 'busy', statuses: { phone: [7, NOW] as const }, publishedMs: NOW };
    expect(shown([on('phone'), on('desk')], published, NOW)).toMatchObject({ ext: 'busy', statuses: { phone: 7, desk: 1 }, changedMs: NOW, settlesMs: undefined });
  });

  it('is nothing for who never was there', () => {
    expect(shown([], nothing, NOW)).toEqual({ ext: '', statuses: {}, changedMs: 0, settlesMs: undefined });
  });

  it('keeps a device for the grace, and tells when that ends', () => {
    const leaving = shown([off('phone', GRACE_MS - 1)], nothing, NOW);
    expect(leaving).toMatchObject({ statuses: { phone: 1 }, settlesMs: NOW + 1 });
    expect(shown([off('phone', GRACE_MS)], nothing, NOW)).toMatchObject({ statuses: { phone: 0 }, settlesMs: undefined });
  });

  it('lists a bounded number of devices that are away, the latest', () => {
    const away = Array.from({ length: 20 }, (_, i) => off(`old${i}`, 60_000 * (i + 1)));
    expect(Object.keys(shown([...away, on('here')], nothing, NOW).statuses)).toEqual(['old0', 'old1', 'old2', 'old3', 'old4', 'here']);
  });

  it('has what a server published for a device that never signed in', () => {
    expect(shown([], { ...nothing, statuses: { bot: [3, NOW] } }, NOW).statuses).toEqual({ bot: 3 });
  });
});

describe('news', () => {
  it('is none when a device breaks and comes back within the grace, whenever anybody looks', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: GRACE_MS - 1 }), fc.integer({ min: 0, max: 60_000 }), (awayMs, later) => {
        const before = fingerprint(shown([on('phone')], nothing, NOW));
        const during = fingerprint(shown([{ ...off('phone', 0), loggedOutMs: NOW }], nothing, NOW + awayMs));
        const after = fingerprint(shown([on('phone', NOW + awayMs)], nothing, NOW + awayMs + later));
        expect([during, after]).toEqual([before, before]);
      }),
    );
  });

  it('is a device that came or went, a status or a text; not the order, nor which of those away are listed', () => {
    const all = { ext: '', statuses: { a: 1, b: 1 } };
    expect(fingerprint({ ext: '', statuses: { b: 1, a: 1, gone: 0 } })).toBe(fingerprint(all));
    for (const other of [{ ext: 'x', statuses: all.statuses }, { ext: '', statuses: { a: 1 } }, { ext: '', statuses: { a: 1, b: 2 } }]) {
      expect(fingerprint(other)).not.toBe(fingerprint(all));
    }
  });

  it('comes the less often the more hear it', () => {
    expect(mayTellAt(NOW, 0) - NOW).toBe(1_000);
    expect(mayTellAt(NOW, 3_000) - NOW).toBe(10_000);
  });
});

describe('published statuses', () => {
  it('are kept in a bounded number, the latest', () => {
    let statuses = {};
    for (let i = 0; i < 50; i++) statuses = withStatus(statuses, `r${i}`, i, NOW + i);
    expect(Object.keys(statuses)).toHaveLength(20);
    expect(statuses).toHaveProperty('r49');
    expect(statuses).not.toHaveProperty('r29');
  });
});
