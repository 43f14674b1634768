import { type Bus, RequestBatcher, requests } from '@parley/bus';
import { user } from '@parley/contracts';

const MOST_SESSIONS = 200;
/** Ended sessions that wait to be told while the user service is away; of more, the oldest are left to its next logins. */
const MOST_WAITING = 200_000;
const AGAIN_AFTER_MS = 1_000;

/** Asks the user service whether logins are good, and tells it of sessions that have ended. */
export class SessionOpener {
  readonly #openings: RequestBatcher<user.OpenSession, user.SessionDecision>;
  #closed: user.ClosedSession[] = [];

  constructor(private readonly bus: Bus) {
    this.#openings = new RequestBatcher(
      async (sessions) => (await bus.request(requests.openSessions, { sessions }, { timeoutMs: 8_000 })).decisions,
    );
  }

  /** @throws BusError when the user service does not answer */
  async open(session: user.OpenSession): Promise<user.SessionVerdict> {
    return (await this.#openings.ask(session)).verdict;
  }

  /** Gathered for the rest of this round of events, and told until it is taken: nobody else can know. Safe to repeat. */
  close(session: user.ClosedSession): void {
    this.#closed.push(session);
    if (this.#closed.length === 1) setImmediate(() => this.flushClosed());
  }

  flushClosed(): void {
    const sessions = this.#closed;
    this.#closed = [];
    for (let i = 0; i < sessions.length; i += MOST_SESSIONS) void this.#tell(sessions.slice(i, i + MOST_SESSIONS));
  }

  async #tell(sessions: user.ClosedSession[]): Promise<void> {
    try {
      await this.bus.request(requests.closeSessions, { sessions });
    } catch {
      const first = this.#closed.length === 0;
      this.#closed = [...sessions, ...this.#closed].slice(-MOST_WAITING);
      if (first) setTimeout(() => this.flushClosed(), AGAIN_AFTER_MS).unref();
    }
  }
}
