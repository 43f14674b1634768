import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { DOUBT_LIMIT, DoubtBudget } from './doubt-budget.js';
import { type FetchedPage, Queue, type QueueOutput } from './queue.js';

interface Row {
  id: bigint;
  seq: bigint;
  own: boolean;
}

/** A timeline, the socket's far end and everything between them, in the test's hands. */
class Scene implements QueueOutput {
  readonly rows: Row[] = [];
  /** What the client got, in order. */
  readonly received: bigint[] = [];
  /** Keys that the client was asked to repeat and has not. */
  readonly asked: bigint[] = [];
  readonly fetches: (bigint | undefined)[] = [];
  readonly #limits: number[] = [];
  /** Cursor moves on their way to the store. */
  readonly moves: bigint[] = [];
  readonly doubt = new DoubtBudget();
  emptyAnswers = 0;
  cursor = { id: 0n, seq: 0n };
  full = false;
  reading = false;
  pageSize = 3;
  readonly queue = new Queue(1n, this);

  page(metas: readonly Uint8Array[], nextKey: bigint | undefined, askAck: boolean): void {
    for (const meta of metas) this.received.push(new DataView(meta.buffer).getBigUint64(0));
    if (askAck) this.asked.push(nextKey!);
    if (metas.length === 0 && !askAck) this.emptyAnswers++;
  }
  fetch(afterId: bigint | undefined, limit: number): void {
    this.reading = true;
    this.fetches.push(afterId);
    this.#limits.push(limit);
  }
  readDone(): void {
    this.reading = this.fetches.length > 0;
  }
  moveCursor(id: bigint, seq: bigint): void {
    this.cursor = { id, seq };
    this.moves.push(id);
  }
  reserve(wanted: number): number {
    return this.doubt.reserve(wanted);
  }
  release(count: number): void {
    this.doubt.release(count);
  }
  waitForRoom(): void {
    this.doubt.wait(this.queue);
  }
  writable(): boolean {
    return !this.full;
  }

