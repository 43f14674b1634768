import type { AppSettingsDirectory } from '@parley/app-settings';
import { message } from '@parley/contracts';
import { DomainError } from '@parley/errors';
import { EphemeralIds, idToMilliseconds } from '@parley/kernel';
import { completeMeta, encodeMetaBody, type Jid, MalformedFrame } from '@parley/msync';
import { counter, createLogger, currentTraceparent, inSpan, withRemoteParent } from '@parley/telemetry';
import type { ConversationStore, Party } from '../conversation/conversation.store.js';
import { directoryKey, type UserDirectory } from '../conversation/user-directory.js';
import { mayExpire, readExpiry } from '../expiry/expiry.rules.js';
import type { SendPolicy } from '../policy/send-policy.js';
import type { ReceiptCheck, ReceiptVerdict } from '../receipt/receipt.check.js';
import { type GroupCommit, isDataError, Overloaded } from './group-commit.js';
import type { Deliveries, Delivery } from './live-delivery.js';
import type { ChangeOrder, MessageChanges } from './message-changes.js';
import { Audience, type Expiry } from './outgoing.js';
import { judgeSend } from './send.rules.js';

const log = createLogger('message');
const accepted = counter('message', 'parley.messages.accepted', 'messages stored or sent on');
const refused = counter('message', 'parley.messages.refused', 'messages refused, by error code');

const USER_DOMAIN = 'easemob.com';

type SendItem = message.SendItem;
type SendResult = message.SendResult;

/** A message with both sides known and the rules passed. */
interface Accepted {
  readonly item: SendItem;
  readonly sender: Party;
  readonly recipient: Party;
  readonly audience: Audience;
  readonly bodyType: number;
  readonly ackId: bigint | undefined;
  readonly receipt: boolean;
  readonly expiry: Expiry | undefined;
  readonly metaBody: Uint8Array;
  /** Something that a user says: whether he may is a question of policy. */
  readonly said: boolean;
}

/** A message that changes another one. */
interface Change extends Omit<ChangeOrder, 'traceparent'> {
  readonly change: 'recall' | 'edit';
  readonly said: boolean;
}

type Judged = Accepted | Change | SendResult;

/** Takes messages from the edges: rules, then one commit, then live delivery and the domain event. */
export class SendService {
  readonly #ephemeralIds = new EphemeralIds();

  constructor(
    private readonly directory: UserDirectory,
    private readonly policy: SendPolicy,
    private readonly conversations: ConversationStore,
    private readonly commits: GroupCommit<Delivery>,
    private readonly deliveries: Deliveries,
    private readonly receipts: ReceiptCheck,
    private readonly changes: MessageChanges,
    private readonly settings: Pick<AppSettingsDirectory, 'of'>,
  ) {}

