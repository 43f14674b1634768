import { BusError } from './bus.error.js';
import type { Subscription } from './subscription.js';

/** Answers an encoded request. @throws whatever went wrong; who asked hears only that it failed */
export type Responder = (request: Uint8Array, traceparent: string) => Promise<Uint8Array>;
/** Never throws. */
export type Listener = (news: Uint8Array) => void;

/**
 * Who answers and who listens in this process, by subject. Buses that share a connection hand each other directly, still
 * encoded, what would otherwise go to the server and come back.
 */
export class Neighbours {
  readonly #responders: Entries<Responder> = new Map();
  readonly #listeners: Entries<Listener> = new Map();

  serve(subject: string, responder: Responder): Subscription {
    return new Entry(this.#responders, subject, responder);
  }

  listen(subject: string, listener: Listener): Subscription {
    return new Entry(this.#listeners, subject, listener);
  }

  hears(subject: string): boolean {
    return this.#listeners.has(subject);
  }

  /**
   * Asks who serves the subject here; undefined when nobody does.
   * @throws BusError timeout | remote
   */
  ask(subject: string, request: Uint8Array, { traceparent, timeoutMs }: { traceparent: string; timeoutMs: number }): Promise<Uint8Array> | undefined {
    const [responder] = this.#responders.get(subject) ?? [];
    if (!responder) return undefined;
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => reject(new BusError('timeout', subject)), timeoutMs);
      const settle = (decide: () => void) => {
        clearTimeout(timer);
        decide();
      };
      responder(request, traceparent).then(
        (reply) => settle(() => resolve(reply)),
        (error: unknown) => settle(() => reject(new BusError('remote', subject, { cause: error }))),
      );
    });
  }

  /** Listeners hear it after what runs now, in the order it was told, as they would from the server. */
  tell(subject: string, news: Uint8Array): void {
    if (!this.#listeners.has(subject)) return;
    queueMicrotask(() => {
      for (const listener of this.#listeners.get(subject) ?? []) listener(news);
    });
  }
}

/** A list is never changed, so that whoever goes through it may. */
type Entries<T> = Map<string, readonly T[]>;

/** Each user who is online has one: it holds little. */
class Entry<T> implements Subscription {
  constructor(
    private readonly entries: Entries<T>,
    private readonly subject: string,
    private readonly value: T,
  ) {
    entries.set(subject, [...(entries.get(subject) ?? []), value]);
  }

  unsubscribe(): void {
    const left = this.entries.get(this.subject)?.filter((one) => one !== this.value) ?? [];
    if (left.length > 0) this.entries.set(this.subject, left);
    else this.entries.delete(this.subject);
  }
}
