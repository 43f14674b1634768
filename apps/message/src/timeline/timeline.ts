import { type Bus, eventSubjects } from '@parley/bus';
import { inTransaction } from '@parley/db';
import { DomainError } from '@parley/errors';
import { BodyType } from '@parley/msync';
import { createLogger } from '@parley/telemetry';
import type { Pool, PoolClient } from 'pg';
import type { Party } from '../conversation/conversation.store.js';
import type { Deliveries, Delivery } from '../send/live-delivery.js';
import type { Position } from '../send/outgoing.js';
import { changeEventOf } from './change-event.js';
import { TimelineChange } from './timeline-change.js';

const log = createLogger('message');
/** Longer than a change takes; whoever is turned away tries again. */
const ALONE_WITHIN_MS = 1_000;

/** A conversation as its row says. */
export interface Conversation {
  readonly appId: number;
  readonly conversationId: bigint;
  readonly a: Party;
  readonly b: Party;
}

/**
 * Changes of what is already in timelines: check and do under the lock of the conversations' rows, which is also the lock
 * under which messages are appended, then tell gateways and the event stream.
 */
export class Timelines {
  constructor(
    private readonly pool: Pool,
    private readonly deliveries: Deliveries,
    private readonly bus: Pick<Bus, 'publishEvent'>,
    private readonly rememberDays: number,
  ) {}

  /** The conversation of a message of this app, by the message's id alone. */
  async locate(appId: number, messageId: bigint): Promise<bigint | undefined> {
    return (await this.locateAll(appId, [messageId])).get(messageId);
  }

  /** Conversations of messages; ids that are not of this app are left out. */
  async locateAll(appId: number, messageIds: readonly bigint[]): Promise<Map<bigint, bigint>> {
    const { rows } = await this.pool.query<{ id: string; conversation_id: string }>({
      name: 'locate-messages',
      text: 'SELECT id, conversation_id FROM message WHERE id = ANY($1::bigint[]) AND app_id = $2',
      values: [messageIds, appId],
    });
    return new Map(rows.map((row) => [BigInt(row.id), BigInt(row.conversation_id)]));
  }

  /**
   * Runs `work` in one transaction that holds the rows of these conversations; what it throws undoes all of it. Resolves
   * when the events of what it appended are accepted.
   * @param options.alone asks to be alone with this message: `work` learns whether another change that asks so was under way
   * @throws DomainError unavailable while it could not be told
   * @returns what `work` returns; undefined when one of the conversations does not exist
   */
  async change<T>(
    appId: number,
    conversationIds: readonly bigint[],
    work: (change: TimelineChange) => Promise<T>,
    options: { alone?: bigint } = {},
  ): Promise<T | undefined> {
    this.deliveries.mustBePossible();
    const done = await inTransaction(this.pool, async (client) => {
      const alone = options.alone === undefined || (await isAlone(client, options.alone));
      // In key order, like every batch that is appended.
      const { rows } = await client.query<ConversationRow>({
        name: 'lock-conversations',
        text: `SELECT conversation_id, user_a, user_b, name_a, name_b, (extract(epoch FROM clock_timestamp()) * 1000)::bigint AS now_ms
          FROM conversation WHERE app_id = $1 AND conversation_id = ANY($2::bigint[]) ORDER BY app_id, conversation_id FOR UPDATE`,
        values: [appId, conversationIds],
      });
      if (rows.length < new Set(conversationIds).size) return undefined;
      const change = new TimelineChange(client, new Map(rows.map((row) => [BigInt(row.conversation_id), conversationOf(appId, row)])), {
        nowMs: Number(rows[0]!.now_ms),
        alone,
        rememberDays: this.rememberDays,
      });
      return { result: await work(change), appended: change.appended };
    });
    if (!done) return undefined;
    await this.publish(done.appended);
    return done.result;
  }

  /** Tells of rows that are stored; to be told again does no harm. Rejects when JetStream has not taken the events. */
  async publish(appended: readonly { delivery: Delivery; position: Position }[]): Promise<void> {
    if (appended.length === 0) return;
    await this.deliveries.publish(
      appended.map((one) => one.delivery),
      appended.map((one) => one.position),
    );
    for (const { delivery, position } of appended) {
      const type = delivery.bodyType >> 4;
      if (type === BodyType.RECALL || type === BodyType.EDIT) await publishChange(this.bus, { ...delivery, id: position.id });
    }
  }
}

/** The event of a recall's, an expiry's or an edit's row. */
export async function publishChange(bus: Pick<Bus, 'publishEvent'>, row: Parameters<typeof changeEventOf>[0]): Promise<void> {
  const event = changeEventOf(row);
  if (event?.kind === 'recalled') await bus.publishEvent(eventSubjects.messageRecalled, row.appId, event.value);
  else if (event?.kind === 'expired') await bus.publishEvent(eventSubjects.messageExpired, row.appId, event.value);
  else if (event?.kind === 'edited') await bus.publishEvent(eventSubjects.messageEdited, row.appId, event.value);
  else log.warn({ appId: row.appId, id: String(row.id) }, 'a change of a message could not be read');
}

/** Whether nobody else was at this message; if somebody was, waits until he has ended. @throws DomainError unavailable */
async function isAlone(client: PoolClient, messageId: bigint): Promise<boolean> {
  const { rows } = await client.query<{ alone: boolean }>('SELECT pg_try_advisory_xact_lock($1) AS alone', [messageId]);
  if (rows[0]!.alone) return true;
  await client.query(`SET LOCAL lock_timeout = '${ALONE_WITHIN_MS}ms'`);
  await client.query('SELECT pg_advisory_xact_lock($1)', [messageId]).catch((error: unknown) => {
    throw new DomainError('unavailable', {}, { cause: error });
  });
  await client.query('SET LOCAL lock_timeout = DEFAULT');
  return false;
}

interface ConversationRow {
  conversation_id: string;
  user_a: string;
  user_b: string;
  name_a: string;
  name_b: string;
  now_ms: string;
}

function conversationOf(appId: number, row: ConversationRow): Conversation {
  return {
    appId,
    conversationId: BigInt(row.conversation_id),
    a: { id: BigInt(row.user_a), name: row.name_a },
    b: { id: BigInt(row.user_b), name: row.name_b },
  };
}
