import type { AppSettingsDirectory } from '@parley/app-settings';
import { edit, type Tenant } from '@parley/contracts';
import { DomainError } from '@parley/errors';
import { foldUsername, idToMilliseconds } from '@parley/kernel';
import {
  BodyType,
  completeMeta,
  editBody,
  EditScope,
  encodeMetaBody,
  inspectMessageBody,
  MalformedFrame,
  mergeAttributes,
  NameSpace,
  readBodyParts,
  readMetaParts,
  reviseBody,
  withPayload,
  userJid,
} from '@parley/msync';
import { currentTraceparent } from '@parley/telemetry';
import type { ConversationStore, Party } from '../conversation/conversation.store.js';
import type { Delivery } from '../send/live-delivery.js';
import type { ChangeOrder, ChangeOutcome } from '../send/message-changes.js';
import { Audience, isRecipientOnly } from '../send/outgoing.js';
import { MessageState, type TimelineChange, type TimelineRow } from '../timeline/timeline-change.js';
import type { Conversation, Timelines } from '../timeline/timeline.js';
import { ADMIN, applyEdit, type EditMark, type EditWish, isTooLarge, metaWithEdit, refuseEdit } from './edit.rules.js';


/** An edit that is about to be carried out. */
interface Order {
  readonly tenant: Tenant;
  readonly conversationId: bigint;
  readonly messageId: bigint;
  readonly operator: { readonly name: string; readonly resource: string; readonly clientId: bigint };
  /** Finds the rest of the wish in the message as it is. @throws MalformedFrame */
  wish(old: { ext: readonly Uint8Array[] }): EditWish;
  /** MessageBody.meta that came with the edit. */
  readonly meta: string;
  readonly traceparent: string;
}

/** Changes messages that were sent: by their sender, by the tenant in his name or in that of "admin". */
export class EditService {
  constructor(
    private readonly timelines: Timelines,
    private readonly conversations: ConversationStore,
    private readonly settings: Pick<AppSettingsDirectory, 'of'>,
  ) {}

  /** A client's edit. A repetition of the same client id is answered like the first. @throws DomainError edit_* | message_too_large */
  async editBySender({ item, sender, recipient, traceparent }: ChangeOrder): Promise<ChangeOutcome> {
    const tenant = item.tenant!;
    const facts = inspectMessageBody(item.payload);
    const parts = readBodyParts(item.payload);
    const conversationId = await this.conversations.ofPair(tenant.appId, sender, recipient);
    if (facts.editMessageId === undefined || conversationId === undefined) throw new DomainError('edit_message_unavailable');
    if (parts.editScope !== EditScope.BODY && parts.editScope !== EditScope.BODY_AND_EXT) throw new DomainError('format_incorrect');
    const { id, mark } = await this.#edit({
      tenant,
      conversationId,
      messageId: facts.editMessageId,
      operator: { name: sender.name, resource: item.senderResource, clientId: item.clientId },
      wish: () => ({
        contents: { ...parts, contentType: facts.contentType },
        ext: parts.editScope === EditScope.BODY_AND_EXT ? parts.ext : undefined,
        lenient: true,
      }),
      meta: parts.meta,
      traceparent,
    });
    return { id, metas: mark ? [answerMeta(tenant, id, sender.name, mark)] : [] };
  }

  /** The tenant's edit. @throws DomainError edit_* | message_too_large */
  async edit({ tenant, messageId, operator, body, ext, extChange, clientId }: edit.EditRequest): Promise<edit.EditResponse> {
    const conversationId = await this.timelines.locate(tenant!.appId, messageId);
    if (conversationId === undefined) throw new DomainError('edit_message_unavailable');
    const { mark } = await this.#edit({
      tenant: tenant!,
      conversationId,
      messageId,
      operator: { name: foldUsername(operator), resource: '', clientId },
      wish: (old) => ({
        contents: body && { ...readBodyParts(body), contentType: inspectMessageBody(body).contentType },
        ext:
          extChange === edit.ExtChange.EXT_CHANGE_REPLACE
            ? ext
            : extChange === edit.ExtChange.EXT_CHANGE_MERGE
              ? mergeAttributes(old.ext, ext)
              : undefined,
        lenient: false,
      }),
      meta: '',
      traceparent: currentTraceparent(),
    });
    return { edits: mark?.count ?? 0 };
  }

  async #edit(order: Order): Promise<{ id: bigint; mark: EditMark | undefined }> {
    const settings = await this.settings.of(order.tenant.appId);
    try {
      const outcome = await this.timelines.change(order.tenant.appId, [order.conversationId], async (change) => {
        const conversation = change.conversation(order.conversationId);
        const message = (await change.messages(conversation, [order.messageId])).get(order.messageId);
        const author = message?.senderId === conversation.b.id ? conversation.b : conversation.a;
        const first = await change.firstTry(conversation, {
          senderId: author.id,
          senderResource: order.operator.resource,
          clientId: order.operator.clientId,
          kind: BodyType.EDIT,
          messageId: order.messageId,
        });
        if (first) return tellAgain(change, order, conversation, author, first);
        // Only now: what was under way may have been the first try of this very edit.
        if (!change.alone) throw new DomainError('edit_concurrent');
        const by = operatorId(order, conversation);
        const refused = by === undefined ? 'edit_not_permitted' : refuseEdit({ message, by, settings });
        if (refused) throw new DomainError(message || by !== undefined ? refused : 'edit_message_unavailable');
        return carryOut(change, order, conversation, author, message!, settings.messageBytes);
      }, { alone: order.messageId });
      if (!outcome) throw new DomainError('edit_message_unavailable');
      return outcome;
    } catch (error) {
      if (error instanceof MalformedFrame) throw new DomainError('format_incorrect', {}, { cause: error });
      throw error;
    }
  }
}

