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
  /** By device, then by conversation. */
  readonly #moves = new Map<string, Map<bigint, message.CursorMove>>();
  #timer: NodeJS.Timeout | undefined;
  #flushing: Promise<void> | undefined;

  constructor(private readonly bus: Bus) {}

  move(move: message.CursorMove): void {
    const key = deviceKey(move);
    let ofDevice = this.#moves.get(key);
    if (!ofDevice) this.#moves.set(key, (ofDevice = new Map()));
    const known = ofDevice.get(move.conversationId);
    if (known && known.id >= move.id) return;
    ofDevice.set(move.conversationId, move);
    this.#timer ??= setTimeout(() => void this.flush(), FLUSH_EVERY_MS);
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
    const moves: message.CursorMove[] = [];
    for (const ofDevice of this.#moves.values()) {
      if (moves.length >= MOST_MOVES) break;
      moves.push(...ofDevice.values());
    }
    if (moves.length === 0) return;
    try {
      await this.bus.request(requests.moveCursors, { moves });
    } catch (error) {
      log.warn({ err: error, moves: moves.length }, 'cursors were not moved, trying again');
      return;
    }
    for (const move of moves) {
      const key = deviceKey(move);
      const ofDevice = this.#moves.get(key);
      // A later acknowledgement may have come meanwhile.
      if (ofDevice?.get(move.conversationId) !== move) continue;
      ofDevice.delete(move.conversationId);
      if (ofDevice.size === 0) this.#moves.delete(key);
    }
  }
}

type DeviceRef = Pick<message.CursorMove, 'appId' | 'userId' | 'resource'>;

function deviceKey({ appId, userId, resource }: DeviceRef): string {
  return `${appId} ${userId} ${resource}`;
}
