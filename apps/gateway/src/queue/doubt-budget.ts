/**
 * Messages written to a connection whose acknowledgement the store does not know yet. When the connection or the gateway
 * is lost they are delivered again. The official SDKs drop what is among the last hundred ids they have seen, over all
 * conversations together, so no more than that may ever be in doubt.
 */
export const DOUBT_LIMIT = 90;

/** From here on acknowledgements are stored at once instead of with the next batch. */
const HURRY_FROM = 60;

/** A page is not begun with less room than this: many small ones would take as long as the large one. */
const LEAST_PAGE = 30;

/** What waits for room. */
interface Waiting {
  resume(): void;
}

/** The room of one session, shared by its queues. */
export class DoubtBudget {
  #taken = 0;
  readonly #waiting = new Set<Waiting>();

  /** Little is left: acknowledgements should reach the store soon. */
  get scarce(): boolean {
    return this.#taken >= HURRY_FROM || this.#waiting.size > 0;
  }

  /**
   * Takes room for up to `wanted` messages: all that is left, unless that is too little for a page. Single messages do not
   * push past those that wait for a page.
   * @returns how many may be written; 0 = none now
   */
  reserve(wanted: number): number {
    const left = DOUBT_LIMIT - this.#taken;
    const least = wanted > 1 ? Math.min(wanted, LEAST_PAGE) : this.#waiting.size > 0 ? LEAST_PAGE : 1;
    const granted = left < least ? 0 : Math.min(wanted, left);
    this.#taken += granted;
    return granted;
  }

  /** Gives room back, and lets those that wait for it go on. */
  release(count: number): void {
    this.#taken -= count;
    for (const queue of [...this.#waiting]) {
      if (this.#taken >= DOUBT_LIMIT) return;
      this.#waiting.delete(queue);
      queue.resume();
    }
  }

  wait(queue: Waiting): void {
    this.#waiting.add(queue);
  }
}
