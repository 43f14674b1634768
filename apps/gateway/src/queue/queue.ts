import type { DoubtBudget } from './doubt-budget.js';

/** A row of a timeline on its way to one device. */
export interface FeedRow {
  readonly conversationId: bigint;
  /** The name of the queue. */
  readonly peer: string;
  readonly id: bigint;
  readonly seq: bigint;
  /** Complete Meta for the client; undefined where this device gets no copy (its own message, say). */
  readonly meta: Uint8Array | undefined;
}

export interface Position {
  readonly id: bigint;
  readonly seq: bigint;
}

/** What a queue can make its session do. */
export interface QueueOutput {
  /** Sends a page, which covers the rows from `firstId`, after `previous`, up to `position`. With `askAck` the client answers with this key, which acknowledges everything up to it. */
  page(metas: readonly Uint8Array[], nextKey: bigint | undefined, askAck: boolean, rows?: { readonly firstId: bigint; readonly previous: bigint; readonly position: bigint }): void;
  /** The device has acknowledged everything up to here. `cursorStored` is called when the store knows. */
  moveCursor(id: bigint, seq: bigint): void;
}

/**
 * One queue (conversation) of one connection: what was written, and what the client has acknowledged of it. Everything up
 * to `position` was written to this socket, in order, each message once; what comes next is the Feed's business.
 */
export class Queue {
  #written: Position | undefined;
  #acked = 0n;
  /** The position whose acknowledgement the client owes. */
  #asked: Position | undefined;
  #unacknowledged = 0;
  /** Written, and the store does not know that it was acknowledged; oldest first. */
  #inDoubt: { readonly id: bigint; readonly place: number }[] = [];
  /** The client asked for this queue and has not been answered yet. */
  #owesAnswer = false;

  constructor(
    /** 0 until known. */
    public conversationId: bigint,
    private readonly doubt: DoubtBudget,
    private readonly out: QueueOutput,
  ) {}

  /** Up to where everything was written; undefined until the first row was. */
  get position(): Position | undefined {
    return this.#written;
  }

  /** The next rows, which follow directly on the position, as one page. */
  write(rows: readonly FeedRow[]): void {
    const metas: Uint8Array[] = [];
    for (const { id, meta } of rows) {
      if (!meta) continue;
      metas.push(meta);
      this.#inDoubt.push({ id, place: this.doubt.take() });
    }
    const last = rows.at(-1)!;
    this.#written = { id: last.id, seq: last.seq };
    if (metas.length === 0) return this.#passOwn();
    this.#unacknowledged += metas.length;
    const askAck = !this.#asked;
    if (askAck) {
      this.#ask(this.#written);
      this.#owesAnswer = false;
    }
    this.out.page(metas, last.id, askAck, { firstId: rows[0]!.id, previous: rows[0]!.seq - 1n, position: last.seq });
  }

  /** The client asks for what is new in this queue, or acknowledges by repeating the key of a page. */
  clientSync(key: bigint | undefined): void {
    if (key !== undefined) this.#acknowledge(key);
    this.#owesAnswer = true;
    // What was pushed meanwhile is asked for in one, cumulative, acknowledgement.
    if (!this.#asked && this.#unacknowledged > 0) this.#answer();
  }

  /** There is nothing to read for this session: a client that waits learns that the queue ends here. */
  level(): void {
    if (this.#owesAnswer) this.#answer();
  }

  get owesAnswer(): boolean {
    return this.#owesAnswer;
  }

  /** The store knows what the device has acknowledged: should it come back, it will not get this again. */
  cursorStored(id: bigint): void {
    const still = this.#inDoubt.findIndex((one) => one.id > id);
    for (const { place } of this.#inDoubt.splice(0, still === -1 ? this.#inDoubt.length : still)) this.doubt.settle(place);
  }

  /** The queue is given up for another of the same name. */
  abandon(): void {
    for (const { place } of this.#inDoubt) this.doubt.settle(place);
    this.#inDoubt = [];
    if (this.#asked) this.#answered();
  }

  #ask(position: Position): void {
    this.#asked = position;
    this.doubt.asked();
  }

  #answered(): void {
    this.#asked = undefined;
    this.doubt.answered();
  }

  /** An empty page ends the client's round, or asks for what was written without being acknowledged. */
  #answer(): void {
    this.#owesAnswer = false;
    if (!this.#asked && this.#unacknowledged > 0) {
      this.#ask(this.#written!);
      this.out.page([], this.#written!.id, true);
    } else {
      this.out.page([], undefined, false);
    }
  }

  #acknowledge(key: bigint): void {
    if (!this.#asked || key !== this.#asked.id) return;
    const { id, seq } = this.#asked;
    this.#answered();
    if (id === this.#written?.id) this.#unacknowledged = 0;
    this.#moveTo(id, seq);
  }

  /** Rows that this device does not get need no acknowledgement once everything before them has one. */
  #passOwn(): void {
    if (this.#unacknowledged === 0 && !this.#asked && this.#written) this.#moveTo(this.#written.id, this.#written.seq);
  }

  #moveTo(id: bigint, seq: bigint): void {
    if (id <= this.#acked || id === 0n) return;
    this.#acked = id;
    this.out.moveCursor(id, seq);
  }
}
