import { Command } from '../constants.js';
import { readJid, type Jid } from '../jid/jid.codec.js';
import { wireLimits } from '../wire/wire.limits.js';
import { WireReader } from '../wire/wire.reader.js';
import { putUint32, scratch, sizeOfLength } from '../wire/wire.writer.js';

/** One WebSocket message from a client. */
export interface Envelope {
  /** See Command; SYNC when absent. */
  command: number;
  /** A view of the frame, not a copy; empty when absent. */
  payload: Uint8Array;
  guid?: Jid;
  /** '' when absent */
  auth: string;
}

const tags = { guid: 18, auth: 26, command: 64, payload: 74 } as const;
const nothing = Buffer.alloc(0);

/** Reads the envelope of a frame; the payload is read later, by its command. @throws MalformedFrame */
export function decodeEnvelope(bytes: Uint8Array): Envelope {
  const reader = new WireReader(bytes);
  const envelope: Envelope = { command: Command.SYNC, payload: nothing, guid: undefined, auth: '' };
  while (reader.more()) {
    const tag = reader.tag();
    switch (tag) {
      case tags.guid:
        envelope.guid = readJid(reader, envelope.guid);
        break;
      case tags.auth:
        envelope.auth = reader.string(wireLimits.tokenBytes);
        break;
      case tags.command:
        envelope.command = reader.uint32();
        break;
      case tags.payload:
        envelope.payload = reader.bytes();
        break;
      default:
        reader.skip(tag);
    }
  }
  return envelope;
}

/** Bytes that the server's envelope adds to a payload of this length. */
export function envelopeOverhead(payloadLength: number): number {
  return 3 + sizeOfLength(payloadLength);
}

/** Writes the server's envelope at the start of `target`, up to the payload, and returns the position behind it. */
export function putEnvelopeHead(target: Uint8Array, command: number, payloadLength: number): number {
  target[0] = tags.command;
  target[1] = command;
  target[2] = tags.payload;
  return putUint32(target, 3, payloadLength);
}

/** Begins a server frame in the scratch writer, returning the mark that `endFrame` takes. */
export function beginFrame(command: number): number {
  return scratch.start().uint32(8, command).open(9);
}

/** Ends the frame begun by `beginFrame`. */
export function endFrame(mark: number): Buffer {
  return scratch.close(mark).take();
}
