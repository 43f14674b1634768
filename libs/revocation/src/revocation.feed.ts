import { type Bus, broadcasts, type Subscription, type RequestSubject } from '@parley/bus';
import type { revocation } from '@parley/contracts';
import { createLogger } from '@parley/telemetry';

const log = createLogger('revocation');

/** How often the log of revocations is read, in ms: the longest that a lost message leaves a revoked token alive. */
const READ_EVERY_MS = 1_000;

/** One service's log of recent revocations. */
export type RevocationLog = RequestSubject<revocation.RecentRevocationsRequest, revocation.RecentRevocationsResponse>;

export interface RevocationListener {
  /** Tokens of a holder have ended. Comes more than once for the same revocation. */
  revoked(one: revocation.Revocation): void;
  /** The log does not go back to what was read last: everything that is remembered may be wrong. */
  gap(): void;
  /** The set of keys that verify is not what it was. */
  keysChanged?(): void;
}

/** Tells the parts of an edge of revocations: at once by broadcast, and what a broadcast lost, from the services' logs. */
export class RevocationFeed {
  readonly #listeners: RevocationListener[] = [];
  readonly #readers: LogReader[];
  #subscription: Subscription | undefined;
  #timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly bus: Pick<Bus, 'request' | 'onBroadcast'>,
    logs: readonly RevocationLog[],
  ) {
    this.#readers = logs.map((one) => new LogReader(bus, one));
  }

  listen(listener: RevocationListener): void {
    this.#listeners.push(listener);
  }

  start(): void {
    this.#subscription = this.bus.onBroadcast(broadcasts.revoked, ({ revocations, keysChanged }) => {
      this.#tell(revocations);
      if (keysChanged) this.#keysChanged();
    });
    this.#timer = setInterval(() => void this.read(), READ_EVERY_MS);
    this.#timer.unref();
    void this.read();
  }

  stop(): void {
    this.#subscription?.unsubscribe();
    clearInterval(this.#timer);
  }

  /** Reads the logs now. A service that does not answer is asked again with the next round. */
  async read(): Promise<void> {
    await Promise.all(
      this.#readers.map(async (reader) => {
        const answer = await reader.read();
        if (!answer) return;
        this.#tell(answer.revocations);
        if (answer.keysChanged) this.#keysChanged();
        if (!answer.complete) for (const listener of this.#listeners) listener.gap();
      }),
    );
  }

  #keysChanged(): void {
    for (const listener of this.#listeners) listener.keysChanged?.();
  }

  #tell(revocations: readonly revocation.Revocation[]): void {
    for (const one of revocations) for (const listener of this.#listeners) listener.revoked(one);
  }
}

class LogReader {
  #cursor = 0n;
  #keysVersion = '';
  #reading = false;
  #failing = false;

  constructor(
    private readonly bus: Pick<Bus, 'request'>,
    private readonly source: RevocationLog,
  ) {}

  async read(): Promise<(revocation.RecentRevocationsResponse & { keysChanged: boolean }) | undefined> {
    if (this.#reading) return undefined;
    this.#reading = true;
    try {
      const answer = await this.bus.request(this.source, { cursor: this.#cursor });
      this.#cursor = answer.cursor;
      const keysChanged = answer.keysVersion !== '' && (this.#failing || (this.#keysVersion !== '' && answer.keysVersion !== this.#keysVersion));
      this.#failing = false;
      this.#keysVersion = answer.keysVersion;
      return { ...answer, keysChanged };
    } catch (error) {
      if (!this.#failing) log.warn({ err: error, log: this.source.subject }, 'revocations cannot be read for now');
      this.#failing = true;
      return undefined;
    } finally {
      this.#reading = false;
    }
  }
}
