import { keyValueShape } from '../body/message-body.shape.js';
import { readJid, type Jid } from '../jid/jid.codec.js';
import { MalformedFrame } from '../wire/malformed-frame.error.js';
import { wireLimits } from '../wire/wire.limits.js';
import { WireReader } from '../wire/wire.reader.js';
import { checkFields } from '../wire/wire.shape.js';

/** A message that a client sends. */
export interface UplinkMeta {
  /** The client's own id; 0 when absent. */
  id: bigint;
  to?: Jid;
  /** See NameSpace. */
  ns: number;
  /** A view of the frame, not a copy. */
  payload: Uint8Array;
  /** See RouteType. */
  routetype: number;
  /** Encoded KeyValues as they came (views), each checked to be well formed. */
  ext: Uint8Array[];
  directedUsers: string[];
  /** Clients set it only in room joins; never trust it. */
  from?: Jid;
}

/** A send (with a meta) or a request for a page of a queue. */
export interface SyncUplink {
  meta?: UplinkMeta;
  /** Everything up to and including this key has been received. */
  key?: bigint;
  queue?: Jid;
}

const nothing = Buffer.alloc(0);

/** Reads the payload of a SYNC. @throws MalformedFrame */
export function decodeSyncUplink(payload: Uint8Array): SyncUplink {
  const reader = new WireReader(payload);
  const uplink: SyncUplink = { meta: undefined, key: undefined, queue: undefined };
  while (reader.more()) {
    const tag = reader.tag();
    switch (tag) {
      case (1 << 3) | 2:
        uplink.meta ??= emptyMeta();
        readMeta(reader, uplink.meta);
        break;
      case 2 << 3:
        uplink.key = reader.uint64();
        break;
      case (3 << 3) | 2:
        uplink.queue = readJid(reader, uplink.queue);
        break;
      default:
        reader.skip(tag);
    }
  }
  return uplink;
}

function emptyMeta(): UplinkMeta {
  return { id: 0n, to: undefined, ns: 0, payload: nothing, routetype: 0, ext: [], directedUsers: [], from: undefined };
}

function readMeta(reader: WireReader, meta: UplinkMeta): void {
  const outer = reader.enter();
  while (reader.more()) {
    const tag = reader.tag();
    switch (tag) {
      case 1 << 3:
        meta.id = reader.uint64();
        break;
      case (2 << 3) | 2:
        meta.from = readJid(reader, meta.from);
        break;
      case (3 << 3) | 2:
        meta.to = readJid(reader, meta.to);
        break;
      case 5 << 3:
        meta.ns = reader.uint32();
        break;
      case (6 << 3) | 2:
        meta.payload = reader.bytes();
        break;
      case 7 << 3:
        meta.routetype = reader.uint32();
        break;
      case (8 << 3) | 2:
        meta.ext.push(readExtension(reader, meta.ext.length));
        break;
      case (10 << 3) | 2:
        if (meta.directedUsers.length >= wireLimits.directedUsers) throw new MalformedFrame('too many directed users');
        meta.directedUsers.push(reader.string(wireLimits.jidPartBytes));
        break;
      default:
        reader.skip(tag);
    }
  }
  reader.leave(outer);
}

/** An attribute travels on as it is, so it must look the same to every decoder. */
function readExtension(reader: WireReader, already: number): Uint8Array {
  if (already >= wireLimits.metaExtensions) throw new MalformedFrame('too many attributes');
  const outer = reader.enter();
  const start = reader.pos;
  checkFields(reader, keyValueShape);
  reader.leave(outer);
  return reader.buffer.subarray(start, reader.pos);
}
