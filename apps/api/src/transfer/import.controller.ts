import { Controller, Inject, Req } from '@nestjs/common';
import type { Tenant } from '@parley/contracts';
import { DomainError } from '@parley/errors';
import { type RestMessage, restMessageToBody } from '@parley/msync';
import type { FastifyRequest } from 'fastify';
import { createHash, randomBytes } from 'node:crypto';
import { z } from 'zod';
import { chatfilesUri } from '../file/file.uri.js';
import { type Call, tenantOf, TheCall } from '../http/call.js';
import type { EnvelopeFields } from '../http/envelope.interceptor.js';
import { Operation } from '../http/operation.js';
import { MessageSize } from '../message/message-size.js';
import { readSend } from '../message/send.rules.js';
import { AttachmentFetcher } from './attachment.fetcher.js';
import { TRANSFER_CLIENT, type TransferClient } from './transfer.client.js';

const KEY_MAX_LENGTH = 255;
const importBody = z.object({
  from: z.string().min(1),
  target: z.string().min(1).describe('A user'),
  type: z.string().optional().describe('txt, img, audio, video, file, loc, cmd or custom'),
  body: z.record(z.string(), z.unknown()).optional(),
  msg: z.record(z.string(), z.unknown()).optional().describe('Older form: type and body in one'),
  ext: z.record(z.string(), z.unknown()).optional(),
  is_ack_read: z.boolean().default(false).describe('Shown as read'),
  msg_timestamp: z.int().optional().describe('When it was said, in milliseconds since 1970; default now'),
  need_download: z.boolean().default(false).describe('The server fetches the attachment, from where the operator lets it (PARLEY_API_IMPORT_ORIGINS)'),
});

@Controller()
export class ImportController {
  constructor(
    @Inject(TRANSFER_CLIENT) private readonly transfers: TransferClient,
    @Inject(MessageSize) private readonly sizes: MessageSize,
    @Inject(AttachmentFetcher) private readonly attachments: AttachmentFetcher,
  ) {}

  @Operation('POST', '/messages/users/import', {
    summary: 'Put a message that was said elsewhere into the history of two users',
    access: ['app'],
    body: importBody,
    answer: z.object({ data: z.object({ msg_id: z.string() }) }),
    headers: { 'Idempotency-Key': 'A repeated call with the same key answers the first id. 1 to 255 characters' },
    errors: [
      'import_body_empty',
      'import_type_empty',
      'import_time_illegal',
      'import_source_forbidden',
      'import_source_failed',
      'file_too_large',
      'file_storage_full',
      'file_storage_unavailable',
      'message_from_empty',
      'message_to_empty',
      'message_type_unsupported',
      'message_ext_not_object',
      'message_too_large',
      'invalid_request_body',
      'recipient_not_found',
      'username_illegal',
    ],
  })
  async import(@TheCall() call: Call, @Req() http: FastifyRequest): Promise<EnvelopeFields> {
    const request = readImport(call.body);
    const { from, to, message: asSent, ext } = readSend(request.send, await this.sizes.limitsOf(call.tenant));
    const tenant = tenantOf(call);
    const message = request.download ? await this.#withCopies(asSent, tenant, chatfilesUri(call, http)) : asSent;
    const { id } = await this.transfers.importMessage({
      tenant,
      from,
      to: to[0]!,
      timeMs: BigInt(request.timeMs),
      payload: restMessageToBody({ ...message, from, to: to[0]!, ext }),
      clientId: clientIdOf(call, `${tenant.appId}|${from}|${to[0]}`, request),
      isRead: request.isRead,
    });
    return { data: { msg_id: String(id) } };
  }

  /** The message with its files in the storage of the app; one without files as it is. */
  async #withCopies(message: RestMessage, tenant: Tenant, uri: string): Promise<RestMessage> {
    if (!('url' in message.body)) return message;
    const { url, filename = '' } = message.body;
    const thumb = 'thumb' in message.body ? message.body.thumb : undefined;
    const file = await this.attachments.copy(tenant, url, filename);
    const picture = thumb === undefined || thumb === '' ? undefined : await this.attachments.copy(tenant, thumb, '');
    return {
      ...message,
      body: {
        ...message.body,
        url: `${uri}/${file.uuid}`,
        secret: file.shareSecret,
        file_length: file.sizeBytes,
        ...(picture ? { thumb: `${uri}/${picture.uuid}`, thumb_secret: picture.shareSecret } : {}),
      },
    } as RestMessage;
  }
}

interface ImportOrder {
  readonly send: Record<string, unknown>;
  /** 0 = now. */
  readonly timeMs: number;
  readonly isRead: boolean;
  /** The server fetches the files. */
  readonly download: boolean;
}

/** Both forms as one. Pure. @throws DomainError import_* | invalid_request_body | illegal_argument */
export function readImport(body: unknown): ImportOrder {
  if (typeof body !== 'object' || body === null || Array.isArray(body)) throw new DomainError('invalid_request_body');
  const { msg, target, msg_timestamp: time, is_ack_read: read, need_download: download, ...rest } = body as Record<string, unknown>;
  const older = typeof msg === 'object' && msg !== null && !Array.isArray(msg) ? (msg as Record<string, unknown>) : undefined;
  const { type = rest['type'], ...inside } = older ?? {};
  const content = older ? inside : rest['body'];
  if (type === undefined || type === null || type === '') throw new DomainError('import_type_empty');
  if (content === undefined || content === null || (typeof content === 'object' && Object.keys(content).length === 0)) throw new DomainError('import_body_empty');
  if (target === undefined || target === null || target === '') throw new DomainError('message_to_empty');
  if (rest['from'] === undefined) throw new DomainError('message_from_empty');
  if (time !== undefined && time !== null && (typeof time !== 'number' || !Number.isSafeInteger(time) || time <= 0)) {
    throw new DomainError('illegal_argument', { detail: 'msg_timestamp: must be milliseconds since 1970' });
  }
  for (const [name, value] of [['is_ack_read', read], ['need_download', download]] as const) {
    if (value !== undefined && value !== null && typeof value !== 'boolean') throw new DomainError('illegal_argument', { detail: `${name}: must be true or false` });
  }
  return {
    send: { from: rest['from'], to: [target], type, body: content, ...(rest['ext'] === undefined ? {} : { ext: rest['ext'] }) },
    timeMs: (time as number | null | undefined) ?? 0,
    isRead: read === true,
    download: download === true,
  };
}

/**
 * The same key, or without one the same content at the same time, is the same message. Without a time and a key each call is
 * a message of its own: two that say the same may both be meant.
 */
function clientIdOf(call: Call, parties: string, { send, timeMs }: ImportOrder): bigint {
  const key = call.headers['idempotency-key'];
  if (key !== undefined && (typeof key !== 'string' || key === '' || key.length > KEY_MAX_LENGTH)) {
    throw new DomainError('illegal_argument', { detail: `Idempotency-Key must have 1 to ${KEY_MAX_LENGTH} characters` });
  }
  if (key === undefined && timeMs === 0) return randomBytes(8).readBigUInt64BE();
  const hash = createHash('sha256').update(parties);
  if (key === undefined) hash.update(JSON.stringify([send['type'], send['body'], send['ext'] ?? null]));
  else hash.update(`|key|${key}`);
  return hash.digest().readBigUInt64BE();
}