  /** Results in the order of the items. Safe to repeat: see SendBatchRequest. */
  async send(request: message.SendBatchRequest): Promise<message.SendBatchResponse> {
    const names = request.items.flatMap((item) => [
      { appId: item.tenant!.appId, username: item.to },
      ...(item.senderId === 0n ? [{ appId: item.tenant!.appId, username: item.sender }] : []),
    ]);
    const users = await this.directory.resolve(names);
    const judged = await this.#restrict(await Promise.all(request.items.map((item) => this.#accept(item, users))));

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
          if (verdict === 'ignore') return this.#answerOnly();
          return conversationId === undefined || verdict === 'online' || isOnlineOnly(one.item) ? this.#sendOnline(one) : this.#store(one, conversationId);
        });
      }),
    );
    return { results };
  }

  /** Refuses what policy forbids: blocked, not a contact, muted. */
  async #restrict(judged: Judged[]): Promise<Judged[]> {
    const said = judged.filter((one): one is Accepted | Change => 'said' in one && one.said);
    const refusals = await this.policy.refusals(
      said.map(({ item, sender, recipient }) => ({ appId: item.tenant!.appId, senderId: sender.id, recipientId: recipient.id })),
    );
    const refusalOf = new Map<Judged, SendResult>();
    said.forEach((one, i) => {
      const refusal = refusals[i];
      if (refusal !== undefined) refusalOf.set(one, failure(refusal));
    });
    return judged.map((one) => refusalOf.get(one) ?? one);
  }

  async #checkReceipts(receipts: readonly Accepted[], conversationOf: ReadonlyMap<Accepted, bigint>): Promise<Map<Accepted, ReceiptVerdict>> {
    const verdicts = await this.receipts.check(
      receipts.map((one) => ({
        appId: one.item.tenant!.appId,
        conversationId: conversationOf.get(one)!,
        ackId: one.ackId,
        bodyType: one.bodyType,
        author: one.recipient,
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

  async #accept(item: SendItem, users: Map<string, bigint>): Promise<Judged> {
    const tenant = item.tenant!;
    let verdict;
    try {
      verdict = judgeSend(item);
    } catch (error) {
      if (error instanceof MalformedFrame) return failure('format_incorrect');
      throw error;
    }
    if (verdict.refused !== undefined) return failure(verdict.refused);

    const senderId =
      item.senderId !== 0n
        ? item.senderId
        : (users.get(directoryKey(tenant.appId, item.sender)) ??
          (await this.conversations.namedSender(tenant.appId, item.sender)));
    let recipientId = users.get(directoryKey(tenant.appId, item.to));
    if (recipientId === undefined && (verdict.change || verdict.receipt)) {
      recipientId = await this.conversations.findNamedSender(tenant.appId, item.to);
    }
    if (recipientId === undefined) {
      return item.ignoreUnknownRecipient ? this.#answerOnly() : failure('recipient_not_found', item.to);
    }
    const parties = { sender: { id: senderId, name: item.sender }, recipient: { id: recipientId, name: item.to } };
    if (verdict.change) return { item, ...parties, change: verdict.change, said: verdict.change === 'edit' && item.senderResource !== '' };
    const expiry = verdict.receipt || !mayExpire(item.payload) ? undefined : await this.#expiryOf(item);
    if (expiry && 'error' in expiry) return expiry;
    const appKey = `${tenant.org}#${tenant.app}`;
    return {
      item,
      ...parties,
      audience: item.notInHistory ? ((verdict.audience | Audience.everyoneButHistory) as Audience) : verdict.audience,
      bodyType: verdict.bodyType,
      ackId: verdict.ackId,
      receipt: verdict.receipt,
      expiry,
      metaBody: encodeMetaBody({
        from: jid(appKey, item.sender, item.senderResource),
        to: jid(appKey, item.to, item.toResource),
        ns: item.ns,
        payload: item.payload,
        ext: item.ext,
      }),
      // A message without a device is a server's.
      said: !verdict.receipt && item.senderResource !== '',
    };
  }

  /** Only for the few messages that seem to ask for a time to live. */
  async #expiryOf({ tenant, payload }: SendItem): Promise<Expiry | SendResult | undefined> {
    const { expiryMostSeconds } = await this.settings.of(tenant!.appId);
    const expiry = malformedAsInvalid(() => readExpiry(payload, expiryMostSeconds));
    return expiry === 'invalid' ? failure('expiry_invalid', String(expiryMostSeconds)) : expiry;
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
      if (!(error instanceof Overloaded)) log.error({ err: error }, 'message was not committed');
      return failure(isDataError(error) ? 'format_incorrect' : 'unavailable');
    }
  }

  /** ROUTE_ONLINE: to whoever is connected now; never on disk. */
  #sendOnline(one: Accepted): SendResult {
    const id = this.#ephemeralIds.next();
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

  /**
   * REST answers an unknown recipient with an id like any other (protocol facts); nobody will ever see the message. So is a
   * receipt answered that is about nothing its sender was sent: clients send receipts by themselves and await no refusal.
   */
  #answerOnly(): SendResult {
    return success(this.#ephemeralIds.next());
  }
}

function isAccepted(one: Judged): one is Accepted {
  return 'metaBody' in one;
}

function isOnlineOnly(item: SendItem): boolean {
  return item.route === message.Route.ROUTE_ONLINE;
}

function malformedAsInvalid(read: () => Expiry | 'invalid' | undefined): Expiry | 'invalid' | undefined {
  try {
    return read();
  } catch (error) {
    if (error instanceof MalformedFrame) return 'invalid';
    throw error;
  }
}

function success(id: bigint): SendResult {
  return { error: '', errorDetail: '', serverId: id, timestampMs: BigInt(idToMilliseconds(id)), metas: [] };
}

function failure(error: string, errorDetail = ''): SendResult {
  refused.add(1, { error });
  return { error, errorDetail, serverId: 0n, timestampMs: BigInt(Date.now()), metas: [] };
}

function jid(appKey: string, name: string, clientResource: string): Jid {
  return { appKey, name, domain: USER_DOMAIN, clientResource };
}