/** Under the lock: the message gets its new content, the edit before it gives way, and the new one is appended. */
async function carryOut(change: TimelineChange, order: Order, conversation: Conversation, author: Party, message: TimelineRow, mostBytes: number) {
  const { payload } = readMetaParts(message.meta);
  const old = readBodyParts(payload);
  const wish = order.wish(old);
  const parts = applyEdit({ ...old, contentType: message.bodyType & 15 }, wish);
  if (typeof parts === 'string') throw new DomainError(parts);
  if (isTooLarge(parts, old, mostBytes)) throw new DomainError('message_too_large');
  const mark: EditMark = {
    count: message.edits + 1,
    operator: order.operator.name,
    edit_time: change.nowMs,
    sender: author.name,
    send_time: idToMilliseconds(message.id),
    chat_type: 'chat:user',
  };
  const meta = metaWithEdit(old.meta, order.meta, parts.contents !== old.contents, mark);
  const key = [conversation.appId, conversation.conversationId, message.id];
  await change.client.query(
    `UPDATE message SET state = ${MessageState.removed}, meta = '' WHERE app_id = $1 AND conversation_id = $2 AND ack_id = $3
       AND body_type >> 4 = ${BodyType.EDIT} AND state = 0`,
    key,
  );
  await change.client.query('UPDATE message SET meta = $4, edits = edits + 1 WHERE app_id = $1 AND conversation_id = $2 AND id = $3', [
    ...key,
    withPayload(message.meta, reviseBody(payload, { ...parts, meta })),
  ]);
  const scope = parts.ext === old.ext ? EditScope.BODY : EditScope.BODY_AND_EXT;
  const body = (recipient: Party) => editBody({ ...parts, meta, from: order.operator.name, to: recipient.name, messageId: message.id, scope });
  const position = await change.append(noticeOf(order, conversation, author, message, body));
  return { id: position.id, mark };
}

/** A row that an earlier try stored. It may have been superseded since: then there is nothing to tell. */
function tellAgain(change: TimelineChange, order: Order, conversation: Conversation, author: Party, first: TimelineRow) {
  if (first.state !== MessageState.there) return { id: first.id, mark: undefined };
  const { payload } = readMetaParts(first.meta);
  change.tellAgain({ ...noticeOf(order, conversation, author, first, () => payload), meta: first.meta }, first);
  const { edit_msg: mark } = JSON.parse(readBodyParts(payload).meta) as { edit_msg: EditMark };
  return { id: first.id, mark };
}

/** Whose right is used: that of a side of the conversation, or of nobody in particular. */
function operatorId({ operator }: Order, { a, b }: Conversation): bigint | 'admin' | undefined {
  if (operator.name === a.name) return a.id;
  if (operator.name === b.name) return b.id;
  return operator.name === ADMIN && operator.resource === '' ? 'admin' : undefined;
}

/** The row that tells the devices of both sides. It goes to whoever got the message. */
function noticeOf(
  { tenant, operator, traceparent }: Order,
  { appId, conversationId, a, b }: Conversation,
  author: Party,
  like: Pick<TimelineRow, 'audience' | 'toResource' | 'bodyType'> & { id: bigint },
  body: (recipient: Party) => Uint8Array,
): Delivery {
  const recipient = author.id === a.id ? b : a;
  const appKey = `${tenant.org}#${tenant.app}`;
  return {
    appId,
    conversationId,
    senderId: author.id,
    senderResource: operator.resource,
    clientId: operator.clientId,
    audience: isRecipientOnly(like.audience) ? Audience.recipientOnly : Audience.everyone,
    bodyType: (BodyType.EDIT << 4) | (like.bodyType & 15),
    toResource: like.toResource,
    ackId: like.id,
    meta: encodeMetaBody({ from: userJid(appKey, operator.name, operator.resource), to: userJid(appKey, recipient.name), ns: NameSpace.CHAT, payload: body(recipient), ext: [] }),
    sender: author,
    recipient,
    traceparent,
  };
}

/** What the editor's own client waits for. */
function answerMeta(tenant: Tenant, id: bigint, operator: string, mark: EditMark): Buffer {
  const jid = userJid(`${tenant.org}#${tenant.app}`, operator);
  const payload = Buffer.from(JSON.stringify({ type: 'edit', edit_msg: mark }));
  return completeMeta(id, BigInt(idToMilliseconds(id)), encodeMetaBody({ from: jid, to: jid, ns: NameSpace.NOTIFY, payload, ext: [] }));
}
