import { type Bus, requests } from '@parley/bus';
import { foldUsername, isLegalUsername, SYSTEM_QUEUE } from '@parley/kernel';
import { encodePage, type Page, userJid } from '@parley/msync';
import { createLogger } from '@parley/telemetry';
import { type Session, tenantOf } from '../session/session.js';
import type { PushMarks } from '../trace/push-marks.js';
import type { CursorBatcher } from './cursor-batcher.js';
import { DoubtBudget } from './doubt-budget.js';
import { Feed } from './feed.js';
import { type FeedRow, Queue } from './queue.js';

const log = createLogger('gateway');
const DAY_MS = 86_400_000;
const RETRY_MS = 500;
/** Above this many buffered bytes a socket gets no more pages until it has drained. */
const BUFFER_LIMIT_BYTES = 256 * 1024;
/** A client that names ever new queues is not a client. */
const MOST_QUEUES = 20_000;
const READ_ROWS = 400;

/** What a connection gets: its queues by name and by conversation, and the feed that fills them. */
export interface SessionDelivery {
  readonly feed: Feed;
  readonly doubt: DoubtBudget;
  readonly byPeer: Map<string, Queue>;
  readonly byConversation: Map<bigint, Queue>;
  /** Queues whose client waits for an answer. */
  readonly owing: Set<Queue>;
  /** The day since 1970 from which on the app's rows are kept, as the store said last; 0 = not known. */
  epoch: number;
}

/** Connects the queues of sessions with their sockets, the store and the cursor batches. */
export class SessionQueues {
  constructor(
    private readonly bus: Bus,
    private readonly cursors: CursorBatcher,
    private readonly pushes: Pick<PushMarks, 'note'>,
  ) {}

  /** Rows of one conversation as they come, in order. */
  live(session: Session, rows: readonly FeedRow[]): void {
    this.#of(session).feed.live(rows);
  }

  /** @returns false when the session has named too many queues */
  clientSync(session: Session, peer: string, key: bigint | undefined): boolean {
    if (peer !== SYSTEM_QUEUE && !isLegalUsername(foldUsername(peer))) {
      // Nobody has such a name; the client still waits for the end of this queue.
      this.#page(session, peer, { metas: [], isLast: true });
      return true;
    }
    const delivery = this.#of(session);
    let queue = delivery.byPeer.get(peer);
    if (!queue) {
      if (delivery.byPeer.size >= MOST_QUEUES) return false;
      queue = this.#queue(session, delivery, peer, 0n);
    }
    queue.clientSync(key);
    if (queue.owesAnswer) delivery.owing.add(queue);
    // Without a key the client asks because something is unread: the store knows.
    if (key === undefined) delivery.feed.look(queue.conversationId);
    else if (delivery.feed.isLevel) answerOwed(delivery);
    return true;
  }

  drained(session: Session): void {
    session.delivery?.feed.pump();
  }

  #of(session: Session): SessionDelivery {
    if (session.delivery) return session.delivery;
    const doubt = new DoubtBudget();
    const byConversation = new Map<bigint, Queue>();
    const delivery: SessionDelivery = {
      doubt,
      byConversation,
      byPeer: new Map(),
      owing: new Set(),
      epoch: 0,
      feed: new Feed({
        position: (conversationId) => byConversation.get(conversationId)?.position,
        write: (rows) => this.#queueOf(session, delivery, rows[0]!).write(rows),
        read: (positions, only) => void this.#read(session, delivery, positions, only),
        room: () => doubt.room,
        writable: () => session.ready && session.wire.buffered() < BUFFER_LIMIT_BYTES,
        level: () => answerOwed(delivery),
      }),
    };
    session.delivery = delivery;
    return delivery;
  }

  /** A user who was deleted and another who took the name have a conversation each: the one that speaks takes the queue over. */
  #queueOf(session: Session, delivery: SessionDelivery, { conversationId, peer }: FeedRow): Queue {
    const known = delivery.byConversation.get(conversationId);
    if (known) return known;
    const named = delivery.byPeer.get(peer);
    if (named?.conversationId === 0n) {
      named.conversationId = conversationId;
      delivery.byConversation.set(conversationId, named);
      return named;
    }
    if (named) {
      named.abandon();
      delivery.byConversation.delete(named.conversationId);
    }
    return this.#queue(session, delivery, peer, conversationId);
  }

  #queue(session: Session, delivery: SessionDelivery, peer: string, conversationId: bigint): Queue {
    const { tenant, userId, resource } = session.identity!;
    const queue: Queue = new Queue(conversationId, delivery.doubt, {
      page: (metas, nextKey, askAck, rows) => {
        const place = rows && { previous: rows.previous, position: rows.position, epoch: delivery.epoch };
        this.#page(session, peer, { metas: metas as Uint8Array[], nextKey, isLast: !askAck, place });
        if (rows) this.pushes.note({ appId: tenant.appId, userId, resource, conversationId: queue.conversationId, fromId: rows.firstId, toId: nextKey! });
      },
      moveCursor: (id, seq) => {
        const move = { appId: tenant.appId, userId, resource, conversationId: queue.conversationId, id, seq };
        this.cursors.move(move, () => {
          queue.cursorStored(id);
          delivery.feed.stored(queue.conversationId, id);
          if (session.ready) delivery.feed.pump();
        });
        if (delivery.doubt.scarce) this.cursors.hurry(delivery.doubt.isAnswered);
      },
    });
    delivery.byPeer.set(peer, queue);
    if (conversationId !== 0n) delivery.byConversation.set(conversationId, queue);
    return queue;
  }

  #page(session: Session, peer: string, page: Pick<Page, 'metas' | 'nextKey' | 'isLast' | 'place'>): void {
    const { org, app } = session.identity!.tenant;
    session.wire.send(encodePage({ ...page, queue: userJid(`${org}#${app}`, peer), timestampMs: BigInt(Date.now()) }));
  }

  async #read(session: Session, delivery: SessionDelivery, positions: ReadonlyMap<bigint, bigint>, only: readonly bigint[]): Promise<void> {
    const identity = session.identity!;
    const { feed } = delivery;
    try {
      const { rows, hasMore, keptSinceMs } = await this.bus.request(requests.pull, {
        tenant: tenantOf(identity),
        userId: identity.userId,
        resource: identity.resource,
        limit: READ_ROWS,
        read: [...positions].map(([conversationId, id]) => ({ conversationId, id })),
        only: [...only],
      });
      delivery.epoch = Number(keptSinceMs) / DAY_MS;
      if (session.ready) feed.arrived(rows as readonly FeedRow[], hasMore, only);
    } catch (error) {
      log.warn({ err: error }, 'queues could not be read, trying again');
      feed.failed(only);
      setTimeout(() => session.ready && feed.pump(), RETRY_MS).unref();
    }
  }
}

function answerOwed(delivery: SessionDelivery): void {
  for (const queue of delivery.owing) queue.level();
  delivery.owing.clear();
}
