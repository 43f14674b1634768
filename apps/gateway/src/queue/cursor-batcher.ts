import { type Bus, requests } from '@parley/bus';
import type { message } from '@parley/contracts';
import { createLogger } from '@parley/telemetry';

const log = createLogger('gateway');
const FLUSH_EVERY_MS = 100;
/** When a connection has little room and its client has more to acknowledge, in ms. */
const FLUSH_SOON_MS = 5;
const MOST_MOVES = 2_000;
/** Short: a request that a fault swallowed must not hold up the next. Repeating a move changes nothing. */
const TIMEOUT_MS = 1_000;

/**
 * Acknowledged positions on their way to the store, the furthest of each device and conversation, sent in batches. What
 * a killed gateway has not sent is delivered again, and the client drops what it has seen.
 */
export class CursorBatcher {
  /** By device, then by conversation. */
  readonly #moves = new Map<string, Map<bigint, Pending>>();
  #timer: NodeJS.Timeout | undefined;
  #flushing: Promise<void> | undefined;
  /** Somebody waits for what came during the try under way. */
  #again = false;
  /** How soon the next try begins, in ms; 0 = when this turn of the event loop has ended. */
  #within = Number.POSITIVE_INFINITY;

  constructor(private readonly bus: Bus) {}

  /** @param stored called when the store has this move or a later one of the same device and conversation */
  move(move: message.CursorMove, stored: () => void): void {
    const key = deviceKey(move);
    let ofDevice = this.#moves.get(key);
    if (!ofDevice) this.#moves.set(key, (ofDevice = new Map()));
    const known = ofDevice.get(move.conversationId);
    if (known && known.move.id >= move.id) return;
    ofDevice.set(move.conversationId, { move, stored });
    this.#flushWithin(FLUSH_EVERY_MS);
  }

  /**
   * A connection waits for its acknowledgements to be stored. Those of one window come as several frames, and each try costs
   * the store a commit: so it waits for the last of them, but not long.
   * @param complete its client owes no more
   */
  hurry(complete: boolean): void {
    this.#flushWithin(complete ? 0 : FLUSH_SOON_MS);
  }

  /**
   * Resolves when the store knows what this device has acknowledged here, so that a device that comes straight back is
   * not told again. After one failed try it resolves all the same: hearing twice is better than not hearing.
   */
  async settle(device: DeviceRef): Promise<void> {
    const key = deviceKey(device);
    if (!this.#moves.has(key)) return;
    await this.flush();
    if (this.#moves.has(key)) await this.flush();
  }

  /**
   * Sends what has gathered; resolves when the store has it or the try failed (then it stays for the next). Called while a
   * try is under way, what came since goes right after it.
   */
  flush(): Promise<void> {
    clearTimeout(this.#timer);
    this.#within = Number.POSITIVE_INFINITY;
    this.#again = this.#flushing !== undefined;
    this.#flushing ??= this.#send().then((sent) => {
      this.#flushing = undefined;
      if (this.#moves.size === 0) return;
      if (sent && this.#again) void this.flush();
      else this.#flushWithin(FLUSH_EVERY_MS);
    });
    return this.#flushing;
  }

  #flushWithin(ms: number): void {
    if (ms >= this.#within) return;
    clearTimeout(this.#timer);
    this.#within = ms;
    if (ms === 0) setImmediate(() => void this.flush());
    else this.#timer = setTimeout(() => void this.flush(), ms);
  }

  /** Whether the store has taken it. */
  async #send(): Promise<boolean> {
    const batch: Pending[] = [];
    for (const ofDevice of this.#moves.values()) {
      if (batch.length >= MOST_MOVES) break;
      batch.push(...ofDevice.values());
    }
    if (batch.length === 0) return true;
    try {
      await this.bus.request(requests.moveCursors, { moves: batch.map(({ move }) => move) }, { timeoutMs: TIMEOUT_MS });
    } catch (error) {
      log.warn({ err: error, moves: batch.length }, 'cursors were not moved, trying again');
      return false;
    }
    for (const pending of batch) {
      const key = deviceKey(pending.move);
      const ofDevice = this.#moves.get(key);
      // A later acknowledgement may have come meanwhile.
      if (ofDevice?.get(pending.move.conversationId) === pending) {
        ofDevice.delete(pending.move.conversationId);
        if (ofDevice.size === 0) this.#moves.delete(key);
      }
    }
    for (const { stored } of batch) stored();
    return true;
  }
}

interface Pending {
  readonly move: message.CursorMove;
  readonly stored: () => void;
}

type DeviceRef = Pick<message.CursorMove, 'appId' | 'userId' | 'resource'>;

function deviceKey({ appId, userId, resource }: DeviceRef): string {
  return `${appId} ${userId} ${resource}`;
}
