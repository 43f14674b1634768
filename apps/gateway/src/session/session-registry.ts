import type { Bus, Subscription } from '@parley/bus';
import type { live } from '@parley/contracts';
import type { Identity, Session } from './session.js';

interface OnlineUser {
  readonly sessions: Set<Session>;
  readonly subscription: Subscription;
}

/**
 * Sessions of this gateway by user, and the bus subscription of each user. Interest in that subject is what "online"
 * means to everybody else, so nothing is left behind when a gateway dies.
 */
export class SessionRegistry {
  readonly #users = new Map<string, OnlineUser>();
  #onLive: (sessions: ReadonlySet<Session>, envelope: live.LiveEnvelope) => void = () => {};

  constructor(private readonly bus: Bus) {}

  /** Who handles what arrives for a user; set once, by the module. */
  onLive(handler: (sessions: ReadonlySet<Session>, envelope: live.LiveEnvelope) => void): void {
    this.#onLive = handler;
  }

  add(session: Session, identity: Identity): void {
    const key = userKey(identity);
    let user = this.#users.get(key);
    if (!user) {
      const sessions = new Set<Session>();
      user = {
        sessions,
        subscription: this.bus.subscribeLive(identity.tenant.appId, identity.userId, (envelope) =>
          this.#onLive(sessions, envelope),
        ),
      };
      this.#users.set(key, user);
    }
    user.sessions.add(session);
  }

  /** A user's sessions on this gateway. */
  of(user: { appId: number; userId: bigint }): readonly Session[] {
    return [...(this.#users.get(`${user.appId} ${user.userId}`)?.sessions ?? [])];
  }

  /** All sessions of this gateway. */
  *sessions(): Generator<Session> {
    for (const { sessions } of this.#users.values()) yield* sessions;
  }

  /** Everybody who has a session on this gateway. */
  users(): { appId: number; userId: bigint }[] {
    return [...this.#users.keys()].map((key) => {
      const [appId, userId] = key.split(' ') as [string, string];
      return { appId: Number(appId), userId: BigInt(userId) };
    });
  }

  remove(session: Session, identity: Identity): void {
    const key = userKey(identity);
    const user = this.#users.get(key);
    if (!user?.sessions.delete(session) || user.sessions.size > 0) return;
    user.subscription.unsubscribe();
    this.#users.delete(key);
  }
}

function userKey(identity: Identity): string {
  return `${identity.tenant.appId} ${identity.userId}`;
}
