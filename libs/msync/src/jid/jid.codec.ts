import { wireLimits } from '../wire/wire.limits.js';
import { WireReader } from '../wire/wire.reader.js';
import { Kind, shape } from '../wire/wire.shape.js';
import { scratch, type WireWriter } from '../wire/wire.writer.js';

/** An address. A part that is absent on the wire is ''; a part that is '' is not written. */
export interface Jid {
  /** "org#app" */
  appKey: string;
  name: string;
  domain: string;
  /** The device; '' means all of them. */
  clientResource: string;
}

const USER_DOMAIN = 'easemob.com';

/** A user of an app ("org#app"), or one of his devices. */
export function userJid(appKey: string, name: string, clientResource = ''): Jid {
  return { appKey, name, domain: USER_DOMAIN, clientResource };
}

/** The fields of an address as they must lie on the wire. */
export const jidShape = shape({ 1: Kind.Bytes, 2: Kind.Bytes, 3: Kind.Bytes, 4: Kind.Bytes });

const partTag = { appKey: 10, name: 18, domain: 26, clientResource: 34 } as const;

/** Reads an address. @throws MalformedFrame */
export function decodeJid(bytes: Uint8Array): Jid {
  return readJidFields(new WireReader(bytes), emptyJid());
}

/**
 * Reads the nested address whose tag has just been read. `into` is an earlier occurrence of the same field: the later
 * one wins part by part, as in every protobuf decoder. @throws MalformedFrame
 */
export function readJid(reader: WireReader, into?: Jid): Jid {
  const outer = reader.enter();
  const jid = readJidFields(reader, into ?? emptyJid());
  reader.leave(outer);
  return jid;
}

/** Encodes an address. */
export function encodeJid(jid: Jid): Buffer {
  return writeJidParts(scratch.start(), jid).take();
}

/** Writes an address as the given field. */
export function writeJid(writer: WireWriter, field: number, jid: Jid): WireWriter {
  const start = writer.open(field);
  return writeJidParts(writer, jid).close(start);
}

function writeJidParts(writer: WireWriter, jid: Jid): WireWriter {
  return writer.text(1, jid.appKey).text(2, jid.name).text(3, jid.domain).text(4, jid.clientResource);
}

function emptyJid(): Jid {
  return { appKey: '', name: '', domain: '', clientResource: '' };
}

function readJidFields(reader: WireReader, jid: Jid): Jid {
  while (reader.more()) {
    const tag = reader.tag();
    switch (tag) {
      case partTag.appKey:
        jid.appKey = reader.string(wireLimits.jidPartBytes);
        break;
      case partTag.name:
        jid.name = reader.string(wireLimits.jidPartBytes);
        break;
      case partTag.domain:
        jid.domain = reader.string(wireLimits.jidPartBytes);
        break;
      case partTag.clientResource:
        jid.clientResource = reader.string(wireLimits.jidPartBytes);
        break;
      default:
        reader.skip(tag);
    }
  }
  return jid;
}
