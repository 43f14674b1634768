import { BodyType, encodeMetaBody, keyValues, NameSpace, readAppKey, recallBody, userJid } from '@parley/msync';
import { Rounds } from '@parley/rpc';
import { createLogger } from '@parley/telemetry';
import type { Pool } from 'pg';
import { EXPIRED_EXTENSION, EXPIRY_RESOURCE, RECALL_EXTENSION } from '../timeline/change-event.js';
import { MessageState, type TimelineChange, type TimelineRow } from '../timeline/timeline-change.js';
import { Audience, isRecipientOnly } from '../send/outgoing.js';
import type { Conversation, Timelines } from '../timeline/timeline.js';

const log = createLogger('message');
const BATCH = 200;
/** A replica that took something and died gives it back after this long. */
const TAKEN_FOR = '30 seconds';

interface Due {
  app_id: number;
  conversation_id: string;
  message_id: string;
}

/**
 * Takes messages away whose time to live has passed. Replicas share the work: each takes what no other has taken, by
 * moving its due time ahead, so that it comes again if this replica dies. Reads only what is due.
 */
export class ExpirySweep {
  readonly rounds: Rounds;

  constructor(
    private readonly pool: Pool,
    private readonly timelines: Timelines,
    everyMs: number,
  ) {
    this.rounds = new Rounds(everyMs, () => this.sweep(), (error) => log.error({ err: error }, 'expired messages could not be taken away, will try again'));
  }

  /** Takes away all that is due now. */
  async sweep(): Promise<void> {
    for (;;) {
      const due = await this.#take();
      for (const { appId, conversationId, ids } of byConversation(due)) {
        await this.timelines.change(appId, [conversationId], (change) => expire(change, change.conversation(conversationId), ids));
      }
      if (due.length < BATCH || this.rounds.stopped) return;
    }
  }

  async #take(): Promise<Due[]> {
    const { rows } = await this.pool.query<Due>({
      name: 'take-expired',
      text: `UPDATE message_expiry e SET due_at = clock_timestamp() + interval '${TAKEN_FOR}'
        FROM (SELECT app_id, conversation_id, message_id FROM message_expiry WHERE due_at <= clock_timestamp()
          ORDER BY due_at LIMIT ${BATCH} FOR UPDATE SKIP LOCKED) d
        WHERE e.app_id = d.app_id AND e.conversation_id = d.conversation_id AND e.message_id = d.message_id
        RETURNING e.app_id, e.conversation_id, e.message_id`,
    });
    return rows;
  }
}

/** What another replica or a recall has taken away meanwhile is there no more, and nothing happens to it. */
async function expire(change: TimelineChange, conversation: Conversation, ids: readonly bigint[]): Promise<void> {
  const { rows } = await change.client.query<{ message_id: string }>(
    `DELETE FROM message_expiry WHERE app_id = $1 AND conversation_id = $2 AND message_id = ANY($3::bigint[]) RETURNING message_id`,
    [conversation.appId, conversation.conversationId, ids],
  );
  const messages = await change.messages(conversation, rows.map((row) => BigInt(row.message_id)));
  const there = [...messages.values()].filter((message) => message.state === MessageState.there).sort((a, b) => (a.id < b.id ? -1 : 1));
  if (there.length === 0) return;
  await change.takeAway(conversation, there.map((message) => message.id), MessageState.expired);
  for (const message of there) await change.append(noticeOf(conversation, message));
}

/** For devices it is a recall, which every client understands, with the reason where the application can read it. */
function noticeOf({ appId, conversationId, a, b }: Conversation, message: TimelineRow) {
  const sender = message.senderId === b.id ? b : a;
  const recipient = sender === a ? b : a;
  const jid = (name: string) => userJid(readAppKey(message.meta), name);
  return {
    appId,
    conversationId,
    senderId: sender.id,
    senderResource: EXPIRY_RESOURCE,
    clientId: message.id,
    audience: isRecipientOnly(message.audience) ? Audience.recipientOnly : Audience.everyone,
    bodyType: BodyType.RECALL << 4,
    toResource: message.toResource,
    ackId: message.id,
    meta: encodeMetaBody({
      from: jid(sender.name),
      to: jid(recipient.name),
      ns: NameSpace.CHAT,
      payload: recallBody({ from: sender.name, to: recipient.name, messageId: message.id }),
      ext: keyValues({ [RECALL_EXTENSION]: EXPIRED_EXTENSION }),
    }),
    sender,
    recipient,
    traceparent: '',
  };
}

function byConversation(due: readonly Due[]): { appId: number; conversationId: bigint; ids: bigint[] }[] {
  const groups = new Map<string, { appId: number; conversationId: bigint; ids: bigint[] }>();
  for (const row of due) {
    const key = `${row.app_id} ${row.conversation_id}`;
    const group = groups.get(key) ?? { appId: row.app_id, conversationId: BigInt(row.conversation_id), ids: [] };
    groups.set(key, group);
    group.ids.push(BigInt(row.message_id));
  }
  return [...groups.values()];
}
