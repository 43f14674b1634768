import type { FeedRow, Position } from './queue.js';

/** What a feed can make its session do. */
export interface FeedOutput {
  /** Up to where the queue of this conversation was written, if it was. */
  position(conversationId: bigint): Position | undefined;
  /** Writes rows of one queue, which follow directly on its position. */
  write(rows: readonly FeedRow[]): void;
  /** Reads the store. The answer comes to `arrived` or `failed`. */
  read(positions: ReadonlyMap<bigint, bigint>, only: readonly bigint[]): void;
  /** How many messages may be written now (see DoubtBudget). */
  room(): number;
  /** False while the socket's buffer is full. */
  writable(): boolean;
  /** Everything that was heard of is written. */
  level(): void;
}

/** A page is not begun with less room than this, unless less waits: many small ones would take as long as the large one. */
const LEAST_PAGE = 30;
/** The next read begins when fewer rows than this wait for room. */
const READ_BELOW = 300;
/** Live rows wait here up to this number; beyond it they are read from the store later. */
const MOST_WAITING = 400;
const EVERYTHING = (1n << 64n) - 1n;

/**
 * What one connection is to get, over all its queues, in the order of ids. Rows that follow directly on what is known come
 * live; anything else (first contact, a gap, too much waiting) is read from the store. They are written in the order of
 * ids, so what an earlier gateway had written when it died, and this one writes again, always comes first and is still
 * among the ids that the client remembers. Lost live events cost a read, never a message.
 */
export class Feed {
  /** In the order of ids. */
  #waiting: FeedRow[] = [];
  /** Position of the last waiting row of each conversation. */
  readonly #tails = new Map<bigint, Position>();
  /** By conversation: what was written or is acknowledged, and the store may not know yet. */
  readonly #unstored = new Map<bigint, bigint>();
  /** The first read is of all queues: what an earlier gateway left in doubt may be in any of them. */
  #allBehind = true;
  readonly #behind = new Set<bigint>();
  #reading = false;
  /** Rows up to this id may be written: nothing older is still to come from the store. */
  #horizon = EVERYTHING;

  constructor(private readonly out: FeedOutput) {}

  /** Everything that was heard of is written, or nothing was ever heard of. */
  get isLevel(): boolean {
    return !this.#reading && this.#waiting.length === 0 && !this.#allBehind && this.#behind.size === 0;
  }

  /** Live rows of one conversation, in the order they came. */
  live(rows: readonly FeedRow[]): void {
    const { conversationId } = rows[0]!;
    for (const row of rows) {
      const tail = this.#tails.get(conversationId) ?? this.out.position(conversationId);
      if (tail && row.seq <= tail.seq) continue;
      if (!tail || row.seq !== tail.seq + 1n || this.#allBehind || this.#waiting.length >= MOST_WAITING) {
        this.#markBehind(conversationId);
        break;
      }
      this.#enqueue(row);
    }
    this.pump();
  }

  /** There may be something in the store for this conversation, or for any. */
  look(conversationId?: bigint): void {
    this.#markBehind(conversationId);
    this.pump();
  }

  /** Rows after the positions that were asked for, in the order of ids. */
  arrived(rows: readonly FeedRow[], hasMore: boolean, asked: readonly bigint[]): void {
    this.#reading = false;
    for (const row of rows) {
      const tail = this.#tails.get(row.conversationId) ?? this.out.position(row.conversationId);
      if (!tail || row.seq > tail.seq) this.#enqueue(row);
    }
    if (hasMore) {
      if (asked.length === 0) this.#allBehind = true;
      else for (const conversationId of asked) this.#behind.add(conversationId);
    }
    const complete = !hasMore && this.#behind.size === 0 && !this.#allBehind;
    const last = rows.at(-1)?.id ?? 0n;
    if (complete) this.#horizon = EVERYTHING;
    else if (last > this.#horizon) this.#horizon = last;
    this.pump();
  }

  /** The store could not be read; the caller tries again later with `pump`. */
  failed(asked: readonly bigint[]): void {
    this.#reading = false;
    if (asked.length === 0) this.#allBehind = true;
    else for (const conversationId of asked) this.#behind.add(conversationId);
  }

  /** The store's cursor of the conversation has reached this id. */
  stored(conversationId: bigint, id: bigint): void {
    if ((this.#unstored.get(conversationId) ?? 0n) <= id) this.#unstored.delete(conversationId);
  }

  /** Goes on: after a failed read, when the socket has drained, when there is room again. */
  pump(): void {
    this.#write();
    this.#read();
    if (this.isLevel) this.out.level();
  }

  #markBehind(conversationId: bigint | undefined): void {
    if (conversationId === undefined || conversationId === 0n) this.#allBehind = true;
    else this.#behind.add(conversationId);
    // What is still to be read may be older than what came live meanwhile; what waits was read before.
    if (this.#horizon === EVERYTHING) this.#horizon = this.#waiting.at(-1)?.id ?? 0n;
  }

  /** In its place: nearly always at the end. */
  #enqueue(row: FeedRow): void {
    let at = this.#waiting.length;
    while (at > 0 && this.#waiting[at - 1]!.id > row.id) at--;
    if (at === this.#waiting.length) this.#waiting.push(row);
    else this.#waiting.splice(at, 0, row);
    this.#tails.set(row.conversationId, { id: row.id, seq: row.seq });
  }

  #write(): void {
    while (this.#waiting.length > 0 && this.#waiting[0]!.id <= this.#horizon && this.out.writable()) {
      const room = this.out.room();
      let visible = 0;
      let end = 0;
      for (; end < this.#waiting.length && this.#waiting[end]!.id <= this.#horizon; end++) {
        if (this.#waiting[end]!.meta && ++visible > room) break;
      }
      // Cut short by the lack of room: better to wait for more of it.
      if (visible > room && room < LEAST_PAGE) return;
      this.#writeQueues(this.#waiting.splice(0, end));
    }
  }

  #writeQueues(rows: readonly FeedRow[]): void {
    const queues = new Map<bigint, FeedRow[]>();
    for (const row of rows) {
      const queue = queues.get(row.conversationId);
      if (queue) queue.push(row);
      else queues.set(row.conversationId, [row]);
    }
    for (const [conversationId, of] of queues) {
      const last = of.at(-1)!;
      if (this.#tails.get(conversationId)?.id === last.id) this.#tails.delete(conversationId);
      this.#unstored.set(conversationId, last.id);
      this.out.write(of);
    }
  }

  #read(): void {
    const behind = this.#allBehind || this.#behind.size > 0;
    if (!behind || this.#reading || !this.out.writable()) return;
    if ((this.#waiting[READ_BELOW - 1]?.id ?? EVERYTHING) <= this.#horizon) return;
    const only = this.#allBehind ? [] : [...this.#behind];
    this.#reading = true;
    this.#allBehind = false;
    this.#behind.clear();
    const positions = new Map(this.#unstored);
    for (const [conversationId, tail] of this.#tails) positions.set(conversationId, tail.id);
    this.out.read(positions, only);
  }
}
