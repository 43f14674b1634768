import { type Bus, requests } from '@parley/bus';
import { user } from '@parley/contracts';

const MOST_SESSIONS = 200;
const MOST_UNDER_WAY = 4;

interface Waiting {
  readonly session: user.OpenSession;
  readonly done: (verdict: user.SessionVerdict) => void;
  readonly failed: (error: unknown) => void;
}

/** Asks the user service whether logins are good, many in one request while others are under way. */
export class SessionOpener {
  #waiting: Waiting[] = [];
  #underWay = 0;
  #scheduled = false;
  #closed: user.ClosedSession[] = [];

  constructor(private readonly bus: Bus) {}

  /** @throws BusError when the user service does not answer */
  open(session: user.OpenSession): Promise<user.SessionVerdict> {
    return new Promise((done, failed) => {
      this.#waiting.push({ session, done, failed });
      this.#schedule();
    });
  }

  /** Tells that a session has ended; gathered for the rest of this round of events. A lost one corrects itself at the next login. */
  close(session: user.ClosedSession): void {
    this.#closed.push(session);
    if (this.#closed.length === 1) setImmediate(() => this.flushClosed());
  }

  flushClosed(): void {
    const sessions = this.#closed;
    this.#closed = [];
    for (let i = 0; i < sessions.length; i += MOST_SESSIONS) {
      this.bus.request(requests.closeSessions, { sessions: sessions.slice(i, i + MOST_SESSIONS) }).catch(() => undefined);
    }
  }

  #schedule(): void {
    if (this.#scheduled || this.#underWay >= MOST_UNDER_WAY || this.#waiting.length === 0) return;
    this.#scheduled = true;
    setImmediate(() => {
      this.#scheduled = false;
      void this.#run(this.#waiting.splice(0, MOST_SESSIONS));
      this.#schedule();
    });
  }

  async #run(batch: Waiting[]): Promise<void> {
    this.#underWay++;
    try {
      const { decisions } = await this.bus.request(requests.openSessions, { sessions: batch.map((w) => w.session) }, { timeoutMs: 8_000 });
      batch.forEach((w, i) => w.done(decisions[i]?.verdict ?? user.SessionVerdict.SESSION_VERDICT_UNSPECIFIED));
    } catch (error) {
      for (const w of batch) w.failed(error);
    } finally {
      this.#underWay--;
      this.#schedule();
    }
  }
}
