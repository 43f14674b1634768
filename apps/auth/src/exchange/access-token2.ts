import { createHmac, timingSafeEqual } from 'node:crypto';
import { inflateSync } from 'node:zlib';
import { DomainError } from '@parley/errors';
import { ByteReader, uint32 } from './byte.reader.js';

/** AccessToken2 begins with its version. */
export const ACCESS_TOKEN2_PREFIX = '007';
/** No such token is good for longer, whatever it says. */
export const MOST_SECONDS = 86_400;
/** A token of all services takes some 500 bytes; a small text could be made to inflate to gigabytes. */
const CONTENT_MAX_BYTES = 4_096;

const CHAT = 5;
const CHAT_USER = 1;
const CHAT_APP = 2;
/** Strings, then 16-bit numbers, that follow the privileges of each known service. */
const REST_OF_SERVICE: Readonly<Record<number, readonly [strings: number, numbers: number]>> = { 1: [2, 0], 2: [1, 0], 4: [0, 0], [CHAT]: [1, 0], 7: [2, 1] };

/** What a token says, nothing of it verified. */
export interface AccessToken2 {
  appId: string;
  issuedAtSeconds: number;
  /** The user it lets in; undefined = the app itself. */
  userId: string | undefined;
  /** When it ends, in seconds since 1970. */
  expiresAtSeconds: number;
  salt: number;
  signed: Buffer;
  signature: Buffer;
}

/**
 * Takes a token apart: `007`, then base64 of the deflated signature and content, integers little-endian.
 * @throws DomainError token_corrupt; unauthorized when it lets nobody into chat
 */
export function readAccessToken2(text: string): AccessToken2 {
  const content = inflate(text.slice(ACCESS_TOKEN2_PREFIX.length));
  const reader = new ByteReader(content);
  const signature = reader.bytes();
  const signed = reader.rest();
  const appId = reader.text();
  const issuedAtSeconds = reader.uint32();
  const expireSeconds = reader.uint32();
  const salt = reader.uint32();
  const chat = chatService(reader);
  const kind = chat?.privileges.has(CHAT_USER) ? CHAT_USER : CHAT_APP;
  const granted = chat?.privileges.get(kind);
  if (!chat || granted === undefined || (kind === CHAT_USER && chat.userId === '')) throw new DomainError('unauthorized');
  return {
    appId,
    issuedAtSeconds,
    userId: kind === CHAT_USER ? chat.userId : undefined,
    expiresAtSeconds: issuedAtSeconds + Math.min(expireSeconds, granted, MOST_SECONDS),
    salt,
    signed,
    signature,
  };
}

/** Whether the token was signed with that certificate: HMAC-SHA256 with a key that issue time and salt are worked into. */
export function isSignedWith(token: Pick<AccessToken2, 'issuedAtSeconds' | 'salt' | 'signed' | 'signature'>, certificate: string): boolean {
  const issued = createHmac('sha256', uint32(token.issuedAtSeconds)).update(certificate).digest();
  const key = createHmac('sha256', uint32(token.salt)).update(issued).digest();
  const right = createHmac('sha256', key).update(token.signed).digest();
  return right.length === token.signature.length && timingSafeEqual(right, token.signature);
}

function chatService(reader: ByteReader): { privileges: Map<number, number>; userId: string } | undefined {
  for (let left = reader.uint16(); left > 0; left--) {
    const type = reader.uint16();
    const privileges = new Map<number, number>();
    for (let count = reader.uint16(); count > 0; count--) privileges.set(reader.uint16(), reader.uint32());
    if (type === CHAT) return { privileges, userId: reader.text() };
    const rest = REST_OF_SERVICE[type];
    // Nobody knows how long a service is that nobody knows.
    if (!rest) return undefined;
    for (let i = 0; i < rest[0]; i++) reader.bytes();
    for (let i = 0; i < rest[1]; i++) reader.uint16();
  }
  return undefined;
}

function inflate(base64: string): Buffer {
  try {
    return inflateSync(Buffer.from(base64, 'base64'), { maxOutputLength: CONTENT_MAX_BYTES });
  } catch {
    throw new DomainError('token_corrupt');
  }
}
