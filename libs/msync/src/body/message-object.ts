import { fromBinary, isFieldSet, toBinary } from '@bufbuild/protobuf';
import { BodyType, ContentType, SubType } from '../constants.js';
import { KeyValueSchema, type KeyValue } from '../generated/msync/key_value_pb.js';
import {
  MessageBody_ContentSchema,
  MessageBodySchema,
  type MessageBody,
  type MessageBody_Content,
} from '../generated/msync/message_body_pb.js';
import { MetaSchema } from '../generated/msync/msync_pb.js';
import { decodeKeyValues } from './key-value.codec.js';

/** A message as REST shows it: conversation lists, pinned messages, exports, webhooks. */
export interface MessageObject {
  /** Decimal. */
  readonly id: string;
  readonly from: string;
  /** `name@easemob.com`, or `name@conference.easemob.com` for a group or room. */
  readonly to: string;
  /** Milliseconds since 1970. */
  readonly timestamp: number;
  readonly payload: MessagePayload;
}

export interface MessagePayload {
  readonly type: 'chat' | 'groupchat' | 'chatroom';
  readonly from: string;
  readonly to: string;
  readonly bodies: readonly Record<string, unknown>[];
  readonly ext: Record<string, unknown>;
  readonly meta?: Record<string, unknown>;
}

const chatTypes: Readonly<Record<number, MessagePayload['type']>> = { [BodyType.GROUPCHAT]: 'groupchat', [BodyType.CHATROOM]: 'chatroom' };

/**
 * Reads a complete encoded meta that holds a message.
 * @throws Error when it is not one
 */
export function messageObject(encoded: Uint8Array): MessageObject {
  const meta = fromBinary(MetaSchema, encoded);
  const body = fromBinary(MessageBodySchema, meta.payload);
  const to = meta.to?.name ?? body.to?.name ?? '';
  const type = chatTypes[body.type] ?? 'chat';
  return {
    id: String(meta.id),
    from: meta.from?.name ?? body.from?.name ?? '',
    to: `${to}@${type === 'chat' ? '' : 'conference.'}easemob.com`,
    timestamp: Number(meta.timestamp),
    payload: payloadOf(body, type, meta.from?.name ?? '', to),
  };
}

function payloadOf(body: MessageBody, type: MessagePayload['type'], from: string, to: string): MessagePayload {
  const state = parsedObject(body.meta);
  return {
    type,
    from: body.from?.name ?? from,
    to: body.to?.name ?? to,
    bodies: body.contents.map(bodyOf),
    ext: attributes(body.ext),
    ...(state === undefined ? {} : { meta: state }),
  };
}

function bodyOf(content: MessageBody_Content): Record<string, unknown> {
  const subType = isFieldSet(content, MessageBody_ContentSchema.field.subType!) ? content.subType : undefined;
  switch (content.type as number) {
    case ContentType.COMBINE:
      return { type: 'txt', ...combineOf(content) };
    case ContentType.TEXT:
      return subType === SubType.COMBINE ? { type: 'txt', ...combineOf(content) } : { type: 'txt', msg: content.text };
    case ContentType.IMAGE:
      return { type: 'img', ...fileOf(content), size: sizeOf(content.size), ...(subType === SubType.GIF ? { subType: 'sub_gif' } : {}) };
    case ContentType.VIDEO:
      return {
        type: 'video',
        ...fileOf(content),
        length: content.duration,
        thumb: content.thumbnailRemotePath,
        thumb_secret: content.thumbnailSecretKey,
        size: sizeOf(content.size),
      };
    case ContentType.VOICE:
      return { type: 'audio', ...fileOf(content), length: content.duration };
    case ContentType.FILE:
      return { type: 'file', ...fileOf(content) };
    case ContentType.LOCATION:
      return { type: 'loc', addr: content.address, buildingName: content.buildingName, lat: content.latitude, lng: content.longitude };
    case ContentType.COMMAND:
      return { type: 'cmd', action: content.action };
    default:
      return customOf(content);
  }
}

function customOf(content: MessageBody_Content): Record<string, unknown> {
  const values = attributes([...content.customExts, ...content.params]);
  return {
    type: 'custom',
    customEvent: content.customEvent,
    // Twice, as the original: older readers take the list, newer ones the object.
    customExts: Object.entries(values).map(([key, value]) => ({ [key]: value })),
    'v2:customExts': values,
  };
}

function combineOf(content: MessageBody_Content): Record<string, unknown> {
  const { title, summary, combineLevel } = content;
  return { subType: 'sub_combine', msg: content.text, title, summary, combineLevel, ...fileOf(content) };
}

function fileOf(content: MessageBody_Content): Record<string, unknown> {
  return { url: content.remotePath, secret: content.secretKey, filename: content.displayName, file_length: content.fileLength };
}

function sizeOf(size: MessageBody_Content['size']): { width: number; height: number } {
  return { width: size?.width ?? 0, height: size?.height ?? 0 };
}

function attributes(list: readonly KeyValue[]): Record<string, unknown> {
  // What a sender wrote wrongly must not take the rest of the message away.
  return Object.assign({}, ...list.map((entry) => readable(toBinary(KeyValueSchema, entry)))) as Record<string, unknown>;
}

function readable(entry: Uint8Array): Record<string, unknown> {
  try {
    return decodeKeyValues([entry]);
  } catch {
    return {};
  }
}

function parsedObject(json: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = json === '' ? undefined : JSON.parse(json);
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}