  store(own = false): Row {
    const seq = BigInt(this.rows.length + 1);
    const row = { id: seq * 10n, seq, own };
    this.rows.push(row);
    return row;
  }
  deliver(...rows: Row[]): void {
    this.queue.live(rows.map((row) => ({ id: row.id, seq: row.seq, meta: row.own ? undefined : metaOf(row) })));
  }
  /** The store answers the oldest read. */
  answerFetch(): void {
    if (this.fetches.length === 0) return;
    const after = this.fetches.shift() ?? this.cursor.id;
    const size = Math.min(this.pageSize, this.#limits.shift()!);
    const found = this.rows.filter((row) => row.id > after).slice(0, size);
    const last = found.at(-1) ?? { id: after, seq: this.rows.find((row) => row.id === after)?.seq ?? 0n };
    const page: FetchedPage = {
      entries: found.filter((row) => !row.own).map((row) => ({ id: row.id, seq: row.seq, meta: metaOf(row) })),
      lastId: last.id,
      lastSeq: last.seq,
      hasMore: found.length === size,
    };
    this.queue.fetched(page);
  }
  acknowledge(): void {
    const key = this.asked.shift();
    if (key !== undefined) this.queue.clientSync(key);
  }
  failFetch(): void {
    if (this.fetches.length === 0) return;
    this.fetches.shift();
    this.#limits.shift();
    this.queue.fetchFailed();
  }
  /** The store has the oldest cursor move. */
  storeCursor(): void {
    const id = this.moves.shift();
    if (id === undefined) return;
    this.#lastStored = id;
    this.queue.cursorStored(id);
  }
  /** Written to the socket, and the store does not know that it was acknowledged. */
  get inDoubt(): number {
    return this.received.filter((id) => id > this.storedCursor).length;
  }
  get storedCursor(): bigint {
    return this.moves.length > 0 ? (this.#lastStored ?? 0n) : this.cursor.id;
  }
  #lastStored: bigint | undefined;
  settle(): void {
    for (let i = 0; i < 2_000 && (this.fetches.length > 0 || this.asked.length > 0 || this.moves.length > 0); i++) {
      this.answerFetch();
      this.acknowledge();
      this.storeCursor();
    }
  }
  get expected(): bigint[] {
    return this.rows.filter((row) => !row.own).map((row) => row.id);
  }
}

function metaOf(row: Row): Uint8Array {
  const bytes = new Uint8Array(8);
  new DataView(bytes.buffer).setBigUint64(0, row.id);
  return bytes;
}

describe('a queue of one connection', () => {
  it('reads the store at first contact and pushes directly from then on', () => {
    const scene = new Scene();
    scene.deliver(scene.store());
    expect(scene.fetches).toEqual([undefined]);
    scene.settle();
    scene.deliver(scene.store());
    expect(scene.fetches).toEqual([]);
    expect(scene.received).toEqual([10n, 20n]);
  });

  it('asks for one cumulative acknowledgement of a burst', () => {
    const scene = new Scene();
    scene.queue.clientSync(undefined);
    scene.settle();
    for (let i = 0; i < 10; i++) scene.deliver(scene.store());
    expect(scene.asked).toEqual([10n]);
    scene.acknowledge();
    expect(scene.asked).toEqual([100n]);
    scene.acknowledge();
    expect(scene.cursor).toEqual({ id: 100n, seq: 10n });
  });

  it('fills a gap from the store, in order and without repeating', () => {
    const scene = new Scene();
    scene.queue.clientSync(undefined);
    scene.settle();
    const [first, , third] = [scene.store(), scene.store(), scene.store()];
    scene.deliver(first);
    scene.deliver(third);
    scene.settle();
    expect(scene.received).toEqual([10n, 20n, 30n]);
  });

  it('stops pushing when too much is in doubt, and goes on from the store', () => {
    const scene = new Scene();
    scene.queue.clientSync(undefined);
    scene.settle();
    for (let i = 0; i < DOUBT_LIMIT + 20; i++) scene.deliver(scene.store());
    expect(scene.received).toHaveLength(DOUBT_LIMIT);
    scene.acknowledge();
    scene.acknowledge();
    // Acknowledged, but a gateway that dies now has not told the store.
    expect(scene.received).toHaveLength(DOUBT_LIMIT);
    scene.settle();
    expect(scene.received).toEqual(scene.expected);
  });

  it('moves the cursor over messages that this device sent itself', () => {
    const scene = new Scene();
    scene.deliver(scene.store(true));
    scene.settle();
    expect(scene.received).toEqual([]);
    expect(scene.cursor.seq).toBe(1n);
  });

  it('answers every request of the client, also for a queue in which nothing was ever said', () => {
    const scene = new Scene();
    scene.queue.clientSync(undefined);
    scene.settle();
    expect(scene.emptyAnswers).toBe(1);
  });

  it('goes on where it was after a failed read', () => {
    const scene = new Scene();
    scene.deliver(scene.store());
    scene.failFetch();
    scene.queue.resume();
    scene.settle();
    expect(scene.received).toEqual([10n]);
  });

  it('delivers everything once and in order, whatever is lost, repeated, late or slow', () => {
    const step = fc.oneof(
      { weight: 6, arbitrary: fc.constantFrom('send', 'sendOwn', 'sendLost') },
      { weight: 3, arbitrary: fc.constantFrom('fetch', 'ack', 'sync', 'storeCursor') },
      { weight: 2, arbitrary: fc.constantFrom('repeat', 'swap', 'fill', 'drain', 'failFetch') },
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 300 }), (steps) => {
        const scene = new Scene();
        for (const what of steps) {
          if (what === 'send') scene.deliver(scene.store());
          else if (what === 'sendOwn') scene.deliver(scene.store(true));
          else if (what === 'sendLost') scene.store();
          else if (what === 'fetch') scene.answerFetch();
          else if (what === 'ack') scene.acknowledge();
          else if (what === 'sync') scene.queue.clientSync(undefined);
          else if (what === 'storeCursor') scene.storeCursor();
          else if (what === 'repeat') scene.deliver(...scene.rows.slice(-2));
          else if (what === 'swap') {
            const [a, b] = [scene.store(), scene.store()];
            scene.deliver(b);
            scene.deliver(a);
          } else if (what === 'fill') scene.full = true;
          else if (what === 'drain') {
            scene.full = false;
            scene.queue.resume();
          } else scene.failFetch();
          expect(scene.inDoubt).toBeLessThanOrEqual(DOUBT_LIMIT);
        }
        scene.full = false;
        scene.queue.resume();
        scene.settle();
        // The heartbeat: a client asks again for what the store says is unread.
        scene.deliver(scene.store());
        scene.settle();
        expect(scene.received).toEqual(scene.expected);
        expect(scene.cursor.seq).toBe(BigInt(scene.rows.length));
        // Whoever waits for its turn to read is not forgotten.
        expect(scene.reading).toBe(false);
      }),
      { numRuns: 500 },
    );
  });
});
