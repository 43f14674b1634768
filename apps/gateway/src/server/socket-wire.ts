import { createLogger } from '@parley/telemetry';
import type uWS from 'uWebSockets.js';
import type { Disconnect } from '../session/disconnect.js';
import type { Session, Wire } from '../session/session.js';

const log = createLogger('gateway');
/** What uWebSockets' send answers when it gives a socket up. */
const DROPPED = 2;
/** The size of uWebSockets' cork buffer: more than this is not written in one call anyway. */
const MOST_WAITING_BYTES = 16 * 1024;

export interface Attached {
  session: Session | undefined;
  /** Mini-program builds send base64 text and expect it back. */
  text: boolean;
  /** From where the client comes, as callers are told apart. */
  network: string;
}
export type Socket = uWS.WebSocket<Attached>;

/**
 * Wires with something to write. They write when the turn of the event loop ends: what a commit answers to one sender, or
 * brings to one receiver, is one call of the system instead of one for each frame.
 */
export class Outbox {
  #wires: SocketWire[] = [];

  add(wire: SocketWire): void {
    if (this.#wires.push(wire) === 1) setImmediate(() => this.#flush());
  }

  #flush(): void {
    const wires = this.#wires;
    this.#wires = [];
    for (const wire of wires) wire.flush();
  }
}

/** A session's socket. */
export class SocketWire implements Wire {
  #ws: Socket | undefined;
  /** Of this turn. */
  #frames: Uint8Array[] | undefined;
  #waitingBytes = 0;

  constructor(
    ws: Socket,
    private readonly outbox: Outbox,
  ) {
    this.#ws = ws;
  }

  send(frame: Uint8Array): void {
    if (!this.#ws) return;
    this.#waitingBytes += frame.length;
    if (this.#frames) this.#frames.push(frame);
    else {
      this.#frames = [frame];
      this.outbox.add(this);
    }
    // So that `buffered` soon tells of it.
    if (this.#waitingBytes > MOST_WAITING_BYTES) this.flush();
  }

  flush(): void {
    const ws = this.#ws;
    const frames = this.#frames;
    this.#frames = undefined;
    this.#waitingBytes = 0;
    if (!ws || !frames) return;
    if (frames.length === 1) this.#write(ws, frames[0]!);
    else ws.cork(() => frames.forEach((frame) => this.#write(ws, frame)));
  }

  end(why: Disconnect): void {
    this.flush();
    this.#ws?.end(why.code, why.reason);
  }

  buffered(): number {
    return this.#ws?.getBufferedAmount() ?? Number.POSITIVE_INFINITY;
  }

  /** uWebSockets throws when a closed socket is touched. */
  detach(): void {
    this.#ws = undefined;
    this.#frames = undefined;
  }

  #write(ws: Socket, frame: Uint8Array): void {
    // Given up while the frames before it were written.
    if (!this.#ws) return;
    const status = ws.getUserData().text ? ws.send(Buffer.from(frame).toString('base64'), false) : ws.send(frame, true);
    if (status === DROPPED) log.warn('a client that reads too slowly was dropped');
  }
}
