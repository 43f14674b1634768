import { ReadAhead } from './read-ahead.js';

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
  /** Nothing that was read waits any more: another queue may read. */
  readDone(): void;
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
/** Rows of one read; the next one begins when fewer than a page of them wait. */
const READ_ENTRIES = 200;

/**
 * One queue (conversation) of one connection. Invariant: everything up to `pushed` was written to this socket, in
 * order, each message once. What arrives live right after `pushed` is pushed at once; anything else (first contact, a
 * gap, a full buffer, too much in doubt) is read from the store, ahead of the client, and written page by page, each page
 * waiting for the client's acknowledgement of the one before. Lost live events therefore cost a read, never a message.
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
  /** Read and not yet written: begins right after `pushed`. */
  readonly #ahead = new ReadAhead();
  #fetching = false;
  /** There is, or may be, something in the store after what was read. */
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
      const next = entry.seq === this.#pushed.seq + 1n && this.#isLevel;
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
    if (this.#isLevel) this.#answer();
    else this.#catchUp();
  }

  fetched(page: FetchedPage): void {
    this.#fetching = false;
    const base = this.#ahead.end ?? this.#pushed;
    const end = !base || page.lastId > base.id ? { id: page.lastId, seq: page.lastSeq } : base;
    // Nothing after what was read although something was heard of: the store is the truth.
    if (end === base && !page.hasMore) this.#seenSeq = base.seq;
    this.#behind = page.hasMore || this.#seenSeq > end.seq;
    if (page.entries.length > 0 || this.#ahead.length > 0) this.#ahead.append(page.entries, end);
    else {
      this.#pushed = end;
      this.#passOwn();
    }
    this.#catchUp();
    if (this.#owesAnswer && this.#isLevel) this.#answer();
  }

  /** The store could not be read; the caller tries again later with `resume`. */
  fetchFailed(): void {
    this.#fetching = false;
    this.#behind = true;
  }

  /** The store knows what the device has acknowledged: should it come back, it will not get this again. */
  cursorStored(id: bigint): void {
    const still = this.#inDoubt.findIndex((one) => one > id);
    const settled = this.#inDoubt.splice(0, still === -1 ? this.#inDoubt.length : still);
    this.#giveBack(settled.length);
  }

  /** Goes on after a failed read or when the socket has drained. */
  resume(): void {
    this.#catchUp();
  }

  /** The queue is given up for another of the same name. */
  abandon(): void {
    this.#giveBack(this.#inDoubt.length);
    this.#inDoubt = [];
    this.#ahead.clear();
    this.out.readDone();
  }

  /** Everything that was heard of is written: what comes next may be pushed as it comes. */
  get #isLevel(): boolean {
    return !this.#behind && !this.#fetching && this.#ahead.length === 0;
  }

  #catchUp(): void {
    this.#writeAhead();
    this.#readAhead();
    if (!this.#fetching && this.#ahead.length === 0) this.out.readDone();
  }

  #writeAhead(): void {
    if (this.#ahead.length === 0) return;
    // A page that waits for its acknowledgement holds the next one back: the client sets the pace.
    if (this.#asked && !this.#owesAnswer) return;
    if (!this.out.writable()) return;
    const room = this.out.reserve(Math.min(this.#ahead.length, PAGE_ENTRIES));
    if (room === 0) {
      this.out.waitForRoom();
      // Room comes back with acknowledgements, so ask for those that nobody has asked for.
      if (this.#owesAnswer && !this.#asked && this.#unacknowledged > 0) this.#answer();
      return;
    }
    const { entries, at } = this.#ahead.take(room);
    this.#pushed = at;
    this.#unacknowledged += entries.length;
    this.#inDoubt.push(...entries.map((entry) => entry.id));
    this.#owesAnswer = false;
    this.#push(entries.map((entry) => entry.meta));
  }

  #readAhead(): void {
    if (!this.#behind || this.#fetching || this.#ahead.length >= PAGE_ENTRIES || !this.out.writable()) return;
    this.#fetching = true;
    this.#behind = false;
    this.out.fetch((this.#ahead.end ?? this.#pushed)?.id, READ_ENTRIES);
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
