import { schema } from '@parley/msync';
import type { Received } from '@parley/testkit';
import type { Seen } from './device.check.js';

const { create, fromBinary, MessageBodySchema, toBinary } = schema;
const TYPE = { chat: 1, readAck: 4, recall: 6, channelAck: 7, edit: 8 } as const;
const BODY_ONLY = 1;

interface Between {
  readonly from: string;
  readonly to: string;
}

function body({ from, to }: Between, fields: Record<string, unknown>): Uint8Array {
  return toBinary(MessageBodySchema, create(MessageBodySchema, { from: { name: from }, to: { name: to }, contents: [{ type: 0, text: '' }], ...fields } as never));
}

export const textBody = (between: Between, text: string) => body(between, { type: TYPE.chat, contents: [{ type: 0, text }] });
export const readBody = (between: Between, id: bigint) => body(between, { type: TYPE.readAck, ackMessageId: id });
export const channelReadBody = (between: Between) => body(between, { type: TYPE.channelAck });
export const recallBody = (between: Between, id: bigint) => body(between, { type: TYPE.recall, ackMessageId: id });
export const editBody = (between: Between, id: bigint, text: string) =>
  body(between, { type: TYPE.edit, editMessageId: id, editScope: BODY_ONLY, contents: [{ type: 0, text }] });

/** What a user would see of a meta. */
export function seenOf({ id, meta }: Pick<Received, 'id' | 'meta'>): Seen {
  const read = fromBinary(MessageBodySchema, meta.payload);
  const text = read.contents[0]?.text;
  switch (Number(read.type)) {
    case TYPE.chat:
      return { id, kind: 'message', text };
    case TYPE.recall:
      return { id, kind: 'recall', target: read.ackMessageId };
    case TYPE.edit:
      return { id, kind: 'edit', target: read.editMessageId, text };
    case TYPE.readAck:
      return { id, kind: 'read', target: read.ackMessageId };
    case TYPE.channelAck:
      return { id, kind: 'readAll' };
    default:
      return { id, kind: 'other' };
  }
}
