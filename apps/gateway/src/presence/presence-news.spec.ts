import { describe, expect, it } from '@jest/globals';
import { client } from '@parley/msync';
import type { Session } from '../session/session.js';
import { PresenceNewsRouter } from './presence-news.js';

const tenant = { appId: 7, appUuid: 'u', org: 'demo', app: 'chat' };

function sessionOf(userId: bigint, unsent = 0) {
  const frames: client.Downlink[] = [];
  const wire = { send: (bytes: Uint8Array) => frames.push(client.decodeDownlink(Buffer.from(bytes))), end: () => {}, buffered: () => unsent };
  return { frames, session: { ready: true, identity: { tenant, userId, username: `user${userId}` }, wire } as unknown as Session };
}

const stateOf = (i: number) => ({ username: `friend${i}`, changedAt: 5n, ext: 'a "quote"\n', statuses: { phone: 1 } });

describe('news of presence', () => {
  it('reach each session of each listener in pages, one user in each meta', () => {
    const [phone, desk, other, slow] = [sessionOf(1n), sessionOf(1n), sessionOf(2n), sessionOf(3n, 1_000_000)];
    const sessions = new Map([[1n, [phone.session, desk.session]], [2n, [other.session]], [3n, [slow.session]]]);
    const router = new PresenceNewsRouter({ of: ({ userId }) => sessions.get(userId) ?? [] });
    const heard = Array.from({ length: 150 }, (_, state) => ({ state, expiresAt: 9n }));

    router.route({
      appId: 7,
      states: heard.map(({ state }) => stateOf(state)),
      deliveries: [
        { userId: 1n, heard },
        { userId: 2n, heard: [heard[3]!] },
        { userId: 3n, heard },
        { userId: 4n, heard },
      ],
    });

    expect(phone.frames.map((frame) => frame.sync!.metas.length)).toEqual([100, 50]);
    expect(desk.frames).toHaveLength(2);
    expect(slow.frames).toEqual([]);
    const [page] = other.frames;
    expect(page!.sync).toMatchObject({ isLast: true, queue: expect.objectContaining({ name: '@system' }) });
    expect(JSON.parse(Buffer.from(page!.sync!.metas[0]!.payload).toString())).toEqual({
      type: 'presence',
      data: { values: [{ uid: 'friend3', last_time: 5, expiry: 9, ext: 'a "quote"\n', status: { phone: 1 } }] },
    });
    const ids = phone.frames.flatMap((frame) => frame.sync!.metas.map((meta) => meta.id));
    expect(new Set(ids).size).toBe(150);
  });
});
