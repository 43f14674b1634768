import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { DOUBT_LIMIT, DoubtBudget } from './doubt-budget.js';
import { Feed } from './feed.js';
import { type FeedRow, Queue } from './queue.js';

/** Ids that the official SDKs remember, over all conversations. */
const REMEMBERED = 100;
const CONVERSATIONS = [1n, 2n, 3n];

interface Row {
  readonly conversationId: bigint;
  readonly id: bigint;
  readonly seq: bigint;
  /** Sent by this device: it gets no copy. */
  readonly own: boolean;
}

/** The timelines of one user, and how far his device has acknowledged them. */
class Store {
  readonly rows: Row[] = [];
  readonly cursors = new Map<bigint, bigint>();
  #nextId = 10n;

  add(conversationId: bigint, own: boolean): Row {
    const seq = BigInt(this.rows.filter((row) => row.conversationId === conversationId).length + 1);
    const row = { conversationId, id: (this.#nextId += 10n), seq, own };
    this.rows.push(row);
    return row;
  }

  after(positions: ReadonlyMap<bigint, bigint>, only: readonly bigint[], limit: number): Row[] {
    const from = ({ conversationId }: Row) => [positions.get(conversationId) ?? 0n, this.cursors.get(conversationId) ?? 0n].reduce((a, b) => (a > b ? a : b));
    return this.rows.filter((row) => row.id > from(row) && (only.length === 0 || only.includes(row.conversationId))).slice(0, limit);
  }
}

/** One connection of the device, everything between it and the store in the test's hands. */
class Connection {
  readonly reads: { positions: ReadonlyMap<bigint, bigint>; only: readonly bigint[] }[] = [];
  readonly asked: { queue: Queue; key: bigint }[] = [];
  readonly moves: { queue: Queue; id: bigint }[] = [];
  readonly queues = new Map<bigint, Queue>();
  readonly owing = new Set<Queue>();
  readonly doubt = new DoubtBudget();
  ends = 0;
  full = false;
  readonly feed = new Feed({
    position: (conversationId) => this.queues.get(conversationId)?.position,
    write: (rows) => this.queue(rows[0]!.conversationId).write(rows),
    read: (positions, only) => void this.reads.push({ positions, only }),
    room: () => this.doubt.room,
    writable: () => !this.full,
    level: () => {
      for (const queue of this.owing) queue.level();
      this.owing.clear();
    },
  });

  constructor(
    private readonly store: Store,
    private readonly shown: (id: bigint) => void,
    readonly pageSize = 7,
  ) {}

  queue(conversationId: bigint): Queue {
    let queue = this.queues.get(conversationId);
    if (!queue) {
      const made: Queue = new Queue(conversationId, this.doubt, {
        page: (metas, nextKey, askAck) => {
          for (const meta of metas) this.shown(new DataView(meta.buffer).getBigUint64(0));
          if (askAck) this.asked.push({ queue: made, key: nextKey! });
          else if (metas.length === 0) this.ends++;
        },
        moveCursor: (id) => void this.moves.push({ queue: made, id }),
      });
      queue = made;
      this.queues.set(conversationId, queue);
    }
    return queue;
  }

  deliver(...rows: Row[]): void {
    this.feed.live(rows.map(toFeed));
  }
  sync(conversationId: bigint, key?: bigint): void {
    const queue = this.queue(conversationId);
    queue.clientSync(key);
    if (queue.owesAnswer) this.owing.add(queue);
    if (key === undefined) this.feed.look(conversationId);
    else if (this.feed.isLevel) {
      for (const one of this.owing) one.level();
      this.owing.clear();
    }
  }
  answerRead(): void {
    const read = this.reads.shift();
    if (!read) return;
    const rows = this.store.after(read.positions, read.only, this.pageSize);
    this.feed.arrived(rows.map(toFeed), rows.length === this.pageSize, read.only);
  }
  failRead(): void {
    const read = this.reads.shift();
    if (read) this.feed.failed(read.only);
  }
  acknowledge(): void {
    const ask = this.asked.shift();
    if (ask) this.sync(ask.queue.conversationId, ask.key);
  }
  storeCursor(): void {
    const move = this.moves.shift();
    if (!move) return;
    this.store.cursors.set(move.queue.conversationId, move.id);
    move.queue.cursorStored(move.id);
    this.feed.stored(move.queue.conversationId, move.id);
    this.feed.pump();
  }
  settle(): void {
    this.full = false;
    this.feed.pump();
    for (let i = 0; i < 5_000 && (this.reads.length > 0 || this.asked.length > 0 || this.moves.length > 0); i++) {
      this.answerRead();
      this.acknowledge();
      this.storeCursor();
    }
  }
}

function toFeed(row: Row): FeedRow {
  const bytes = new Uint8Array(8);
  new DataView(bytes.buffer).setBigUint64(0, row.id);
  return { ...row, peer: `peer${row.conversationId}`, meta: row.own ? undefined : bytes };
}

/** A client that drops what it remembers; `shown` is what the application saw. */
function given({ pageSize }: { pageSize?: number } = {}) {
  const store = new Store();
  const shown: bigint[] = [];
  const show = (id: bigint) => {
    if (!shown.slice(-REMEMBERED).includes(id)) shown.push(id);
  };
  const connect = () => new Connection(store, show, pageSize);
  return { store, shown, connect, expected: (conversationId?: bigint) => store.rows.filter((row) => !row.own && (conversationId === undefined || row.conversationId === conversationId)).map((row) => row.id) };
}

describe('the feed of one connection', () => {
  it('reads all queues at first contact and pushes directly from then on', () => {
    const { store, shown, connect, expected } = given();
    const connection = connect();
    connection.deliver(store.add(1n, false));
    expect(connection.reads).toMatchObject([{ only: [] }]);
    connection.settle();
    connection.deliver(store.add(1n, false));
    expect(connection.reads).toEqual([]);
    expect(shown).toEqual(expected());
  });

  it('asks for one cumulative acknowledgement of a burst', () => {
    const { store, connect } = given();
    const connection = connect();
    connection.deliver(store.add(1n, false));
    connection.settle();
    for (let i = 0; i < 10; i++) connection.deliver(store.add(1n, false));
    expect(connection.asked).toHaveLength(1);
    connection.acknowledge();
    expect(connection.asked.map(({ key }) => key)).toEqual([store.rows.at(-1)!.id]);
  });

  it('fills a gap from the store, of that queue alone, in order and without repeating', () => {
    const { store, shown, connect, expected } = given();
    const connection = connect();
    connection.deliver(store.add(1n, false));
    connection.settle();
    store.add(1n, false);
    connection.deliver(store.add(1n, false));
    expect(connection.reads).toMatchObject([{ only: [1n] }]);
    connection.settle();
    expect(shown).toEqual(expected());
  });

  it('takes live messages of other queues while it reads, without reading for them', () => {
    const { store, shown, connect, expected } = given();
    const connection = connect();
    for (const conversation of CONVERSATIONS) connection.deliver(store.add(conversation, false));
    connection.settle();
    store.add(1n, false);
    connection.deliver(store.add(1n, false));
    connection.deliver(store.add(2n, false));
    expect(connection.reads).toHaveLength(1);
    connection.settle();
    expect(connection.reads).toHaveLength(0);
    expect(shown).toEqual(expected());
  });

  it('writes no more than the client remembers from the oldest message on that the store does not know to be acknowledged', () => {
    const { store, shown, connect, expected } = given({ pageSize: 200 });
    const connection = connect();
    connection.sync(1n);
    connection.settle();
    const [held] = [store.add(1n, false)];
    connection.deliver(held);
    // Another queue is acknowledged all the time, the first one is not.
    for (let i = 0; i < 2 * DOUBT_LIMIT; i++) {
      connection.deliver(store.add(2n, false));
      connection.answerRead();
      while (connection.asked.some(({ queue }) => queue.conversationId === 2n)) {
        connection.asked.sort((a, b) => (a.queue.conversationId > b.queue.conversationId ? -1 : 1));
        connection.acknowledge();
      }
      while (connection.moves.length > 0) connection.storeCursor();
    }
    expect(shown).toHaveLength(DOUBT_LIMIT);
    connection.settle();
    expect(shown).toEqual(expected());
  });

  it('moves the cursor over messages that this device sent itself', () => {
    const { store, shown, connect } = given();
    const connection = connect();
    const own = store.add(1n, true);
    connection.deliver(own);
    connection.settle();
    expect(shown).toEqual([]);
    expect(store.cursors.get(1n)).toBe(own.id);
  });

  it('answers every request of the client, also for a queue in which nothing was ever said', () => {
    const { connect } = given();
    const connection = connect();
    connection.sync(1n);
    connection.settle();
    expect(connection.ends).toBe(1);
  });

  it('finds at the heartbeat what came by an event that was lost', () => {
    const { store, shown, connect, expected } = given();
    const connection = connect();
    connection.deliver(store.add(1n, false));
    connection.settle();
    store.add(1n, false);
    connection.sync(1n);
    connection.settle();
    expect(shown).toEqual(expected());
  });

  it('goes on after a failed read', () => {
    const { store, shown, connect, expected } = given();
    const connection = connect();
    connection.deliver(store.add(1n, false));
    connection.failRead();
    connection.feed.pump();
    connection.settle();
    expect(shown).toEqual(expected());
  });

  it.each([
    ['live messages', false],
    ['a backlog', true],
  ])('shows nothing twice when gateways die in the middle of %s, again and again, while more comes in all queues', (_, backlog) => {
    const { store, shown, connect, expected } = given({ pageSize: 200 });
    const inTurn = (count: number, lost: boolean, connection?: Connection) => {
      for (let i = 0; i < count; i++) {
        const row = store.add(CONVERSATIONS[i % CONVERSATIONS.length]!, false);
        if (!lost) connection!.deliver(row);
      }
    };
    let connection = connect();
    for (let death = 0; death < 6; death++) {
      if (!backlog) connection.settle();
      // As much as may be in doubt is written, some of it acknowledged, none of that stored: then the gateway dies.
      inTurn(200, backlog, connection);
      for (const id of CONVERSATIONS) connection.sync(id);
      connection.answerRead();
      connection.acknowledge();
      connection.acknowledge();
      inTurn(100, true);
      connection = connect();
      for (const id of CONVERSATIONS.toReversed()) connection.sync(id);
      connection.answerRead();
    }
    connection.settle();
    expect(shown.toSorted()).toEqual(expected().toSorted());
  });

  it('shows everything once and in order of each queue, whatever is lost, repeated, late or slow, and whenever the gateway dies', () => {
    const conversation = fc.constantFrom(...CONVERSATIONS);
    const step = fc.oneof(
      { weight: 8, arbitrary: fc.tuple(fc.constantFrom('send', 'send', 'sendOwn', 'sendLost', 'burst'), conversation) },
      { weight: 6, arbitrary: fc.tuple(fc.constantFrom('read', 'ack', 'storeCursor', 'sync'), conversation) },
      { weight: 2, arbitrary: fc.tuple(fc.constantFrom('repeat', 'swap', 'fill', 'drain', 'failRead', 'die'), conversation) },
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 250 }), fc.constantFrom(3, 40, 200), (steps, pageSize) => {
        const { store, shown, connect, expected } = given({ pageSize });
        let connection = connect();
        const reconnect = () => {
          connection = connect();
          // As clients do after login: they ask for every queue that has something.
          for (const id of CONVERSATIONS) if (store.after(new Map(), [id], 1).length > 0) connection.sync(id);
        };
        for (const [what, id] of steps) {
          if (what === 'send') connection.deliver(store.add(id, false));
          else if (what === 'burst') for (let i = 0; i < 25; i++) connection.deliver(store.add(id, false));
          else if (what === 'sendOwn') connection.deliver(store.add(id, true));
          else if (what === 'sendLost') store.add(id, false);
          else if (what === 'read') connection.answerRead();
          else if (what === 'ack') connection.acknowledge();
          else if (what === 'storeCursor') connection.storeCursor();
          else if (what === 'sync') connection.sync(id);
          else if (what === 'repeat') for (const row of store.rows.slice(-2)) connection.deliver(row);
          else if (what === 'swap') {
            const [a, b] = [store.add(id, false), store.add(id, false)];
            connection.deliver(b);
            connection.deliver(a);
          } else if (what === 'fill') connection.full = true;
          else if (what === 'drain') {
            connection.full = false;
            connection.feed.pump();
          } else if (what === 'failRead') {
            connection.failRead();
            connection.feed.pump();
          } else reconnect();
        }
        connection.settle();
        // The heartbeat: a client asks again for what the store says is unread.
        for (const id of CONVERSATIONS) connection.sync(id);
        connection.settle();
        for (const id of CONVERSATIONS) {
          const mine = new Set(expected(id));
          expect(shown.filter((one) => mine.has(one))).toEqual(expected(id));
        }
        expect(shown).toHaveLength(expected().length);
        for (const id of CONVERSATIONS) expect(store.cursors.get(id) ?? 0n).toBe(store.rows.findLast((row) => row.conversationId === id)?.id ?? 0n);
        expect(connection.feed.isLevel).toBe(true);
      }),
      { numRuns: 600 },
    );
  });
});
