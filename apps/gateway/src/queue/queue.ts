/** A message of the live stream, as far as this queue is concerned. */
export interface LiveEntry {
  readonly id: bigint;
  readonly seq: bigint;
  /** Complete Meta for the client; undefined where this device gets no copy (its own message, say). */
  readonly meta: Uint8Array | undefined;
}

/** A page read from the store. */
export interface FetchedPage {
  readonly entries: readonly { readonly id: bigint; readonly seq: bigint; readonly meta: Uint8Array }[];
  /** Position of the last row read, visible to this device or not; the start if there was none. */
  readonly lastId: bigint;
  readonly lastSeq: bigint;
  readonly hasMore: boolean;
}

/** What a queue can make its session do. */
export interface QueueOutput {
  /** Sends a page. With `askAck` the client answers with this key, which acknowledges everything up to it. */
  page(metas: readonly Uint8Array[], nextKey: bigint | undefined, askAck: boolean): void;
  /** Reads the store after a position, or after the device's stored cursor. The answer comes to `fetched` or `fetchFailed`. */
  fetch(afterId: bigint | undefined, limit: number): void;
  /** The device has acknowledged everything up to here. `cursorStored` is called when the store knows. */
  moveCursor(id: bigint, seq: bigint): void;
  /** Room for messages in doubt (see DoubtBudget): how many of `wanted` may be written. */
  reserve(wanted: number): number;
  /** Gives room back. */
  release(count: number): void;
  /** Calls `resume` when there is room again. */
  waitForRoom(): void;
  /** False while the socket's buffer is full. */
  writable(): boolean;
}

/** Most messages of one page. */
const PAGE_ENTRIES = 100;

/**
 * One queue (conversation) of one connection. Invariant: everything up to `pushed` was written to this socket, in
 * order, each message once. What arrives live right after `pushed` is pushed at once; anything else (first contact, a
 * gap, a full buffer, too much in doubt) is read from the store, page by page, each page waiting for the
 * client's acknowledgement of the one before. Lost live events therefore cost a read, never a message.
 */
export class Queue {
  /** Position up to which everything was written to the socket; undefined until the store was asked. */
  #pushed: { id: bigint; seq: bigint } | undefined;
  #acked = 0n;
  /** The position whose acknowledgement the client owes. */
  #asked: { id: bigint; seq: bigint } | undefined;
  #unacknowledged = 0;
  /** Ids written to the socket whose acknowledgement the store does not know yet, oldest first. */
  #inDoubt: bigint[] = [];
  #reserved = 0;
  #fetching = false;
  /** There is, or may be, something in the store after `pushed`. */
  #behind = false;
  /** The highest position heard of. */
  #seenSeq = 0n;
  /** The client asked for a page and has not been answered yet. */
  #owesAnswer = false;

  constructor(
    /** 0 until known. */
    public conversationId: bigint,
    private readonly out: QueueOutput,
  ) {}

