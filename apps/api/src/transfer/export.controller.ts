import { Controller, Inject, Res } from '@nestjs/common';
import type { Tenant, transfer } from '@parley/contracts';
import { DomainError } from '@parley/errors';
import { messageObject } from '@parley/msync';
import { createLogger } from '@parley/telemetry';
import type { FastifyReply } from 'fastify';
import { pipeline, Readable } from 'node:stream';
import { createGzip } from 'node:zlib';
import { z } from 'zod';
import { text } from '../history/query-values.js';
import { type Call, tenantOf, TheCall } from '../http/call.js';
import type { EnvelopeFields } from '../http/envelope.interceptor.js';
import { Operation } from '../http/operation.js';
import { parse } from '../http/parse.js';
import { TRANSFER_CLIENT, type TransferClient } from './transfer.client.js';

const log = createLogger('api');
const PAGE_WITHIN_MS = 20_000;
const fileQuery = z.object({ expires: text, signature: text });

@Controller()
export class ExportController {
  constructor(@Inject(TRANSFER_CLIENT) private readonly transfers: TransferClient) {}

  @Operation('GET', '/chatmessages/:hour', {
    summary: 'A link to the messages of one hour (yyyyMMddHH, UTC), good for half an hour',
    access: ['app'],
    answer: z.object({ data: z.array(z.object({ url: z.string() })) }),
    errors: ['history_file_illegal', 'history_file_expired', 'history_file_not_found'],
  })
  async link(@TheCall() call: Call, @Res({ passthrough: true }) reply: FastifyReply): Promise<EnvelopeFields> {
    const { tenant } = call;
    const { hour, expiresMs, signature } = await this.transfers.makeExportLink({ tenant: tenantOf(call), hour: call.params['hour'] ?? '' });
    const { protocol, host } = reply.request;
    return { data: [{ url: `${protocol}://${host}/${tenant.org}/${tenant.app}/chatmessages/${hour}/file?expires=${expiresMs}&signature=${signature}` }] };
  }

  @Operation('GET', '/chatmessages/:hour/file', {
    summary: 'The messages of an hour: gzip, one JSON object a line. The link is the permission',
    access: ['public'],
    query: fileQuery,
    bare: true,
    answer: z.string(),
    errors: ['history_link_expired'],
  })
  async file(@TheCall() call: Call, @Res() reply: FastifyReply): Promise<void> {
    const { expires, signature } = parse(fileQuery, call.query);
    if (!/^\d{1,15}$/.test(expires)) throw new DomainError('history_link_expired');
    const link: transfer.ExportLink = { hour: call.params['hour'] ?? '', expiresMs: BigInt(expires), signature };
    // The first page decides about the answer; the rest is read as the caller takes it.
    const first = await this.#page(tenantOf(call), link, 0n, 0);
    const gzip = createGzip();
    pipeline(Readable.from(this.#lines(tenantOf(call), link, first)), gzip, (error) => {
      if (error) log.warn({ err: error, hour: link.hour }, 'an export was not read to its end');
    });
    await reply
      .header('content-type', 'application/gzip')
      .header('content-disposition', `attachment; filename="${link.hour}.gz"`)
      .send(gzip);
  }

  async *#lines(tenant: Tenant, link: transfer.ExportLink, first: transfer.ReadExportResponse): AsyncGenerator<string> {
    for (let page = first; ; page = await this.#page(tenant, link, page.nextAfterId, page.nextWindowMs)) {
      if (page.metas.length > 0) yield page.metas.map(lineOf).join('');
      if (page.nextAfterId === 0n) return;
    }
  }

  #page(tenant: Tenant, link: transfer.ExportLink, afterId: bigint, windowMs: number): Promise<transfer.ReadExportResponse> {
    return this.transfers.readExport({ tenant, link, afterId, windowMs }, { deadlineMs: PAGE_WITHIN_MS });
  }
}

function lineOf(meta: Uint8Array): string {
  const { id, timestamp, from, payload } = messageObject(meta);
  const { bodies, ext, to, type } = payload;
  return `${JSON.stringify({ msg_id: id, timestamp, direction: 'outgoing', from, to, chat_type: type, payload: { bodies, ext, from: payload.from, to } })}\n`;
}
