import type { AppSettingsDirectory } from '@parley/app-settings';
import { message } from '@parley/contracts';
import type { EphemeralIds } from '@parley/kernel';
import { encodeMetaBody, MalformedFrame, userJid } from '@parley/msync';
import type { ConversationStore, Party } from '../conversation/conversation.store.js';
import { directoryKey, type UserDirectory } from '../conversation/user-directory.js';
import { mayExpire, readExpiry } from '../expiry/expiry.rules.js';
import type { SendPolicy } from '../policy/send-policy.js';
import type { ChangeOrder } from './message-changes.js';
import { Audience, type Expiry } from './outgoing.js';
import { answerOnly, failure, type SendResult } from './send-result.js';
import { judgeSend } from './send.rules.js';

/** A message with both sides known and the rules passed. */
export interface Accepted {
  readonly item: message.SendItem;
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
export interface Change extends Omit<ChangeOrder, 'traceparent'> {
  readonly change: 'recall' | 'edit';
  readonly said: boolean;
}

export type Judged = Accepted | Change | SendResult;

/** Finds out who speaks to whom, and holds what is sent to the rules and to policy. Stores nothing. */
export class SendJudge {
  constructor(
    private readonly directory: UserDirectory,
    private readonly policy: SendPolicy,
    private readonly conversations: ConversationStore,
    private readonly settings: Pick<AppSettingsDirectory, 'of'>,
    private readonly ids: EphemeralIds,
  ) {}

  /** A verdict on each item, in their order. */
  async judge(items: readonly message.SendItem[]): Promise<Judged[]> {
    const names = items.flatMap((item) => [
      { appId: item.tenant!.appId, username: item.to },
      ...(item.senderId === 0n ? [{ appId: item.tenant!.appId, username: item.sender }] : []),
    ]);
    const users = await this.directory.resolve(names);
    return this.#restrict(await Promise.all(items.map((item) => this.#accept(item, users))));
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

  async #accept(item: message.SendItem, users: Map<string, bigint>): Promise<Judged> {
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
      return item.ignoreUnknownRecipient ? answerOnly(this.ids) : failure('recipient_not_found', item.to);
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
        from: userJid(appKey, item.sender, item.senderResource),
        to: userJid(appKey, item.to, item.toResource),
        ns: item.ns,
        payload: item.payload,
        ext: item.ext,
      }),
      // A message without a device is a server's.
      said: !verdict.receipt && item.senderResource !== '',
    };
  }

  /** Only for the few messages that seem to ask for a time to live. */
  async #expiryOf({ tenant, payload }: message.SendItem): Promise<Expiry | SendResult | undefined> {
    const { expiryMostSeconds } = await this.settings.of(tenant!.appId);
    const expiry = malformedAsInvalid(() => readExpiry(payload, expiryMostSeconds));
    return expiry === 'invalid' ? failure('expiry_invalid', String(expiryMostSeconds)) : expiry;
  }
}

export function isAccepted(one: Judged): one is Accepted {
  return 'metaBody' in one;
}

function malformedAsInvalid(read: () => Expiry | 'invalid' | undefined): Expiry | 'invalid' | undefined {
  try {
    return read();
  } catch (error) {
    if (error instanceof MalformedFrame) return 'invalid';
    throw error;
  }
}
