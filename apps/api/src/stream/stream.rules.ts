import { DomainError } from '@parley/errors';
import { foldUsername, isLegalUsername } from '@parley/kernel';
import { z } from 'zod';
import { fails, parse } from '../http/parse.js';

const INT_MAX = 2_147_483_647;
const TEXT_TYPES = ['text', 'markdown'] as const;
const name = (empty: 'message_from_empty' | 'message_to_empty') => z.string(fails('invalid_request_body')).min(1, fails(empty));

/** A chunk as it should come; fields in the order in which their errors are told. */
export const chunkRequest = z.object({
  from: name('message_from_empty').default('admin').describe('Need not be a user'),
  to: z.preprocess((value) => value ?? '', name('message_to_empty')).describe('One receiver'),
  body: z.object(
    {
      seq: z.int(fails('stream_seq_illegal')).min(0, fails('stream_seq_illegal')).describe('0 for the first chunk, then one more each'),
      msg: z.string(fails('invalid_request_body')),
      type: z.enum(TEXT_TYPES, fails('invalid_request_body')).default('text').describe('Of the first chunk'),
      finish: z.boolean(fails('invalid_request_body')).default(false),
      finishReason: z.int(fails('invalid_request_body')).min(-INT_MAX, fails('invalid_request_body')).max(INT_MAX, fails('invalid_request_body')).optional(),
      msgId: z.union([z.string(), z.number()], fails('stream_not_found')).optional().describe('From the answer to the first chunk; absent there'),
    },
    fails('message_body_empty'),
  ),
  ext: z.record(z.string(), z.unknown(), fails('message_ext_not_object')).default({}).describe('Of the first chunk'),
});
export const chunkAnswer = z.object({ data: z.object({ msgId: z.string().optional().describe('On the first chunk') }) });

export interface ChunkOrder {
  readonly from: string;
  readonly to: string;
  readonly seq: bigint;
  readonly text: string;
  readonly textType: string;
  readonly finish: boolean;
  readonly finishReason: number;
  /** 0 for the first chunk. */
  readonly messageId: bigint;
  readonly ext: Record<string, unknown>;
}

/** Reads a chunk. Pure. @throws DomainError message_*, stream_*, username_illegal and invalid_request_body */
export function readChunk(request: unknown): ChunkOrder {
  const { from, to, body, ext } = parse(chunkRequest, request, 'invalid_request_body');
  const sender = foldUsername(from);
  if (!isLegalUsername(sender)) throw new DomainError('username_illegal', { username: from.slice(0, 256) });
  const messageId = body.msgId === undefined ? 0n : idOf(String(body.msgId));
  if (messageId === 0n && body.seq > 0) throw new DomainError('stream_not_found');
  return {
    from: sender,
    to: foldUsername(to),
    seq: BigInt(body.seq),
    text: body.msg,
    textType: body.type,
    finish: body.finish,
    finishReason: body.finish ? (body.finishReason ?? 0) : 0,
    messageId,
    ext,
  };
}

function idOf(text: string): bigint {
  if (!/^[1-9]\d{0,18}$/.test(text)) throw new DomainError('stream_not_found');
  const id = BigInt(text);
  if (id >= 1n << 63n) throw new DomainError('stream_not_found');
  return id;
}
