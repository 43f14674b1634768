interface Peer {
  window: number;
  reserved: number;
  taken: number;
  demand: number;
}

/** The part of what is free that does not follow demand. */
const EVENLY = 0.2;
/** Where nobody has asked yet, all have the same. */
const LITTLE = 0.01;

export interface Taken {
  readonly granted: boolean;
  /** What this replica knows to be left for it, at least. */
  readonly remaining: number;
}

/**
 * One rate of one app as one replica sees it. The replica holds a ceiling for the present window and grants up to it
 * without asking. When all others have been heard, the ceiling moves: a part of what is free, by how much is asked for here
 * and there. Since others are told the ceiling and not the use, what is granted together stays within the limit; only
 * where several replicas meet a rate for the first time in the same moment may it be exceeded, by a share.
 */
export class Share {
  #window = -1;
  #taken = 0;
  #ceiling = 0;
  #demand = 0;
  /** What the others were last told of the demand here. */
  #told = 0;
  /** Taken in this window before this process began to count, by whomever. */
  #before = 0;
  /** The part of it that no replica of today reports. */
  #lost = 0;
  readonly #peers = new Map<string, Peer>();

  constructor(public limit: number) {}

  get window(): number {
    return this.#window;
  }

  /** Taken here, and by others as far as known. */
  get total(): number {
    return this.#taken + Math.max(this.#ofOthers('taken') + this.#lost, this.#before);
  }

  /** @param replicas the others that are alive */
  take(count: number, window: number, replicas: ReadonlySet<string>): Taken {
    if (window !== this.#window) this.#begin(window, replicas);
    this.#demand += count;
    const left = Math.min(this.#ceiling, this.limit) - this.#taken;
    if (count > left && !this.#isIdle(count, replicas)) return { granted: false, remaining: Math.max(0, left) };
    this.#taken += count;
    return { granted: true, remaining: Math.max(0, left - count) };
  }

  /** Undoes a `take` of that window, if it is not over. What was asked for stays asked for. */
  giveBack(count: number, window: number): void {
    if (window === this.#window) this.#taken -= count;
  }

  /** What an earlier process of this installation had taken in the window. */
  known(window: number, taken: number): void {
    if (window !== this.#window) return;
    this.#before = Math.max(this.#before, taken);
    this.#ceiling = Math.min(this.#ceiling, Math.max(this.#taken, this.limit - this.#before));
  }

  heard(replica: string, peer: Peer): void {
    this.#peers.set(replica, peer);
  }

  /** Moves the ceiling, after all others were heard. */
  share(replicas: ReadonlySet<string>): void {
    if (this.#window < 0) return;
    if (this.#before > 0) {
      this.#lost = Math.max(0, this.#before - this.#ofOthers('taken'));
      this.#before = 0;
    }
    this.#ceiling = this.#taken + this.#part(this.limit - this.#taken - this.#lost - this.#ofOthers('reserved'), replicas);
  }

  /** What to tell the others now; undefined when there is nothing. */
  report(window: number): { reserved: number; taken: number; demand: number } | undefined {
    if (window !== this.#window) return undefined;
    this.#told = Math.max(this.#demand, this.#told / 2);
    this.#demand = 0;
    return { reserved: Math.max(this.#ceiling, this.#taken), taken: this.#taken, demand: this.#told };
  }

  #begin(window: number, replicas: ReadonlySet<string>): void {
    this.#window = window;
    this.#taken = 0;
    this.#before = 0;
    this.#lost = 0;
    for (const [replica, peer] of this.#peers) if (peer.window < window && !replicas.has(replica)) this.#peers.delete(replica);
    this.#ceiling = this.#part(this.limit - this.#ofOthers('reserved'), replicas);
  }

  /**
   * By what each has last told of its demand, so that all replicas reckon with the same numbers. A fifth is shared evenly:
   * a burst at a quiet replica finds something. Rounded up, so that the last one of a small rate can be taken by somebody.
   */
  #part(free: number, replicas: ReadonlySet<string>): number {
    if (free <= 0) return 0;
    const known = [...replicas].map((one) => (this.#peers.get(one)?.demand ?? 0) + LITTLE);
    const own = this.#told + LITTLE;
    const byDemand = own / known.reduce((sum, one) => sum + one, own);
    return Math.ceil(free * ((1 - EVENLY) * byDemand + EVENLY / (replicas.size + 1)));
  }

  /**
   * Whether next to nothing is used, by anybody. Others may have reserved all of it in a window in which they did not know of
   * this replica (it has just started, or stood still): that must refuse nobody.
   */
  #isIdle(count: number, replicas: ReadonlySet<string>): boolean {
    return this.total + count <= (this.limit * EVENLY) / (replicas.size + 1);
  }

  /** Also of those that have died since: what they took is taken. */
  #ofOthers(what: 'reserved' | 'taken'): number {
    let sum = 0;
    for (const peer of this.#peers.values()) if (peer.window === this.#window) sum += peer[what];
    return sum;
  }
}