  /** Live messages of this conversation, in the order they came. */
  live(entries: readonly LiveEntry[]): void {
    for (const { seq } of entries) if (seq > this.#seenSeq) this.#seenSeq = seq;
    if (!this.#pushed) {
      this.#behind = true;
      this.#catchUp();
      return;
    }
    const metas: Uint8Array[] = [];
    for (const entry of entries) {
      if (entry.seq <= this.#pushed.seq) continue;
      const next = entry.seq === this.#pushed.seq + 1n && !this.#behind && !this.#fetching;
      if (!next || (entry.meta && (!this.out.writable() || this.out.reserve(1) === 0))) {
        this.#behind = true;
        break;
      }
      this.#pushed = { id: entry.id, seq: entry.seq };
      if (!entry.meta) continue;
      metas.push(entry.meta);
      this.#unacknowledged++;
      this.#inDoubt.push(entry.id);
    }
    if (metas.length > 0) this.#push(metas);
    else this.#passOwn();
    if (this.#behind) this.#catchUp();
  }

  /** The client asks for what is new in this queue, or acknowledges by repeating the key of a page. */
  clientSync(key: bigint | undefined): void {
    if (key !== undefined) this.#acknowledge(key);
    this.#owesAnswer = true;
    if (!this.#pushed) this.#behind = true;
    if (this.#behind) {
      if (this.out.writable()) this.#catchUp();
      return;
    }
    this.#answer();
  }

  fetched(page: FetchedPage): void {
    this.#fetching = false;
    this.#giveBack(this.#reserved - page.entries.length);
    this.#reserved = 0;
    const base = this.#pushed;
    const moved = !base || page.lastId > base.id;
    if (moved) this.#pushed = { id: page.lastId, seq: page.lastSeq };
    // Nothing after `pushed` although something was heard of: the store is the truth.
    else if (!page.hasMore) this.#seenSeq = base.seq;
    this.#behind = page.hasMore || this.#seenSeq > this.#pushed!.seq;
    if (page.entries.length > 0) {
      this.#unacknowledged += page.entries.length;
      this.#inDoubt.push(...page.entries.map((entry) => entry.id));
      this.#owesAnswer = false;
      this.#push(page.entries.map((entry) => entry.meta));
      return;
    }
    this.#passOwn();
    if (this.#behind) this.#catchUp();
    else if (this.#owesAnswer) this.#answer();
  }

  /** The store could not be read; the caller tries again later with `resume`. */
  fetchFailed(): void {
    this.#fetching = false;
    this.#behind = true;
    this.#giveBack(this.#reserved);
    this.#reserved = 0;
  }

  /** The store knows what the device has acknowledged: should it come back, it will not get this again. */
  cursorStored(id: bigint): void {
    const still = this.#inDoubt.findIndex((one) => one > id);
    const settled = this.#inDoubt.splice(0, still === -1 ? this.#inDoubt.length : still);
    this.#giveBack(settled.length);
  }

  /** Goes on after a failed read or when the socket has drained. */
  resume(): void {
    if (this.#behind) this.#catchUp();
  }

  /** The queue is given up for another of the same name. */
  abandon(): void {
    this.#giveBack(this.#inDoubt.length + this.#reserved);
    this.#inDoubt = [];
    this.#reserved = 0;
  }

  #catchUp(): void {
    if (this.#fetching) return;
    // A page that waits for its acknowledgement holds the next one back: the client sets the pace.
    if (this.#asked && !this.#owesAnswer) return;
    if (!this.out.writable()) return;
    this.#reserved = this.out.reserve(PAGE_ENTRIES);
    if (this.#reserved === 0) {
      this.out.waitForRoom();
      // Room comes back with acknowledgements, so ask for those that nobody has asked for.
      if (this.#owesAnswer && !this.#asked && this.#unacknowledged > 0) this.#answer();
      return;
    }
    this.#fetching = true;
    this.#behind = false;
    this.out.fetch(this.#pushed?.id, this.#reserved);
  }

  #giveBack(count: number): void {
    if (count > 0) this.out.release(count);
  }

  #push(metas: readonly Uint8Array[]): void {
    const at = this.#pushed!;
    const askAck = !this.#asked;
    if (askAck) this.#asked = at;
    this.out.page(metas, at.id, askAck);
  }

  /** An empty page ends the client's round, or asks for what was pushed meanwhile without being acknowledged. */
  #answer(): void {
    this.#owesAnswer = false;
    const at = this.#pushed!;
    if (!this.#asked && this.#unacknowledged > 0) {
      this.#asked = at;
      this.out.page([], at.id, true);
    } else {
      this.out.page([], undefined, false);
    }
  }

  #acknowledge(key: bigint): void {
    if (!this.#asked || key !== this.#asked.id) return;
    const { id, seq } = this.#asked;
    this.#asked = undefined;
    if (id === this.#pushed?.id) this.#unacknowledged = 0;
    this.#moveTo(id, seq);
  }

  /** Rows that this device does not get need no acknowledgement once everything before them has one. */
  #passOwn(): void {
    if (this.#unacknowledged === 0 && !this.#asked && this.#pushed) this.#moveTo(this.#pushed.id, this.#pushed.seq);
  }

  #moveTo(id: bigint, seq: bigint): void {
    if (id <= this.#acked || id === 0n) return;
    this.#acked = id;
    this.out.moveCursor(id, seq);
  }
}
