import { message } from '@parley/contracts';
import { EphemeralIds, idToMilliseconds } from '@parley/kernel';
import { completeMeta, encodeMetaBody, type Jid, MalformedFrame } from '@parley/msync';
import { counter, createLogger, currentTraceparent, inSpan, withRemoteParent } from '@parley/telemetry';
import type { ConversationStore, Party } from '../conversation/conversation.store.js';
import { directoryKey, type UserDirectory } from '../conversation/user-directory.js';
import type { SendPolicy } from '../policy/send-policy.js';
import { type GroupCommit, isDataError, Overloaded } from './group-commit.js';
import type { Deliveries, Delivery } from './live-delivery.js';
import { Audience } from './outgoing.js';
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
  readonly metaBody: Uint8Array;
  /** Something that a user says: whether he may is a question of policy. */
  readonly said: boolean;
}

/** Takes messages from the edges: rules, then one commit, then live delivery and the domain event. */
export class SendService {
  readonly #ephemeralIds = new EphemeralIds();

  constructor(
    private readonly directory: UserDirectory,
    private readonly policy: SendPolicy,
    private readonly conversations: ConversationStore,
    private readonly commits: GroupCommit<Delivery>,
    private readonly deliveries: Deliveries,
  ) {}

  /** Results in the order of the items. Safe to repeat: see SendBatchRequest. */
  async send(request: message.SendBatchRequest): Promise<message.SendBatchResponse> {
    const names = request.items.flatMap((item) => [
      { appId: item.tenant!.appId, username: item.to },
      ...(item.senderId === 0n ? [{ appId: item.tenant!.appId, username: item.sender }] : []),
    ]);
    const users = await this.directory.resolve(names);
    const judged = await this.#restrict(await Promise.all(request.items.map((item) => this.#accept(item, users))));

    const stored = judged.filter((one): one is Accepted => isAccepted(one) && one.item.route !== message.Route.ROUTE_ONLINE);
    const conversationIds = await this.conversations.ofPairs(
      stored.map((one) => ({ appId: one.item.tenant!.appId, one: one.sender, other: one.recipient })),
    );
    const conversationOf = new Map(stored.map((one, i) => [one, conversationIds[i]!]));

    const results = await Promise.all(
      judged.map((one) => {
        if (!isAccepted(one)) return one;
        const conversationId = conversationOf.get(one);
        return withRemoteParent(one.item.traceparent, 'message.send', async () =>
          conversationId === undefined ? this.#sendOnline(one) : this.#store(one, conversationId),
        );
      }),
    );
    return { results };
  }

  /** Refuses what policy forbids: blocked, not a contact, muted. */
  async #restrict(judged: (Accepted | SendResult)[]): Promise<(Accepted | SendResult)[]> {
    const said = judged.filter((one): one is Accepted => isAccepted(one) && one.said);
    const refusals = await this.policy.refusals(
      said.map(({ item, sender, recipient }) => ({ appId: item.tenant!.appId, senderId: sender.id, recipientId: recipient.id })),
    );
    const refusalOf = new Map<Accepted | SendResult, SendResult>();
    said.forEach((one, i) => {
      const refusal = refusals[i];
      if (refusal !== undefined) refusalOf.set(one, failure(refusal));
    });
    return judged.map((one) => refusalOf.get(one) ?? one);
  }

  async #accept(item: SendItem, users: Map<string, bigint>): Promise<Accepted | SendResult> {
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
    if (recipientId === undefined && verdict.receipt) {
      recipientId = await this.conversations.findNamedSender(tenant.appId, item.to);
    }
    if (recipientId === undefined) {
      return item.ignoreUnknownRecipient ? this.#answerOnly() : failure('recipient_not_found', item.to);
    }
    const appKey = `${tenant.org}#${tenant.app}`;
    return {
      item,
      sender: { id: senderId, name: item.sender },
      recipient: { id: recipientId, name: item.to },
      audience: item.notInHistory ? ((verdict.audience | Audience.everyoneButHistory) as Audience) : verdict.audience,
      bodyType: verdict.bodyType,
      ackId: verdict.ackId,
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

  /** REST answers an unknown recipient with an id like any other (protocol facts); nobody will ever see the message. */
  #answerOnly(): SendResult {
    return success(this.#ephemeralIds.next());
  }
}

function isAccepted(one: Accepted | SendResult): one is Accepted {
  return 'item' in one;
}

function success(id: bigint): SendResult {
  return { error: '', errorDetail: '', serverId: id, timestampMs: BigInt(idToMilliseconds(id)) };
}

function failure(error: string, errorDetail = ''): SendResult {
  refused.add(1, { error });
  return { error, errorDetail, serverId: 0n, timestampMs: BigInt(Date.now()) };
}

function jid(appKey: string, name: string, clientResource: string): Jid {
  return { appKey, name, domain: USER_DOMAIN, clientResource };
}
