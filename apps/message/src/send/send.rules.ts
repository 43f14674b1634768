import type { ErrorCode } from '@parley/errors';
import { BodyType, inspectMessageBody, NameSpace } from '@parley/msync';
import { Audience } from './outgoing.js';

/** Types of a MessageBody that one-to-one conversations carry. */
const CARRIED: ReadonlySet<number> = new Set([
  BodyType.NORMAL,
  BodyType.CHAT,
  BodyType.READ_ACK,
  BodyType.DELIVER_ACK,
  BodyType.CHANNEL_ACK,
]);

/** Receipts answer something that exists, so they may go to whoever wrote: also to a sender that is only a name. */
const RECEIPTS: ReadonlySet<number> = new Set([BodyType.READ_ACK, BodyType.DELIVER_ACK, BodyType.CHANNEL_ACK]);

export type SendVerdict =
  | { readonly refused: ErrorCode; readonly change?: undefined }
  | { readonly refused?: undefined; readonly change: 'recall' | 'edit' }
  | { readonly refused?: undefined; readonly change?: undefined; readonly bodyType: number; readonly audience: Audience; readonly receipt: boolean; readonly ackId: bigint | undefined };

/** Ids are positive int64; a receipt for anything else is about no message. */
const MOST_ID = 2n ** 63n - 1n;

/** What kind of message this is, or why it is refused. Pure: who the two sides are is checked elsewhere. */
export function judgeSend(message: { ns: number; payload: Uint8Array; recipientOnly: boolean }): SendVerdict {
  if (message.ns !== NameSpace.CHAT) return { refused: 'not_supported' };
  const body = inspectMessageBody(message.payload);
  if (body.type === BodyType.GROUPCHAT || body.type === BodyType.CHATROOM) return { refused: 'group_not_found' };
  if (body.type === BodyType.RECALL) return { change: 'recall' };
  if (body.type === BodyType.EDIT) return { change: 'edit' };
  if (!CARRIED.has(body.type)) return { refused: 'not_supported' };
  const receipt = RECEIPTS.has(body.type);
  if (!receipt && body.contentCount === 0) return { refused: 'format_incorrect' };
  return {
    bodyType: (body.type << 4) | ((body.contentType ?? 0) & 0xf),
    // A delivery receipt tells the author's devices; the reader's other devices have no use for it.
    audience: message.recipientOnly || body.type === BodyType.DELIVER_ACK ? Audience.recipientOnly : Audience.everyone,
    receipt,
    ackId: receipt && body.ackMessageId !== undefined && body.ackMessageId <= MOST_ID ? body.ackMessageId : undefined,
  };
}
