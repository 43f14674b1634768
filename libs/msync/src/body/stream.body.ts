import { BodyType, ContentType, SubType } from '../constants.js';
import { scratch } from '../wire/wire.writer.js';

/** Which part of a streamed text a body carries. FULL is the whole text so far. */
export const StreamStatus = { START: 0, IN_PROGRESS: 1, COMPLETED: 2, FULL: 3 } as const;
export type StreamStatus = (typeof StreamStatus)[keyof typeof StreamStatus];

/** Why a streamed text ended early. */
export const StreamError = { none: 0, intervalTimeout: 512, timeout: 513 } as const;

export interface StreamBody {
  /** User names. */
  readonly from: string;
  readonly to: string;
  readonly text: string;
  /** Encoded KeyValues. */
  readonly ext: readonly Uint8Array[];
  /** `text` or `markdown`. */
  readonly textType: string;
  readonly seq: bigint;
  readonly status: StreamStatus;
  /** See StreamError. */
  readonly error: number;
  /** The sender's own code. */
  readonly finishReason: number;
}

/** The message body (CHAT) of a chunk. Clients read seq and status without looking whether they are there: both always are. */
export function streamBody(body: StreamBody): Buffer {
  scratch.start().uint32(1, BodyType.CHAT);
  for (const [field, name] of [[2, body.from] as const, [3, body.to] as const]) {
    const start = scratch.open(field);
    scratch.string(2, name).close(start);
  }
  const content = scratch.open(4);
  scratch.uint32(1, ContentType.TEXT).string(2, body.text).uint32(22, SubType.STREAM).close(content);
  for (const attribute of body.ext) scratch.bytes(5, attribute);
  const stream = scratch.open(13);
  scratch.string(1, body.textType).uint64(2, body.seq).uint32(3, body.status).uint32(4, body.error);
  scratch.uint64(5, BigInt.asUintN(64, BigInt(body.finishReason))).close(stream);
  return scratch.take();
}
