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
}

/**
 * `store` it; tell `online` devices only, since what it answers was never stored either; `ignore` it: there is no such message
 * of that author in this conversation, or it is gone.
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
    const there = new Set(rows.filter((row) => row.state === 0).map((row) => Number(row.ord) - 1));
    return receipts.map((one, i) => {
      if (isWhole(one) || there.has(i)) return 'store';
      return one.ackId !== undefined && isEphemeralId(one.ackId) ? 'online' : 'ignore';
    });
  }
}

function isWhole({ bodyType }: Receipt): boolean {
  return bodyType >> 4 === BodyType.CHANNEL_ACK;
}
