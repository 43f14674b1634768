import { type Bus, requests } from '@parley/bus';
import type { message } from '@parley/contracts';
import { createLogger } from '@parley/telemetry';

const log = createLogger('gateway');
const FLUSH_EVERY_MS = 100;
const MOST_MOVES = 2_000;

/**
 * Acknowledged positions on their way to the store, the furthest of each device and conversation, sent in batches. What
 * a killed gateway has not sent is delivered again, and the client drops what it has seen.
 */
export class CursorBatcher {
  #moves = new Map<string, message.CursorMove>();
  #timer: NodeJS.Timeout | undefined;
  #flushing: Promise<void> | undefined;

  constructor(private readonly bus: Bus) {}

  move(move: message.CursorMove): void {
    const key = `${move.userId} ${move.conversationId} ${move.resource}`;
    const known = this.#moves.get(key);
    if (known && known.id >= move.id) return;
    this.#moves.set(key, move);
    this.#timer ??= setTimeout(() => void this.flush(), FLUSH_EVERY_MS);
  }

  /** Sends what has gathered; resolves when the store has it or the try failed (then it stays for the next). */
  flush(): Promise<void> {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#flushing ??= this.#send().finally(() => {
      this.#flushing = undefined;
      if (this.#moves.size > 0) this.#timer ??= setTimeout(() => void this.flush(), FLUSH_EVERY_MS);
    });
    return this.#flushing;
  }

  async #send(): Promise<void> {
    const batch = [...this.#moves.entries()].slice(0, MOST_MOVES);
    if (batch.length === 0) return;
    try {
      await this.bus.request(requests.moveCursors, { moves: batch.map(([, move]) => move) });
      for (const [key, move] of batch) if (this.#moves.get(key) === move) this.#moves.delete(key);
    } catch (error) {
      log.warn({ err: error, moves: batch.length }, 'cursors were not moved, trying again');
    }
  }
}
