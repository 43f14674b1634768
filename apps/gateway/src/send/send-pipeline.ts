import { BusError, type Bus, requests } from '@parley/bus';
import type { message } from '@parley/contracts';
import { createLogger } from '@parley/telemetry';
import type { Session } from '../session/session.js';
import type { PendingSend } from './pending-send.js';

const log = createLogger('gateway');
const MOST_ITEMS = 256;
const MOST_ITEMS_OF_ONE = 64;
const MOST_BYTES = 384 * 1024;
/** Messages of one app at a time, while others wait. */
const TURN = 16;
const MOST_UNDER_WAY = 8;
const RETRY_AFTER_MS = 150;

/** The messages of one session in a batch, in its order. */
interface Share {
  readonly session: Session;
  sends: PendingSend[];
}

interface Room {
  items: number;
  bytes: number;
}

/**
 * Carries messages from sessions to the message service, many in one request. A session has at most one batch under
 * way, so its messages stay in order whichever replica takes them; sessions do not wait for each other.
 */
export class SendPipeline {
  /** By app, in the order of their turns. */
  readonly #ready = new Map<number, Set<Session>>();
  #underWay = 0;
  #scheduled = false;

  constructor(
    private readonly bus: Bus,
    private readonly answer: (session: Session, send: PendingSend, result: message.SendResult) => void,
  ) {}

  /** Messages handed over and not yet answered. */
  get busy(): boolean {
    return this.#underWay > 0 || this.#ready.size > 0;
  }

  push(session: Session, send: PendingSend): void {
    (session.pendingSends ??= []).push(send);
    if (session.sending) return;
    this.#await(session);
  }

  /** After the current round of socket events: their messages become one request. */
  #schedule(): void {
    if (this.#scheduled || this.#underWay >= MOST_UNDER_WAY || this.#ready.size === 0) return;
    this.#scheduled = true;
    setImmediate(() => {
      this.#scheduled = false;
      const batch = this.#take();
      if (batch.length > 0) void this.#run(batch);
      this.#schedule();
    });
  }

  /**
   * Apps take turns of a few messages, in the batch and from one batch to the next; one that is alone takes all. A session
   * that its app's turn cut short goes on in the next, so its messages stay together.
   */
  #take(): Share[] {
    const counts = new Map<Session, number>();
    const room: Room = { items: MOST_ITEMS, bytes: MOST_BYTES };
    for (const [appId, sessions] of this.#ready) {
      if (room.items <= 0 || room.bytes <= 0) break;
      takeTurn(sessions, this.#ready.size === 1 ? room.items : TURN, counts, room);
      // To the end of the line; the loop meets it there again.
      this.#ready.delete(appId);
      if (sessions.size > 0) this.#ready.set(appId, sessions);
    }
    return [...counts].map(([session, count]) => this.#begin(session, count));
  }

  #begin(session: Session, count: number): Share {
    const pending = session.pendingSends!;
    const appId = appOf(pending);
    const sessions = this.#ready.get(appId);
    if (sessions?.delete(session) && sessions.size === 0) this.#ready.delete(appId);
    session.sending = true;
    const sends = pending.splice(0, count);
    if (pending.length === 0) session.pendingSends = undefined;
    return { session, sends };
  }

  #await(session: Session): void {
    const appId = appOf(session.pendingSends!);
    const sessions = this.#ready.get(appId);
    if (sessions) sessions.add(session);
    else this.#ready.set(appId, new Set([session]));
    this.#schedule();
  }

  async #run(batch: Share[]): Promise<void> {
    this.#underWay++;
    let shares = batch;
    try {
      while (shares.length > 0) {
        const results = await this.#request(shares);
        shares = results ? this.#settle(shares, results) : this.#expire(shares);
        if (shares.length > 0) await new Promise((resolve) => setTimeout(resolve, RETRY_AFTER_MS));
      }
    } finally {
      this.#underWay--;
      this.#schedule();
    }
  }

  async #request(shares: Share[]): Promise<message.SendResult[] | undefined> {
    const items = shares.flatMap((share) => share.sends.map((send) => send.item));
    try {
      const { results } = await this.bus.request(requests.send, { items }, { timeoutMs: 4_000 });
      return results.length === items.length ? results : undefined;
    } catch (error) {
      log.warn({ kind: error instanceof BusError ? error.kind : 'unknown', items: items.length }, 'message service did not answer, trying again');
      return undefined;
    }
  }

  /**
   * Answers what has a result. A message that could not be stored is tried again with all that its session sent after
   * it; if a later one was stored already, a second try would overtake it, so the sender is told.
   * @returns what is to be tried again
   */
  #settle(shares: Share[], results: message.SendResult[]): Share[] {
    const again: Share[] = [];
    let offset = 0;
    for (const share of shares) {
      const own = results.slice(offset, offset + share.sends.length);
      offset += share.sends.length;
      const now = Date.now();
      let lastStored = -1;
      own.forEach((result, i) => {
        if (result.error === '') lastStored = i;
      });
      const left: PendingSend[] = [];
      share.sends.forEach((send, i) => {
        const result = own[i]!;
        if (result.error === 'unavailable' && i > lastStored && now < send.deadlineMs) left.push(send);
        else this.answer(share.session, send, result);
      });
      if (left.length > 0) again.push({ session: share.session, sends: left });
      else this.#release(share.session);
    }
    return again;
  }

  /** Nobody answered: what the client has given up on is answered as failed, the rest is tried again. */
  #expire(shares: Share[]): Share[] {
    const now = Date.now();
    return shares.filter((share) => {
      const left: PendingSend[] = [];
      for (const send of share.sends) {
        if (now < send.deadlineMs) left.push(send);
        else this.answer(share.session, send, unavailable());
      }
      share.sends = left;
      if (left.length === 0) this.#release(share.session);
      return left.length > 0;
    });
  }

  #release(session: Session): void {
    session.sending = false;
    if (session.pendingSends) this.#await(session);
  }
}

/** Counts what goes into the batch; a session leaves the line when all that it may send at once is in. */
function takeTurn(sessions: Set<Session>, turn: number, counts: Map<Session, number>, room: Room): void {
  let left = turn;
  for (const session of sessions) {
    const pending = session.pendingSends!;
    let count = counts.get(session) ?? 0;
    const most = Math.min(pending.length, MOST_ITEMS_OF_ONE);
    while (count < most && left > 0 && room.items > 0 && room.bytes > 0) {
      room.bytes -= pending[count]!.item.payload.length + 128;
      room.items--;
      left--;
      count++;
    }
    if (count > 0) counts.set(session, count);
    if (count === most) sessions.delete(session);
    if (left === 0 || room.items <= 0 || room.bytes <= 0) return;
  }
}

function appOf(pending: readonly PendingSend[]): number {
  return pending[0]!.item.tenant?.appId ?? 0;
}

function unavailable(): message.SendResult {
  return { error: 'unavailable', errorDetail: '', serverId: 0n, timestampMs: BigInt(Date.now()), metas: [] };
}
