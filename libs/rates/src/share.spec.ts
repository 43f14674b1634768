import { describe, expect, it } from '@jest/globals';
import { Share } from './share.js';

const WINDOW = 7;
const OTHER = new Set(['other']);

/** A replica that begins a window in which another one, which did not know of it, has reserved everything. */
function newcomer(takenByOther: number): Share {
  const share = new Share(100);
  share.heard('other', { window: WINDOW, reserved: 100, taken: takenByOther, demand: 1 });
  return share;
}
const granted = (share: Share, times: number) => Array.from({ length: times }, () => share.take(1, WINDOW, OTHER).granted).filter(Boolean).length;

describe('the part of a rate that a replica has', () => {
  it('is never nothing while next to nothing is used, although others have reserved all of it', () => {
    expect(granted(newcomer(2), 5)).toBe(5);
  });

  it('ends with a tenth of the limit, what others have used included', () => {
    expect(granted(newcomer(4), 50)).toBe(6);
  });

  it('is nothing when others have used it', () => {
    expect(granted(newcomer(100), 5)).toBe(0);
  });

  it('moves on when the others have made room', () => {
    const share = newcomer(50);
    expect(granted(share, 1)).toBe(0);
    share.heard('other', { window: WINDOW, reserved: 60, taken: 55, demand: 1 });
    share.share(OTHER);
    expect(granted(share, 1)).toBe(1);
  });
});
