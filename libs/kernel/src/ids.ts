/** Message ids count milliseconds from here (2020-01-01T00:00:00Z), which keeps them positive int64 until 2089. */
export const ID_EPOCH_MS = 1_577_836_800_000;

const NODE_MADE = 1n << 21n;

/**
 * Ids for what is never stored (typing indicators, kick notices), made without asking the store.
 * Layout: 41 bits of milliseconds, 1 bit "made by a node", 9 bits of node, 12 bits of counter. Stored messages get
 * theirs from the database with that bit clear, so the two never meet.
 */
export class EphemeralIds {
  readonly #node: bigint;
  readonly #now: () => number;
  #lastMs = 0;
  #counter = 0;

  constructor(node: number = Math.floor(Math.random() * 512), now: () => number = Date.now) {
    this.#node = BigInt(node & 0x1ff) << 12n;
    this.#now = now;
  }

  /** A uint64 that grows with every call of this instance. */
  next(): bigint {
    let ms = Math.max(this.#now(), this.#lastMs);
    if (ms === this.#lastMs && ++this.#counter > 0xfff) ms++;
    if (ms !== this.#lastMs) {
      this.#lastMs = ms;
      this.#counter = 0;
    }
    return (BigInt(ms - ID_EPOCH_MS) << 22n) | NODE_MADE | this.#node | BigInt(this.#counter);
  }
}

/** Whether the id was made here, for something that is stored nowhere. */
export function isEphemeralId(id: bigint): boolean {
  return (id & NODE_MADE) !== 0n;
}

/** Milliseconds since 1970 at which the id was made. */
export function idToMilliseconds(id: bigint): number {
  return Number(id >> 22n) + ID_EPOCH_MS;
}
