import type { Outgoing, Position } from './outgoing.js';

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

/** The queue of messages waiting for a commit is full. */
export class Overloaded extends Error {}

/**
 * Group commit: what arrives while commits are under way goes into the next one. Alone, a message is committed at
 * once; under load the batches grow by themselves. No timer, so light load never waits.
 */
export class GroupCommit<M extends Outgoing = Outgoing> {
  #waiting: Waiting<M>[] = [];
  #underWay = 0;

  constructor(
    private readonly append: (batch: readonly M[]) => Promise<Committed>,
    private readonly limits: { concurrency: number; batch: number; queue: number },
  ) {}

  /**
   * Resolves when the message is committed and its event accepted; undefined when its conversation does not exist.
   * Messages committed by one caller in one tick keep their order.
   * @throws Overloaded when too many wait already
   */
  commit(message: M): Promise<Position | undefined> {
    if (this.#waiting.length >= this.limits.queue) return Promise.reject(new Overloaded());
    return new Promise((done, failed) => {
      this.#waiting.push({ message, done, failed });
      // After the current tick, so that a request with many messages is one commit.
      if (this.#underWay < this.limits.concurrency && this.#waiting.length === 1) queueMicrotask(() => this.#pump());
    });
  }

  #pump(): void {
    while (this.#underWay < this.limits.concurrency && this.#waiting.length > 0) {
      this.#underWay++;
      void this.#run(this.#take());
    }
  }

  /** The next batch in order of arrival. A repeated key must see its first try stored, so it ends the batch. */
  #take(): Waiting<M>[] {
    const keys = new Set<string>();
    let size = 0;
    for (const { message } of this.#waiting) {
      if (size >= this.limits.batch) break;
      const key = `${message.conversationId} ${message.clientId} ${message.senderId} ${message.senderResource}`;
      if (keys.has(key)) break;
      keys.add(key);
      size++;
    }
    return this.#waiting.splice(0, size);
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

/** PostgreSQL found fault with a value (class 22), which a second try would not mend. */
export function isDataError(error: unknown): boolean {
  return typeof error === 'object' && error !== null && String((error as { code?: unknown }).code).startsWith('22');
}
