import { BodyType, ContentType } from '../constants.js';
import { scratch } from '../wire/wire.writer.js';
import { keyValues } from './key-value.codec.js';

/** Type and body of a message as the REST API takes them; already validated. */
export type RestMessage =
  | { type: 'txt'; body: { msg: string } }
  | { type: 'cmd'; body: { action: string } }
  | { type: 'custom'; body: { customEvent: string; customExts?: Record<string, unknown> } }
  | { type: 'loc'; body: { lat: number | string; lng: number | string; addr?: string } }
  | { type: 'img'; body: RestFile & { size?: { width: number; height: number } } }
  | { type: 'audio'; body: RestFile & { length?: number } }
  | { type: 'video'; body: RestFile & { length?: number; thumb?: string; thumb_secret?: string } }
  | { type: 'file'; body: RestFile };

/** An attachment that was uploaded before. Lengths in bytes, durations in seconds, sizes in pixels. */
export interface RestFile {
  url: string;
  filename?: string;
  secret?: string;
  file_length?: number;
}

/** A message that the REST API sends to one user. */
export type RestMessageToUser = RestMessage & {
  /** User names. */
  from: string;
  to: string;
  ext?: Record<string, unknown>;
};

/**
 * The message body (CHAT) that a client would have sent for this REST message.
 * @throws TypeError when an attribute cannot be expressed or a coordinate is not a number
 */
export function restMessageToBody(message: RestMessageToUser): Buffer {
  // Nested parts that encode themselves come first: there is one scratch writer.
  const attributes = keyValues(message.ext ?? {});
  const customExts = message.type === 'custom' ? keyValues(message.body.customExts ?? {}) : [];

  scratch.start().uint32(1, BodyType.CHAT);
  writeName(2, message.from);
  writeName(3, message.to);
  const content = scratch.open(4);
  writeContent(message, customExts);
  scratch.close(content);
  for (const attribute of attributes) scratch.bytes(5, attribute);
  return scratch.take();
}

function writeContent(message: RestMessage, customExts: readonly Uint8Array[]): void {
  switch (message.type) {
    case 'txt':
      scratch.uint32(1, ContentType.TEXT).string(2, message.body.msg);
      break;
    case 'cmd':
      scratch.uint32(1, ContentType.COMMAND).string(10, message.body.action);
      break;
    case 'custom':
      scratch.uint32(1, ContentType.CUSTOM).string(19, message.body.customEvent);
      for (const entry of customExts) scratch.bytes(20, entry);
      break;
    case 'loc':
      scratch.uint32(1, ContentType.LOCATION).double(3, coordinate(message.body.lat));
      scratch.double(4, coordinate(message.body.lng)).string(5, message.body.addr ?? '');
      break;
    case 'img': {
      writeFile(ContentType.IMAGE, message.body);
      const { size } = message.body;
      if (!size) break;
      const start = scratch.open(13);
      scratch.double(1, size.width).double(2, size.height).close(start);
      break;
    }
    case 'audio':
      writeFile(ContentType.VOICE, message.body);
      scratch.uint32(12, message.body.length ?? 0);
      break;
    case 'video':
      writeFile(ContentType.VIDEO, message.body);
      scratch.uint32(12, message.body.length ?? 0).text(14, message.body.thumb ?? '').text(15, message.body.thumb_secret ?? '');
      break;
    case 'file':
      writeFile(ContentType.FILE, message.body);
      break;
  }
}

/** Fields in the order of their numbers, as clients write them. */
function writeFile(type: number, { url, filename, secret, file_length: bytes }: RestFile): void {
  scratch.uint32(1, type).string(6, filename ?? '').string(7, url).string(8, secret ?? '').uint32(9, bytes ?? 0);
}

function coordinate(value: number | string): number {
  const number = Number(value);
  if (!Number.isFinite(number)) throw new TypeError('a coordinate must be a number');
  return number;
}

function writeName(field: number, name: string): void {
  const start = scratch.open(field);
  scratch.string(2, name).close(start);
}
