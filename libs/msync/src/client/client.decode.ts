import { Command } from '../constants.js';
import { decodeEnvelope } from '../envelope/envelope.codec.js';
import { readStatus } from '../envelope/status.codec.js';
import { readJid, type Jid } from '../jid/jid.codec.js';
import { wireLimits } from '../wire/wire.limits.js';
import { WireReader } from '../wire/wire.reader.js';

/** The outcome that the server reports; `reason` is '' when absent. */
export interface DownlinkStatus {
  code: number;
  reason: string;
}

/** One item of a page. */
export interface DownlinkMeta {
  id: bigint;
  from?: Jid;
  to?: Jid;
  ns: number;
  payload: Uint8Array;
  /** Milliseconds since 1970. */
  timestamp: bigint;
  routetype: number;
  /** Encoded KeyValues. */
  ext: Uint8Array[];
}

/** The answer to a send (metaId > 0) or a page (metaId 0). */
export interface DownlinkSync {
  status?: DownlinkStatus;
  metaId: bigint;
  serverId: bigint;
  metas: DownlinkMeta[];
  nextKey?: bigint;
  queue?: Jid;
  isLast: boolean;
  timestamp: bigint;
  /** Where a page stands in its timeline, when the server says so. */
  place?: { previous: bigint; position: bigint; epoch: number };
}

/** One frame from the server; the part that its command names is set. */
export interface Downlink {
  command: number;
  provision?: { status?: DownlinkStatus; resource: string; authToken: string; sessionId: string };
  unread?: { status?: DownlinkStatus; queues: { jid?: Jid; n: number }[]; timestamp: bigint };
  notice?: { queue?: Jid };
  sync?: DownlinkSync;
}

const nothing = Buffer.alloc(0);

/** Reads a frame from the server. @throws MalformedFrame */
export function decodeDownlink(bytes: Uint8Array): Downlink {
  const { command, payload } = decodeEnvelope(bytes);
  const reader = new WireReader(payload);
  switch (command) {
    case Command.PROVISION:
      return { command, provision: readProvision(reader) };
    case Command.UNREAD:
      return { command, unread: readUnread(reader) };
    case Command.NOTICE:
      return { command, notice: readNotice(reader) };
    case Command.SYNC:
      return { command, sync: readSync(reader) };
    default:
      return { command };
  }
}

function readProvision(reader: WireReader): NonNullable<Downlink['provision']> {
  const provision: NonNullable<Downlink['provision']> = { resource: '', authToken: '', sessionId: '' };
  while (reader.more()) {
    const tag = reader.tag();
    if (tag === ((8 << 3) | 2)) provision.status = readStatus(reader);
    else if (tag === ((13 << 3) | 2)) provision.resource = reader.string(wireLimits.jidPartBytes);
    else if (tag === ((18 << 3) | 2)) provision.authToken = reader.string(wireLimits.tokenBytes);
    else if (tag === ((20 << 3) | 2)) provision.sessionId = reader.string(wireLimits.textBytes);
    else reader.skip(tag);
  }
  return provision;
}

function readUnread(reader: WireReader): NonNullable<Downlink['unread']> {
  const unread: NonNullable<Downlink['unread']> = { queues: [], timestamp: 0n };
  while (reader.more()) {
    const tag = reader.tag();
    if (tag === ((1 << 3) | 2)) unread.status = readStatus(reader);
    else if (tag === ((2 << 3) | 2)) unread.queues.push(readMetaQueue(reader));
    else if (tag === 3 << 3) unread.timestamp = reader.uint64();
    else reader.skip(tag);
  }
  return unread;
}

function readMetaQueue(reader: WireReader): { jid?: Jid; n: number } {
  const entry: { jid?: Jid; n: number } = { n: 0 };
  const outer = reader.enter();
  while (reader.more()) {
    const tag = reader.tag();
    if (tag === ((1 << 3) | 2)) entry.jid = readJid(reader, entry.jid);
    else if (tag === 2 << 3) entry.n = reader.uint32();
    else reader.skip(tag);
  }
  reader.leave(outer);
  return entry;
}

function readNotice(reader: WireReader): { queue?: Jid } {
  const notice: { queue?: Jid } = {};
  while (reader.more()) {
    const tag = reader.tag();
    if (tag === ((1 << 3) | 2)) notice.queue = readJid(reader, notice.queue);
    else reader.skip(tag);
  }
  return notice;
}

function readSync(reader: WireReader): DownlinkSync {
  const sync: DownlinkSync = { metaId: 0n, serverId: 0n, metas: [], isLast: false, timestamp: 0n };
  while (reader.more()) {
    const tag = reader.tag();
    if (tag === ((1 << 3) | 2)) sync.status = readStatus(reader);
    else if (tag === 2 << 3) sync.metaId = reader.uint64();
    else if (tag === 3 << 3) sync.serverId = reader.uint64();
    else if (tag === ((4 << 3) | 2)) sync.metas.push(readMeta(reader));
    else if (tag === 5 << 3) sync.nextKey = reader.uint64();
    else if (tag === ((6 << 3) | 2)) sync.queue = readJid(reader, sync.queue);
    else if (tag === 7 << 3) sync.isLast = reader.uint32() !== 0;
    else if (tag === 8 << 3) sync.timestamp = reader.uint64();
    else if (tag === 1_001 << 3) placeOf(sync).previous = reader.uint64();
    else if (tag === 1_002 << 3) placeOf(sync).position = reader.uint64();
    else if (tag === 1_003 << 3) placeOf(sync).epoch = reader.uint32();
    else reader.skip(tag);
  }
  return sync;
}

function placeOf(sync: DownlinkSync): NonNullable<DownlinkSync['place']> {
  return (sync.place ??= { previous: 0n, position: 0n, epoch: 0 });
}

function readMeta(reader: WireReader): DownlinkMeta {
  const meta: DownlinkMeta = { id: 0n, ns: 0, payload: nothing, timestamp: 0n, routetype: 0, ext: [] };
  const outer = reader.enter();
  while (reader.more()) {
    const tag = reader.tag();
    if (tag === 1 << 3) meta.id = reader.uint64();
    else if (tag === ((2 << 3) | 2)) meta.from = readJid(reader, meta.from);
    else if (tag === ((3 << 3) | 2)) meta.to = readJid(reader, meta.to);
    else if (tag === 4 << 3) meta.timestamp = reader.uint64();
    else if (tag === 5 << 3) meta.ns = reader.uint32();
    else if (tag === ((6 << 3) | 2)) meta.payload = reader.bytes();
    else if (tag === 7 << 3) meta.routetype = reader.uint32();
    else if (tag === ((8 << 3) | 2)) meta.ext.push(reader.bytes());
    else reader.skip(tag);
  }
  reader.leave(outer);
  return meta;
}
