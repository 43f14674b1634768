import { describe, expect, it } from '@jest/globals';
import { eventually, type RawClient } from '@parley/testkit';
import { stage } from './stage.js';

const on = stage();
const DAY_MS = 86_400_000;
const today = () => Math.floor(Date.now() / DAY_MS);
const pagesOf = (raw: RawClient, peer: string) => raw.frames.flatMap(({ sync }) => (sync?.queue?.name === peer && sync.metas.length > 0 ? [sync] : []));

describe('where pages stand (docs/protocol-extensions.md)', () => {
  it('follows from one to the next, live and after a reconnect, so that a client knows that it missed nothing', async () => {
    const began = today();
    const [ann, bob] = [await on.user('ann'), await on.user('bob')];
    const anns = await on.rawOnline(ann);
    const bobs = await on.rawOnline(bob, { resource: 'webim_web_place' });
    const seen = (raw: RawClient, count: number) =>
      eventually(() => (raw.inbox.messageIds(ann.username).length >= count ? true : undefined), { what: `${count} messages` });
    for (let i = 0; i < 4; i++) await anns.sendText(bob.username, `m${i}`);
    await seen(bobs, 4);
    const places = pagesOf(bobs, ann.username).map(({ place }) => place!);
    expect(places[0]!.previous).toBe(0n);
    for (const [i, place] of places.entries()) if (i > 0) expect(place.previous).toBe(places[i - 1]!.position);
    expect(places.at(-1)!.position).toBe(4n);
    // Midnight may have passed meanwhile.
    expect([began, today()]).toContain(places.at(-1)!.epoch + 180);

    bobs.close();
    await anns.sendText(bob.username, 'while you were away');
    const again = await on.rawOnline(bob, { resource: 'webim_web_place' });
    await eventually(() => (again.inbox.all.some(({ queue }) => queue === ann.username) ? true : undefined), { what: 'what was missed' });
    const after = pagesOf(again, ann.username).at(-1)!.place!;
    // Not higher than what was kept: nothing was missed.
    expect(after.previous).toBeLessThanOrEqual(4n);
    expect(after.position).toBe(5n);
  });
});
