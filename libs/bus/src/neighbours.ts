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
  readonly #responders = new Map<string, Set<Responder>>();
  readonly #listeners = new Map<string, Set<Listener>>();

  serve(subject: string, responder: Responder): Subscription {
    return entered(this.#responders, subject, responder);
  }

  listen(subject: string, listener: Listener): Subscription {
    return entered(this.#listeners, subject, listener);
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
    const listeners = this.#listeners.get(subject);
    if (!listeners) return;
    queueMicrotask(() => {
      for (const listener of listeners) listener(news);
    });
  }
}

function entered<T>(map: Map<string, Set<T>>, subject: string, one: T): Subscription {
  const known = map.get(subject);
  if (known) known.add(one);
  else map.set(subject, new Set([one]));
  return {
    unsubscribe: () => {
      const still = map.get(subject);
      if (still?.delete(one) && still.size === 0) map.delete(subject);
    },
  };
}
