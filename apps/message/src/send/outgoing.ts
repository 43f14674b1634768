/** A message ready to be appended to a timeline. Ids are the store's to give. */
export interface Outgoing {
  readonly appId: number;
  readonly conversationId: bigint;
  readonly senderId: bigint;
  readonly senderResource: string;
  readonly clientId: bigint;
  readonly audience: Audience;
  readonly bodyType: number;
  readonly toResource: string | null;
  /** The message that a receipt, a recall or an edit is about. */
  readonly ackId?: bigint;
  readonly expiry?: Expiry;
  /** Encoded MSYNC Meta without id and timestamp. */
  readonly meta: Uint8Array;
}

/** Where a message stands: its id and its position in the conversation. */
export interface Position {
  readonly id: bigint;
  readonly seq: bigint;
  /** It was stored by an earlier try. */
  readonly repeated: boolean;
}

/**
 * Who gets a copy, and who finds it in his history. Stored as a number whose bits the SQL functions device_gets and is_shown
 * read: 1 the sender's devices get none, 2 the recipient's history leaves it out.
 */
export const Audience = { everyone: 0, recipientOnly: 1, everyoneButHistory: 2, recipientOnlyButHistory: 3 } as const;
export type Audience = (typeof Audience)[keyof typeof Audience];

export function isRecipientOnly(audience: Audience): boolean {
  return (audience & Audience.recipientOnly) !== 0;
}

/** A time to live. */
export interface Expiry {
  readonly ttlSeconds: number;
  /** It begins when the recipient has read the message, not with the sending. */
  readonly fromRead: boolean;
}
