import { isEphemeralId } from '@parley/kernel';
import { BodyType } from '@parley/msync';
import type { Pool } from 'pg';
import type { Party } from '../conversation/conversation.store.js';

/** A receipt that is about to be stored. */
export interface Receipt {
  readonly appId: number;
  readonly conversationId: bigint;
  /** The message that it is about; undefined for the whole conversation. */
  readonly ackId: bigint | undefined;
  readonly bodyType: number;
  /** Whom it answers: the message must be his. */
  readonly author: Party;
  readonly senderId: bigint;
  readonly senderResource: string;
  readonly clientId: bigint;
}

/**
 * `store` it; tell `online` devices only, since what it answers was never stored either; `ignore` it: there is no such message
 * of that author in this conversation, or it was gone before.
 */
export type ReceiptVerdict = 'store' | 'online' | 'ignore';

/** Lets a receipt have its effect only on a message that its sender was sent. One question to the store for a whole batch. */
export class ReceiptCheck {
  constructor(private readonly pool: Pool) {}

  /** Verdicts in the order of the receipts. A reading starts the time to live of what it reads; to repeat it changes nothing. */
  async check(receipts: readonly Receipt[]): Promise<ReceiptVerdict[]> {
    if (receipts.length === 0) return [];
    const { rows } = await this.pool.query<{ ord: string; state: number }>({
      name: 'acknowledge',
      text: `SELECT ord, state FROM acknowledge_messages($1::integer[], $2::bigint[], $3::bigint[], $4::bigint[], $5::boolean[])`,
      values: [
        receipts.map((one) => one.appId),
        receipts.map((one) => one.conversationId),
        receipts.map((one) => (isWhole(one) ? 0n : (one.ackId ?? -1n))),
        receipts.map((one) => one.author.id),
        receipts.map((one) => one.bodyType >> 4 !== BodyType.DELIVER_ACK),
      ],
    });
    const stateOf = new Map(rows.map((row) => [receipts[Number(row.ord) - 1], row.state]));
    const before = await this.#storedBefore(receipts.filter((one) => (stateOf.get(one) ?? 0) !== 0));
    return receipts.map((one) => {
      if (isWhole(one) || stateOf.get(one) === 0 || before.has(one)) return 'store';
      return one.ackId !== undefined && isEphemeralId(one.ackId) ? 'online' : 'ignore';
    });
  }

  /**
   * Those that were stored while their message was still there: further tries, of which nobody may have been told. What is stored
   * must be told until it is.
   */
  async #storedBefore(receipts: readonly Receipt[]): Promise<Set<Receipt>> {
    if (receipts.length === 0) return new Set();
    const { rows } = await this.pool.query<{ ord: string }>({
      name: 'receipt-stored-before',
      text: `SELECT a.ord FROM unnest($1::integer[], $2::bigint[], $3::bigint[], $4::smallint[], $5::bigint[], $6::text[], $7::bigint[])
          WITH ORDINALITY AS a(app_id, conversation_id, message_id, body_type, sender_id, sender_resource, client_id, ord)
        WHERE EXISTS (SELECT 1 FROM message m WHERE m.app_id = a.app_id AND m.conversation_id = a.conversation_id
          AND m.ack_id = a.message_id AND m.body_type >> 4 = a.body_type >> 4
          AND m.sender_id = a.sender_id AND m.sender_resource = a.sender_resource AND m.client_id = a.client_id)`,
      values: [
        receipts.map((one) => one.appId),
        receipts.map((one) => one.conversationId),
        receipts.map((one) => one.ackId!),
        receipts.map((one) => one.bodyType),
        receipts.map((one) => one.senderId),
        receipts.map((one) => one.senderResource),
        receipts.map((one) => BigInt.asIntN(64, one.clientId)),
      ],
    });
    return new Set(rows.map((row) => receipts[Number(row.ord) - 1]!));
  }
}

function isWhole({ bodyType }: Receipt): boolean {
  return bodyType >> 4 === BodyType.CHANNEL_ACK;
}
