import { describe, expect, it } from '@jest/globals';
import type { RevocationListener } from '@parley/revocation';
import { LiveRouter } from '../live/live-router.js';
import { Session, type Identity } from '../session/session.js';
import { SessionRegistry } from '../session/session-registry.js';
import { RevokedSessions } from './revoked-sessions.js';

/** A gateway with sessions of alice (41); `told` is what her clients got before the close. */
function gateway(present: number) {
  let feed: RevocationListener | undefined;
  const bus = {
    subscribeLive: () => ({ unsubscribe: () => undefined }),
    request: async (_: never, { holders }: { holders: unknown[] }) => ({ epochs: holders.map(() => present) }),
  };
  const registry = new SessionRegistry(bus as never);
  const revoked = new RevokedSessions(bus as never, registry, new LiveRouter({} as never), { listen: (listener) => (feed = listener) });
  const open = (tokenEpoch: number, keyId = 'key') => {
    const log: string[] = [];
    const wire = { send: (frame: Uint8Array) => void log.push(Buffer.from(frame).toString('latin1')), end: (why: { code: number }) => void log.push(String(why.code)), buffered: () => 0 };
    const session = new Session(wire, 0);
    session.state = 'ready';
    session.identity = { tenant: { appId: 7, org: 'demo', app: 'chat' }, userId: 41n, username: 'alice', resource: `web_${tokenEpoch}`, sessionId: String(tokenEpoch), tokenEpoch, keyId } as Identity;
    registry.add(session, session.identity);
    return { session, log };
  };
  return { feed: feed!, open, revoked };
}

const settled = () => new Promise((resolve) => setImmediate(resolve));

describe('sessions whose token is revoked', () => {
  it('end with the notice of the cause before the close; those of a later token go on', () => {
    const { feed, open } = gateway(4);
    const [before, after] = [open(3), open(4)];
    feed.revoked({ appId: 7, userId: 41n, epoch: 4, operation: 3, reason: 'password changed' });
    expect(before.log).toEqual([expect.stringContaining('password changed'), '4203']);
    expect(after.log).toEqual([]);
  });

  it('end once, however often it is told', () => {
    const { feed, open } = gateway(4);
    const { log } = open(3);
    for (let i = 0; i < 3; i++) feed.revoked({ appId: 7, userId: 41n, epoch: 4, operation: 1, reason: 'user removed' });
    expect(log).toHaveLength(2);
  });

  it('of another user, or the same number in another app, go on', () => {
    const { feed, open } = gateway(4);
    const { log } = open(3);
    feed.revoked({ appId: 8, userId: 41n, epoch: 9, operation: 3, reason: '' });
    feed.revoked({ appId: 7, userId: 42n, epoch: 9, operation: 3, reason: '' });
    expect(log).toEqual([]);
  });

  it('end when its key is revoked; those of other keys go on', () => {
    const { open, revoked } = gateway(4);
    const [bad, good] = [open(3, 'stolen'), open(4, 'key')];
    revoked.endUntrusted((keyId) => keyId !== 'stolen');
    expect(bad.log).toEqual([expect.stringContaining('token revoked'), '4203']);
    expect(good.log).toEqual([]);
  });

  it.each([
    ['the epoch grew', 4, false],
    ['the user is gone', -1, true],
  ])('end after a gap in what the gateway was told: %s', async (_, present, bothEnd) => {
    const { feed, open } = gateway(present);
    const [before, after] = [open(3), open(4)];
    feed.gap();
    await settled();
    await settled();
    expect(before.session.state).toBe('ended');
    expect(after.session.state).toBe(bothEnd ? 'ended' : 'ready');
  });
});
