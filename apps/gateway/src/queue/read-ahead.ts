import type { FetchedPage } from './queue.js';

type Entry = FetchedPage['entries'][number];
interface Position {
  readonly id: bigint;
  readonly seq: bigint;
}

/** What was read from the store and waits for room at the connection, in order. */
export class ReadAhead {
  #entries: Entry[] = [];
  #taken = 0;
  #end: Position | undefined;

  get length(): number {
    return this.#entries.length - this.#taken;
  }

  /** Position of the last row that was read, whether or not this device may see it; undefined when nothing waits. */
  get end(): Position | undefined {
    return this.length > 0 ? this.#end : undefined;
  }

  append(entries: readonly Entry[], end: Position): void {
    this.#entries = this.#entries.slice(this.#taken).concat(entries);
    this.#taken = 0;
    this.#end = end;
  }

  /** The first of what waits, and the position that the device has reached when it is written. */
  take(count: number): { entries: readonly Entry[]; at: Position } {
    const entries = this.#entries.slice(this.#taken, this.#taken + count);
    this.#taken += entries.length;
    const last = entries.at(-1)!;
    const at = this.length > 0 ? { id: last.id, seq: last.seq } : this.#end!;
    if (this.length === 0) this.clear();
    return { entries, at };
  }

  clear(): void {
    this.#entries = [];
    this.#taken = 0;
  }
}
