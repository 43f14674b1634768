import { type Bus, requests } from '@parley/bus';
import { foldUsername, isLegalUsername, SYSTEM_QUEUE } from '@parley/kernel';
import { encodePage, type Jid } from '@parley/msync';
import { createLogger } from '@parley/telemetry';
import { type Session, tenantOf } from '../session/session.js';
import type { CursorBatcher } from './cursor-batcher.js';
import { DoubtBudget } from './doubt-budget.js';
import { type LiveEntry, Queue, type QueueOutput } from './queue.js';

const log = createLogger('gateway');
const RETRY_MS = 500;
/** Above this many buffered bytes a socket gets no more pages until it has drained. */
const BUFFER_LIMIT_BYTES = 256 * 1024;
/** A client that names ever new queues is not a client. */
const MOST_QUEUES = 20_000;
/** A client asks for all its unread queues at once; this many are read, or have something read that waits, at a time. */
const MOST_READS = 8;

/** Connects the queues of sessions with their sockets, the store and the cursor batches. */
export class SessionQueues {
  constructor(
    private readonly bus: Bus,
    private readonly cursors: CursorBatcher,
  ) {}

  live(session: Session, peer: string, conversationId: bigint, entries: readonly LiveEntry[]): void {
    let queue = this.#of(session, peer, conversationId);
    // A user who was deleted and another who took the name have a conversation each: the newer takes the queue over.
    if (queue.conversationId !== 0n && queue.conversationId !== conversationId) {
      queue.abandon();
      session.queues!.delete(peer);
      queue = this.#of(session, peer, conversationId);
    }
    queue.conversationId = conversationId;
    queue.live(entries);
  }

  /** @returns false when the session has named too many queues */
  clientSync(session: Session, peer: string, key: bigint | undefined): boolean {
    if (peer !== SYSTEM_QUEUE && !isLegalUsername(foldUsername(peer))) {
      // Nobody has such a name; the client still waits for the end of this queue.
      const { org, app } = session.identity!.tenant;
      session.wire.send(encodePage({ metas: [], queue: queueJid(`${org}#${app}`, peer), isLast: true, timestampMs: BigInt(Date.now()) }));
      return true;
    }
    if ((session.queues?.size ?? 0) >= MOST_QUEUES && !session.queues!.has(peer)) return false;
    this.#of(session, peer, 0n).clientSync(key);
    return true;
  }

  drained(session: Session): void {
    for (const queue of session.queues?.values() ?? []) queue.resume();
  }

  #of(session: Session, peer: string, conversationId: bigint): Queue {
    session.queues ??= new Map();
    let queue = session.queues.get(peer);
    if (!queue) {
      queue = new Queue(conversationId, this.#outputOf(session, peer));
      session.queues.set(peer, queue);
    }
    return queue;
  }

  #outputOf(session: Session, peer: string): QueueOutput {
    const identity = session.identity!;
    const { tenant, userId, resource } = identity;
    const jid = queueJid(`${tenant.org}#${tenant.app}`, peer);
    const doubt = (session.doubt ??= new DoubtBudget());
    return {
      page: (metas, nextKey, askAck) => {
        session.wire.send(
          encodePage({ metas: metas as Uint8Array[], queue: jid, nextKey, isLast: !askAck, timestampMs: BigInt(Date.now()) }),
        );
      },
      fetch: (afterId, limit) => this.#read(session, peer, () => this.#fetch(session, peer, afterId, limit)),
      readDone: () => this.#readDone(session, peer),
      moveCursor: (id, seq) => {
        const queue = session.queues?.get(peer);
        if (!queue || queue.conversationId === 0n) return;
        const { conversationId } = queue;
        this.cursors.move({ appId: tenant.appId, userId, resource, conversationId, id, seq }, () => queue.cursorStored(id));
        if (doubt.scarce) void this.cursors.flush();
      },
      reserve: (wanted) => doubt.reserve(wanted),
      release: (count) => doubt.release(count),
      waitForRoom: () => {
        const queue = session.queues?.get(peer);
        if (queue) doubt.wait(queue);
      },
      writable: () => session.ready && session.wire.buffered() < BUFFER_LIMIT_BYTES,
    };
  }

  /** Runs a read now, or when a queue of the session that reads has nothing left. */
  #read(session: Session, peer: string, read: () => Promise<void>): void {
    const reading = (session.reading ??= new Set());
    if (!reading.has(peer) && reading.size >= MOST_READS) {
      (session.waitingReads ??= []).push(() => this.#read(session, peer, read));
      return;
    }
    reading.add(peer);
    void read();
  }

  #readDone(session: Session, peer: string): void {
    if (!session.reading?.delete(peer)) return;
    if (session.reading.size === 0) session.reading = undefined;
    const next = session.waitingReads?.shift();
    if (session.waitingReads?.length === 0) session.waitingReads = undefined;
    if (session.ready) next?.();
  }

  async #fetch(session: Session, peer: string, afterId: bigint | undefined, limit: number): Promise<void> {
    const identity = session.identity!;
    const queue = session.queues!.get(peer)!;
    try {
      const page = await this.bus.request(requests.pull, {
        tenant: tenantOf(identity),
        userId: identity.userId,
        resource: identity.resource,
        peer,
        conversationId: queue.conversationId,
        afterId,
        limit,
      });
      if (!session.ready) return;
      if (queue.conversationId === 0n) queue.conversationId = page.conversationId;
      queue.fetched(page);
    } catch (error) {
      log.warn({ err: error }, 'queue could not be read, trying again');
      if (!session.ready) return;
      queue.fetchFailed();
      setTimeout(() => session.ready && queue.resume(), RETRY_MS).unref();
    }
  }
}

/** How a queue is named to the client: by the peer, without a resource. */
export function queueJid(appKey: string, peer: string): Jid {
  return { appKey, name: peer, domain: 'easemob.com', clientResource: '' };
}
