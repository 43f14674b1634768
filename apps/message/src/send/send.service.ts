import { message } from '@parley/contracts';
import { DomainError } from '@parley/errors';
import { type EphemeralIds, idToMilliseconds } from '@parley/kernel';
import { completeMeta } from '@parley/msync';
import { counter, createLogger, currentTraceparent, inSpan, withRemoteParent } from '@parley/telemetry';
import type { ConversationStore } from '../conversation/conversation.store.js';
import type { ReceiptCheck, ReceiptVerdict } from '../receipt/receipt.check.js';
import { type GroupCommit, isDataError, Overloaded } from './group-commit.js';
import type { Deliveries, Delivery } from './live-delivery.js';
import type { MessageChanges } from './message-changes.js';
import { type Accepted, type Change, isAccepted, type SendJudge } from './send-judge.js';
import { answerOnly, failure, type SendResult, success } from './send-result.js';

const log = createLogger('message');
const accepted = counter('message', 'parley.messages.accepted', 'messages stored or sent on');

/** Takes messages from the edges: rules, then one commit, then live delivery and the domain event. */
export class SendService {
  constructor(
    private readonly judge: SendJudge,
    private readonly conversations: ConversationStore,
    private readonly commits: GroupCommit<Delivery>,
    private readonly deliveries: Deliveries,
    private readonly receipts: ReceiptCheck,
    private readonly changes: MessageChanges,
    private readonly ids: EphemeralIds,
  ) {}

  /** Results in the order of the items. Safe to repeat: see SendBatchRequest. */
  async send(request: message.SendBatchRequest): Promise<message.SendBatchResponse> {
    const judged = await this.judge.judge(request.items);

    const stored = judged.filter((one): one is Accepted => isAccepted(one) && (one.receipt || !isOnlineOnly(one.item)));
    const conversationIds = await this.conversations.ofPairs(
      stored.map((one) => ({ appId: one.item.tenant!.appId, one: one.sender, other: one.recipient })),
    );
    const conversationOf = new Map(stored.map((one, i) => [one, conversationIds[i]!]));
    const verdicts = await this.#checkReceipts(stored.filter((one) => one.receipt), conversationOf);

    const results = await Promise.all(
      judged.map((one) => {
        if (!('item' in one)) return one;
        return withRemoteParent(one.item.traceparent, 'message.send', async () => {
          if (!isAccepted(one)) return this.#change(one);
          const conversationId = conversationOf.get(one);
          const verdict = verdicts.get(one);
          if (verdict === 'ignore') return answerOnly(this.ids);
          return conversationId === undefined || verdict === 'online' || isOnlineOnly(one.item) ? this.#sendOnline(one) : this.#store(one, conversationId);
        });
      }),
    );
    return { results };
  }

  async #checkReceipts(receipts: readonly Accepted[], conversationOf: ReadonlyMap<Accepted, bigint>): Promise<Map<Accepted, ReceiptVerdict>> {
    const verdicts = await this.receipts.check(
      receipts.map((one) => ({
        appId: one.item.tenant!.appId,
        conversationId: conversationOf.get(one)!,
        ackId: one.ackId,
        bodyType: one.bodyType,
        author: one.recipient,
        senderId: one.sender.id,
        senderResource: one.item.senderResource,
        clientId: one.item.clientId,
      })),
    );
    return new Map(receipts.map((one, i) => [one, verdicts[i]!]));
  }

  async #change({ change, ...order }: Change): Promise<SendResult> {
    try {
      const { id, metas } = await this.changes[change]({ ...order, traceparent: currentTraceparent() });
      return { ...success(id), metas: metas as Buffer[] };
    } catch (error) {
      if (error instanceof DomainError) return failure(error.code, error.params['detail']);
      if (isDataError(error)) return failure('format_incorrect');
      log.error({ err: error, change }, 'message was not changed');
      return failure('unavailable');
    }
  }

  async #store(one: Accepted, conversationId: bigint): Promise<SendResult> {
    const { item } = one;
    const delivery: Delivery = {
      appId: item.tenant!.appId,
      conversationId,
      senderId: one.sender.id,
      senderResource: item.senderResource,
      clientId: item.clientId,
      audience: one.audience,
      bodyType: one.bodyType,
      toResource: item.toResource === '' ? null : item.toResource,
      ackId: one.ackId,
      expiry: one.expiry,
      meta: one.metaBody,
      sender: one.sender,
      recipient: one.recipient,
      traceparent: currentTraceparent(),
    };
    try {
      const commit = () => this.commits.commit(delivery);
      const position = await (item.traceparent === '' ? commit() : inSpan('message.append', { 'db.system': 'postgresql' }, commit));
      if (!position) return failure('send_failed');
      accepted.add(1);
      return success(position.id);
    } catch (error) {
      // These come in crowds, and were told of by those who know why.
      if (!(error instanceof Overloaded || error instanceof DomainError)) log.error({ err: error }, 'message was not committed');
      return failure(isDataError(error) ? 'format_incorrect' : 'unavailable');
    }
  }

  /** ROUTE_ONLINE: to whoever is connected now; never on disk. */
  #sendOnline(one: Accepted): SendResult {
    const id = this.ids.next();
    const meta = completeMeta(id, BigInt(idToMilliseconds(id)), one.metaBody);
    this.deliveries.publishOnlineOnly({
      appId: one.item.tenant!.appId,
      id,
      meta,
      sender: one.sender,
      senderId: one.sender.id,
      senderResource: one.item.senderResource,
      recipient: one.recipient,
      toResource: one.item.toResource,
      recipientOnly: one.item.recipientOnly,
      traceparent: currentTraceparent(),
    });
    accepted.add(1);
    return success(id);
  }
}

function isOnlineOnly(item: message.SendItem): boolean {
  return item.route === message.Route.ROUTE_ONLINE;
}
