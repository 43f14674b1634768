import { jetstreamManager } from '@nats-io/jetstream';
import { type Bus, EVERY_STORED_MESSAGE, eventStream, eventSubjects, type Subscription } from '@parley/bus';
import { events } from '@parley/contracts';
import { idToMilliseconds, ID_EPOCH_MS, SYSTEM_PARTY_ID } from '@parley/kernel';
import { BodyType, completeMeta } from '@parley/msync';
import { createLogger } from '@parley/telemetry';
import type { Pool } from 'pg';
import { publishStored } from '../send/stored-event.js';
import type { ChangeRow } from '../timeline/change-event.js';
import { publishChange } from '../timeline/timeline.js';

const log = createLogger('message');
const PAGE = 500;
/** Commits under way elsewhere may publish a little out of order; what is published twice is dropped by its id. */
const OVERLAP_MS = 5_000;

/**
 * JetStream's acknowledgement is no disk flush: a server that lost its last moments may miss events of messages that
 * were acknowledged. On start and after every reconnect the events since the last one that the stream still has are
 * published again from the store, which is the truth.
 */
export class RepublishService {
  #running: Promise<void> | undefined;
  #stopped = false;
  #reconnects: Subscription | undefined;

  constructor(
    private readonly bus: Bus,
    private readonly pool: Pool,
  ) {}

  start(): void {
    void this.run();
    this.#reconnects = this.bus.onReconnect(() => void this.run());
  }

  stop(): void {
    this.#stopped = true;
    this.#reconnects?.unsubscribe();
  }

  /** One round; calls during a round share it. */
  run(): Promise<void> {
    this.#running ??= this.#republish()
      .catch((error: unknown) => log.error({ err: error }, 'events could not be published again'))
      .finally(() => (this.#running = undefined));
    return this.#running;
  }

  async #republish(): Promise<void> {
    await this.bus.ensureStream();
    const last = await this.#lastEventId();
    const sinceMs = last === undefined ? Date.now() - eventStream.maxAgeMs : idToMilliseconds(last) - OVERLAP_MS;
    let after = BigInt(sinceMs - ID_EPOCH_MS) << 22n;
    let count = 0;
    for (;;) {
      const rows = await this.#rowsAfter(after);
      for (const [appId, messages] of byApp(rows)) {
        await publishStored(this.bus, appId, messages);
      }
      for (const row of rows.filter(isChange)) await publishChange(this.bus, changeOf(row));
      count += rows.length;
      if (rows.length < PAGE || this.#stopped) break;
      after = BigInt(rows.at(-1)!.id);
    }
    if (count > 0) log.info({ count }, 'message events published again');
  }

  async #lastEventId(): Promise<bigint | undefined> {
    const manager = await jetstreamManager(this.bus.connection);
    const found = await manager.streams.getMessage(eventStream.name, {
      last_by_subj: EVERY_STORED_MESSAGE,
    });
    if (!found) return undefined;
    const { messages } = eventSubjects.messagesStored.codec.decode(found.data);
    return messages.at(-1)?.id;
  }

  async #rowsAfter(after: bigint): Promise<Row[]> {
    const { rows } = await this.pool.query<Row>(
      `SELECT m.app_id, m.conversation_id, m.id, m.seq, m.sender_id, m.sender_resource, m.body_type, m.meta,
          CASE WHEN m.sender_id = c.user_a THEN c.name_a ELSE c.name_b END AS sender,
          CASE WHEN m.sender_id = c.user_a THEN c.user_b ELSE c.user_a END AS recipient_id,
          CASE WHEN m.sender_id = c.user_a THEN c.name_b ELSE c.name_a END AS recipient
        FROM message m JOIN conversation c ON c.app_id = m.app_id AND c.conversation_id = m.conversation_id
        WHERE m.id > $1 AND c.user_a <> ${SYSTEM_PARTY_ID} AND m.state = 0 AND m.seq > 0 ORDER BY m.id LIMIT ${PAGE}`,
      [after],
    );
    return rows;
  }
}

interface Row {
  app_id: number;
  conversation_id: string;
  id: string;
  seq: string;
  sender_id: string;
  sender_resource: string;
  body_type: number;
  sender: string;
  recipient_id: string;
  recipient: string;
  meta: Buffer;
}

function isChange({ body_type: type }: Row): boolean {
  return type >> 4 === BodyType.RECALL || type >> 4 === BodyType.EDIT;
}

function changeOf(row: Row): ChangeRow {
  return {
    appId: row.app_id,
    id: BigInt(row.id),
    conversationId: BigInt(row.conversation_id),
    senderId: BigInt(row.sender_id),
    senderResource: row.sender_resource,
    sender: { name: row.sender },
    recipient: { name: row.recipient },
    meta: row.meta,
  };
}

function byApp(rows: readonly Row[]): Map<number, events.StoredMessage[]> {
  const apps = new Map<number, events.StoredMessage[]>();
  for (const row of rows) {
    const id = BigInt(row.id);
    const messages = apps.get(row.app_id) ?? [];
    apps.set(row.app_id, messages);
    messages.push({
      id,
      conversationId: BigInt(row.conversation_id),
      seq: BigInt(row.seq),
      senderId: BigInt(row.sender_id),
      sender: row.sender,
      senderResource: row.sender_resource,
      recipientId: BigInt(row.recipient_id),
      recipient: row.recipient,
      meta: completeMeta(id, BigInt(idToMilliseconds(id)), row.meta),
    });
  }
  return apps;
}
