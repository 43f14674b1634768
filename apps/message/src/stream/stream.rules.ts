import type { ErrorCode } from '@parley/errors';

export const streamLimits = {
  /** All chunks together, in UTF-8. */
  bytes: 128 * 1024,
  betweenChunksMs: 30_000,
  inAllMs: 30 * 60_000,
} as const;

/** How a stream stands. Stored as a number: see the migration. */
export const StreamState = { coming: 0, finished: 1, intervalTimeout: 2, timeout: 3, tooLong: 4 } as const;
export type StreamState = (typeof StreamState)[keyof typeof StreamState];

export interface StreamStanding {
  readonly sender: string;
  readonly recipient: string;
  readonly seq: bigint;
  readonly state: StreamState;
  readonly bytes: number;
  /** Milliseconds. */
  readonly sinceStartMs: number;
  readonly sinceLastMs: number;
}

const OVER: Readonly<Record<number, ErrorCode>> = {
  [StreamState.finished]: 'stream_finished',
  [StreamState.intervalTimeout]: 'stream_interval_timeout',
  [StreamState.timeout]: 'stream_timeout',
  [StreamState.tooLong]: 'stream_too_long',
};

/**
 * Whether a further chunk is taken, or why not, and what that makes of the stream: a stream that broke a limit is over for
 * good. Pure.
 */
export function judgeChunk(stream: StreamStanding, chunk: { from: string; to: string; seq: bigint; bytes: number }): { refused?: ErrorCode; ends?: StreamState } {
  if (chunk.from !== stream.sender) return { refused: 'stream_from_mismatch' };
  if (chunk.to !== stream.recipient) return { refused: 'stream_to_mismatch' };
  if (stream.state !== StreamState.coming) return { refused: OVER[stream.state]! };
  const late = overdue(stream);
  if (late !== undefined) return { refused: OVER[late]!, ends: late };
  if (chunk.seq <= stream.seq) return { refused: 'stream_seq_too_small' };
  if (chunk.seq !== stream.seq + 1n) return { refused: 'stream_seq_illegal' };
  if (stream.bytes + chunk.bytes > streamLimits.bytes) return { refused: 'stream_too_long', ends: StreamState.tooLong };
  return {};
}

/** Which time is over, if one is. */
export function overdue({ sinceStartMs, sinceLastMs }: Pick<StreamStanding, 'sinceStartMs' | 'sinceLastMs'>): StreamState | undefined {
  if (sinceStartMs > streamLimits.inAllMs) return StreamState.timeout;
  if (sinceLastMs > streamLimits.betweenChunksMs) return StreamState.intervalTimeout;
  return undefined;
}
