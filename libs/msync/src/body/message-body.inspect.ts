import { wireLimits } from '../wire/wire.limits.js';
import { WireReader } from '../wire/wire.reader.js';
import { checkField } from '../wire/wire.shape.js';
import { contentShape, messageBodyShape } from './message-body.shape.js';
import { jidShape } from '../jid/jid.codec.js';

/** What the server needs to know about a body that it passes on unread. */
export interface MessageBodyFacts {
  /** See BodyType; NORMAL when absent. */
  type: number;
  fromName: string | undefined;
  toName: string | undefined;
  /** See ContentType; of the first content, undefined without contents. */
  contentType: number | undefined;
  contentCount: number;
  ackMessageId?: bigint;
  editMessageId?: bigint;
}

/**
 * Reads a message body's facts in one pass and makes sure that receiving clients will see the same fields in it.
 * @throws MalformedFrame
 */
export function inspectMessageBody(payload: Uint8Array): MessageBodyFacts {
  const reader = new WireReader(payload);
  const facts: MessageBodyFacts = {
    type: 0,
    fromName: undefined,
    toName: undefined,
    contentType: undefined,
    contentCount: 0,
    ackMessageId: undefined,
    editMessageId: undefined,
  };
  while (reader.more()) {
    const tag = reader.tag();
    switch (tag) {
      case 1 << 3:
        facts.type = reader.uint32();
        break;
      case (2 << 3) | 2:
        facts.fromName = readName(reader, facts.fromName);
        break;
      case (3 << 3) | 2:
        facts.toName = readName(reader, facts.toName);
        break;
      case (4 << 3) | 2: {
        const type = readContentType(reader);
        if (facts.contentCount++ === 0) facts.contentType = type;
        break;
      }
      case 6 << 3:
        facts.ackMessageId = reader.uint64();
        break;
      case 11 << 3:
        facts.editMessageId = reader.uint64();
        break;
      default:
        checkField(reader, tag, messageBodyShape);
    }
  }
  return facts;
}

function readName(reader: WireReader, earlier: string | undefined): string | undefined {
  let name = earlier;
  const outer = reader.enter();
  while (reader.more()) {
    const tag = reader.tag();
    if (tag === ((2 << 3) | 2)) name = reader.string(wireLimits.jidPartBytes);
    else checkField(reader, tag, jidShape);
  }
  reader.leave(outer);
  return name;
}

function readContentType(reader: WireReader): number {
  let type = 0;
  const outer = reader.enter();
  while (reader.more()) {
    const tag = reader.tag();
    if (tag === 1 << 3) type = reader.uint32();
    else checkField(reader, tag, contentShape);
  }
  reader.leave(outer);
  return type;
}
