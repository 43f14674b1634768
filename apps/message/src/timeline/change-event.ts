import type { messageChanges } from '@parley/contracts';
import { idToMilliseconds } from '@parley/kernel';
import { BodyType, completeMeta, decodeKeyValues, inspectMessageBody, MalformedFrame, readMetaParts } from '@parley/msync';

/** Key of a recall's attribute that devices hand to the application. */
export const RECALL_EXTENSION = 'recallMessageExtensionInfo';
/** That attribute of a recall that nobody made: the message's time was up. */
export const EXPIRED_EXTENSION = JSON.stringify({ parley_reason: 'expired' });
/** Device name of the rows that the platform writes for expired messages: with its control character no client can have it. */
export const EXPIRY_RESOURCE = '\u0001expiry';

export type ChangeEvent =
  | { readonly kind: 'recalled'; readonly value: messageChanges.MessageRecalled }
  | { readonly kind: 'expired'; readonly value: messageChanges.MessageExpired }
  | { readonly kind: 'edited'; readonly value: messageChanges.MessageEdited };

/** A stored row that changes another. Its sender is the changed message's. */
export interface ChangeRow {
  readonly appId: number;
  readonly id: bigint;
  readonly conversationId: bigint;
  readonly senderId: bigint;
  readonly senderResource: string;
  readonly sender: { readonly name: string };
  readonly recipient: { readonly name: string };
  /** Encoded Meta without id and timestamp. */
  readonly meta: Uint8Array;
}

/** What a recall's or an edit's row says, as an event. Made from the row alone, so that it can be told again. */
export function changeEventOf(row: ChangeRow): ChangeEvent | undefined {
  try {
    const { payload } = readMetaParts(row.meta);
    const body = inspectMessageBody(payload);
    const about = {
      appId: row.appId,
      conversationId: row.conversationId,
      noticeId: row.id,
      sender: row.sender.name,
      recipient: row.recipient.name,
    };
    if (body.type === BodyType.EDIT && body.editMessageId !== undefined) {
      const meta = completeMeta(row.id, BigInt(idToMilliseconds(row.id)), row.meta);
      return { kind: 'edited', value: { ...about, messageId: body.editMessageId, by: body.fromName ?? '', meta } };
    }
    if (body.type !== BodyType.RECALL || body.ackMessageId === undefined) return undefined;
    if (row.senderResource === EXPIRY_RESOURCE) return { kind: 'expired', value: { ...about, messageId: body.ackMessageId } };
    return { kind: 'recalled', value: { ...about, messageId: body.ackMessageId, by: body.fromName ?? '' } };
  } catch (error) {
    if (error instanceof MalformedFrame) return undefined;
    throw error;
  }
}

/** The text that a recall carries for the application; empty when there is none. @throws MalformedFrame */
export function recallExtensionOf(meta: Uint8Array): string {
  const value = decodeKeyValues(readMetaParts(meta).ext)[RECALL_EXTENSION];
  return typeof value === 'string' ? value : '';
}
