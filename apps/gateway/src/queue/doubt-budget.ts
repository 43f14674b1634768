/**
 * Messages written to a connection whose acknowledgement the store does not know yet are in doubt: when the connection or
 * the gateway is lost they are delivered again. The official SDKs drop what is among the last hundred ids they have seen,
 * over all conversations together, so no more than this is ever written from the oldest message in doubt on.
 */
export const DOUBT_LIMIT = 90;

/** From here on acknowledgements are stored at once instead of with the next batch. */
const HURRY_FROM = 60;

/** The room of one session: a window over everything that was written to it, in that order. */
export class DoubtBudget {
  #next = 0;
  #oldest = 0;
  /** Settled, with something older still in doubt. */
  readonly #settled = new Set<number>();
  #awaited = 0;

  /** How many more messages may be written now. */
  get room(): number {
    return DOUBT_LIMIT - (this.#next - this.#oldest);
  }

  /** Little is left: acknowledgements should reach the store soon. */
  get scarce(): boolean {
    return DOUBT_LIMIT - this.room >= HURRY_FROM;
  }

  /** The client has acknowledged all that it was asked to. */
  get isAnswered(): boolean {
    return this.#awaited === 0;
  }

  /** Counts a page as one that the client was asked to acknowledge. */
  asked(): void {
    this.#awaited++;
  }

  /** The client has acknowledged such a page, or it is given up. */
  answered(): void {
    this.#awaited--;
  }

  /** Counts one message as written. @returns its place, for `settle` */
  take(): number {
    return this.#next++;
  }

  /** The store knows that this one was acknowledged, or it is given up. */
  settle(place: number): void {
    this.#settled.add(place);
    while (this.#settled.delete(this.#oldest)) this.#oldest++;
  }
}
