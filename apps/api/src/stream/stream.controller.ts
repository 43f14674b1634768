import { Controller, Inject } from '@nestjs/common';
import type { stream } from '@parley/contracts';
import { DomainError } from '@parley/errors';
import { keyValues } from '@parley/msync';
import { randomBytes } from 'node:crypto';
import { type Call, tenantOf, TheCall } from '../http/call.js';
import type { EnvelopeFields } from '../http/envelope.interceptor.js';
import { Operation } from '../http/operation.js';
import { chunkAnswer, chunkRequest, readChunk } from './stream.rules.js';
import { STREAM_CLIENT, type StreamClient } from './stream.client.js';

/** Attributes of the first chunk, encoded. */
const EXT_MAX_BYTES = 5_120;

@Controller()
export class StreamController {
  constructor(@Inject(STREAM_CLIENT) private readonly streams: StreamClient) {}

  @Operation('POST', '/stream_message/user', {
    summary: 'Send a text in chunks to one user',
    access: ['app'],
    body: chunkRequest,
    answer: chunkAnswer,
    errors: [
      'message_from_empty',
      'message_to_empty',
      'message_body_empty',
      'message_ext_not_object',
      'message_too_large',
      'invalid_request_body',
      'stream_seq_illegal',
      'stream_not_found',
      'stream_too_long',
      'stream_interval_timeout',
      'stream_timeout',
      'stream_finished',
      'stream_from_mismatch',
      'stream_to_mismatch',
      'stream_seq_too_small',
    ],
  })
  async chunk(@TheCall() call: Call): Promise<EnvelopeFields> {
    const order = readChunk(call.body);
    const ext = order.messageId === 0n ? keyValues(order.ext) : [];
    if (ext.reduce((sum, one) => sum + one.length, 0) > EXT_MAX_BYTES) throw new DomainError('message_too_large');
    const request: stream.AppendChunkRequest = { ...order, tenant: tenantOf(call), ext, clientId: randomBytes(8).readBigUInt64BE() };
    const { messageId } = await this.streams.appendChunk(request);
    return { data: order.messageId === 0n ? { msgId: String(messageId) } : {} };
  }
}
