import type { Outgoing, Position } from './outgoing.js';

/**
 * An app may hold this many times what is free in the queue: alone four fifths of it, ten greedy ones a tenth each, and
 * whoever comes next finds room.
 */
const MOST_OF_FREE = 4;
/** Messages of one app at a time in a batch, while others wait. */
const TURN = 16;

interface Waiting<M> {
  readonly message: M;
  readonly done: (position: Position | undefined) => void;
  readonly failed: (error: unknown) => void;
}

/** What a commit gives: positions at once, and a promise of what must happen before senders hear of it. */
export interface Committed {
  readonly positions: readonly (Position | undefined)[];
  /** Resolves when the commit's event is accepted; the next commit does not wait for it. */
  readonly published: Promise<void>;
}

/** The queue of messages waiting for a commit is full, or this app's part of it. */
export class Overloaded extends Error {}

/**
 * Group commit: what arrives while commits are under way goes into the next one. Alone, a message is committed at
 * once; under load the batches grow by themselves. No timer, so light load never waits. Apps take turns and share the queue.
 */
export class GroupCommit<M extends Outgoing = Outgoing> {
  /** By app, in the order of their turns. */
  readonly #waiting = new Map<number, Waiting<M>[]>();
  #count = 0;
  #underWay = 0;

  constructor(
    private readonly append: (batch: readonly M[]) => Promise<Committed>,
    private readonly limits: { concurrency: number; batch: number; queue: number },
  ) {}

  /**
   * Resolves when the message is committed and its event accepted; undefined when its conversation does not exist.
   * Messages committed by one caller in one tick keep their order.
   * @throws Overloaded when too many of its app wait already
   */
  commit(message: M): Promise<Position | undefined> {
    const own = this.#waiting.get(message.appId);
    if ((own?.length ?? 0) >= MOST_OF_FREE * (this.limits.queue - this.#count)) return Promise.reject(new Overloaded());
    return new Promise((done, failed) => {
      const waiting = { message, done, failed };
      if (own) own.push(waiting);
      else this.#waiting.set(message.appId, [waiting]);
      this.#count++;
      // After the current tick, so that a request with many messages is one commit.
      if (this.#underWay < this.limits.concurrency && this.#count === 1) queueMicrotask(() => this.#pump());
    });
  }

  #pump(): void {
    while (this.#underWay < this.limits.concurrency && this.#count > 0) {
      this.#underWay++;
      void this.#run(this.#take());
    }
  }

  /**
   * The next batch: apps in turn, each app's messages in order of arrival. A repeated key must see its first try stored, so
   * it ends what its app has in this batch.
   */
  #take(): Waiting<M>[] {
    const batch: Waiting<M>[] = [];
    const keys = new Set<string>();
    const repeating: [number, Waiting<M>[]][] = [];
    for (const [appId, own] of this.#waiting) {
      const room = this.limits.batch - batch.length;
      if (room <= 0) break;
      const turn = this.#waiting.size === 1 ? room : Math.min(TURN, room);
      const size = withoutRepeated(own, turn, keys);
      batch.push(...own.splice(0, size));
      // To the end of the line; the loop meets it there again.
      this.#waiting.delete(appId);
      if (own.length === 0) continue;
      if (size < turn) repeating.push([appId, own]);
      else this.#waiting.set(appId, own);
    }
    for (const [appId, own] of repeating) this.#waiting.set(appId, own);
    this.#count -= batch.length;
    return batch;
  }

  async #run(batch: Waiting<M>[]): Promise<void> {
    try {
      await this.#commit(batch);
    } finally {
      this.#underWay--;
      this.#pump();
    }
  }

  async #commit(batch: Waiting<M>[]): Promise<void> {
    let committed: Committed;
    try {
      committed = await this.append(batch.map((w) => w.message));
    } catch (error) {
      // One message that the store cannot take must not fail the others: halve until it stands alone.
      if (batch.length > 1 && isDataError(error)) {
        const middle = batch.length >> 1;
        await this.#commit(batch.slice(0, middle));
        await this.#commit(batch.slice(middle));
        return;
      }
      for (const w of batch) w.failed(error);
      return;
    }
    committed.published.then(
      () => batch.forEach((w, i) => w.done(committed.positions[i])),
      (error: unknown) => batch.forEach((w) => w.failed(error)),
    );
  }
}

/** How many of the first messages repeat no key; theirs are added. */
function withoutRepeated<M extends Outgoing>(waiting: readonly Waiting<M>[], most: number, keys: Set<string>): number {
  let size = 0;
  for (const { message } of waiting) {
    if (size >= most) break;
    const key = `${message.conversationId} ${message.clientId} ${message.senderId} ${message.senderResource}`;
    if (keys.has(key)) break;
    keys.add(key);
    size++;
  }
  return size;
}

/** PostgreSQL found fault with a value (class 22), which a second try would not mend. */
export function isDataError(error: unknown): boolean {
  return typeof error === 'object' && error !== null && String((error as { code?: unknown }).code).startsWith('22');
}
