import { Controller, Inject, Req, Res } from '@nestjs/common';
import { file } from '@parley/contracts';
import { DomainError } from '@parley/errors';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { type Call, tenantOf, TheCall } from '../http/call.js';
import type { EnvelopeFields } from '../http/envelope.interceptor.js';
import { Operation } from '../http/operation.js';
import { parse } from '../http/parse.js';
import { readDownload } from './download.rules.js';
import { FILE_CLIENT, type FileClient } from './file.client.js';
import { FileRelay, type UploadedFile } from './file.relay.js';
import { chatfilesUri } from './file.uri.js';
import { completeQuery, lifetimeAnswer, lifetimeOrder, partForm, startAnswer, uploadAnswer, uploadForm } from './file.schemas.js';

const LIFETIMES = {
  default: file.Lifetime.LIFETIME_UNSPECIFIED,
  refresh: file.Lifetime.LIFETIME_REFRESH,
  forever: file.Lifetime.LIFETIME_FOREVER,
} as const;
/** Parts are copied together. */
const COMPLETE_WITHIN_MS = 120_000;
const PASSED_ON = ['range', 'if-range', 'if-none-match'] as const;
const FORM_ERRORS = ['file_missing', 'file_upload_malformed', 'file_too_large', 'file_storage_full', 'file_storage_unavailable'] as const;
const download = {
  summary: 'Download a file, its thumbnail or the first frame of a video',
  access: ['open'],
  bare: true,
  answer: z.string().meta({ format: 'binary' }),
  headers: {
    'share-secret': 'Needed for a restricted file, here or in the query',
    thumbnail: 'true: the thumbnail',
    Range: 'One range of bytes',
  },
  query: z.object({
    'share-secret': z.string().optional(),
    thumbnail: z.string().optional().describe('true: the thumbnail'),
    vframe: z.string().optional().describe('true: the first frame of a video'),
    'em-redirect': z.string().optional().describe('Has no effect: the bytes come from here'),
  }),
  errors: ['unauthorized', 'file_forbidden', 'file_not_found', 'file_expired', 'thumbnail_not_found', 'file_range_unsatisfiable', 'file_storage_unavailable'],
} as const;
const setLifetime = {
  summary: 'Set how long files live that no message refers to',
  access: ['app'],
  body: lifetimeOrder,
  answer: lifetimeAnswer,
} as const;

@Controller()
export class FileController {
  constructor(
    @Inject(FileRelay) private readonly relay: FileRelay,
    @Inject(FILE_CLIENT) private readonly files: FileClient,
  ) {}

  @Operation('POST', '/chatfiles', {
    summary: 'Upload a file. Not idempotent: each call makes a file',
    access: ['app', 'user'],
    upload: uploadForm,
    answer: uploadAnswer,
    headers: {
      'restrict-access': 'true: a secret is made, and needed to download',
      'thumbnail-width': 'Pixels, default 170',
      'thumbnail-height': 'Pixels, default 170',
    },
    errors: FORM_ERRORS,
  })
  async upload(@TheCall() call: Call, @Req() request: FastifyRequest): Promise<EnvelopeFields> {
    const headers = { ...uploader(call), ...pick(request, ['restrict-access', 'thumbnail-width', 'thumbnail-height']) };
    return uploadedFields(call, request, await this.relay.up<UploadedFile>(request, 'POST', '/files', tenantOf(call), headers));
  }

  @Operation('POST', '/sdk/chatfiles/part-upload', {
    summary: 'Begin an upload in parts',
    access: ['app', 'user'],
    answer: startAnswer,
    errors: ['file_storage_full'],
  })
  async startParts(@TheCall() call: Call): Promise<EnvelopeFields> {
    const begun = await this.files.startPartUpload({ tenant: tenantOf(call), uploader: uploaderOf(call) });
    const limits = { file_upper_limit: Number(begun.fileUpperLimitBytes), part_lower_limit: Number(begun.partBytes) };
    return { entities: [{ uuid: begun.uploadId, type: 'chatfile', ...limits }] };
  }

  @Operation('PUT', '/sdk/chatfiles/part-upload/:fileId', {
    summary: 'Upload a part; the last one of a number counts',
    access: ['app', 'user'],
    upload: partForm,
    answer: z.object({}),
    errors: [...FORM_ERRORS, 'part_upload_not_found', 'part_number_illegal'],
  })
  async part(@TheCall() call: Call, @Req() request: FastifyRequest): Promise<EnvelopeFields> {
    await this.relay.up(request, 'PUT', `/parts/${encodeURIComponent(call.params['fileId']!)}`, tenantOf(call), uploader(call));
    return {};
  }

  @Operation('POST', '/sdk/chatfiles/part-upload/:fileId', {
    summary: 'Join the parts to the file',
    access: ['app', 'user'],
    query: completeQuery,
    answer: uploadAnswer,
    errors: ['part_upload_not_found', 'part_upload_incomplete', 'file_too_large', 'file_storage_full', 'file_storage_unavailable'],
  })
  async complete(@TheCall() call: Call, @Req() request: FastifyRequest): Promise<EnvelopeFields> {
    const one = (name: string) => [call.query[name]].flat()[0] ?? [call.headers[name]].flat()[0];
    const uploaded = await this.files.completePartUpload(
      {
        tenant: tenantOf(call),
        uploadId: call.params['fileId']!,
        uploader: uploaderOf(call),
        restricted: one('restrict-access') === 'true',
        thumbnailWidth: pixels(one('thumbnail-width')),
        thumbnailHeight: pixels(one('thumbnail-height')),
        filename: one('filename') ?? '',
      },
      { deadlineMs: COMPLETE_WITHIN_MS },
    );
    return uploadedFields(call, request, { ...uploaded, sizeBytes: Number(uploaded.sizeBytes) });
  }

  @Operation('DELETE', '/sdk/chatfiles/part-upload/:fileId', { summary: 'Give up an upload in parts', access: ['app', 'user'], answer: z.object({}) })
  async abort(@TheCall() call: Call): Promise<EnvelopeFields> {
    await this.files.abortPartUpload({ tenant: tenantOf(call), uploadId: call.params['fileId']!, uploader: uploaderOf(call) });
    return {};
  }

  @Operation('GET', '/chatfiles/:fileId', download)
  get(@TheCall() call: Call, @Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    return this.#download(call, request, reply);
  }

  @Operation('HEAD', '/chatfiles/:fileId', { ...download, summary: 'The headers of a download' })
  head(@TheCall() call: Call, @Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    return this.#download(call, request, reply);
  }

  @Operation('PUT', '/users/:username/chatfiles/lifetime', setLifetime)
  setLifetime(@TheCall() call: Call): Promise<EnvelopeFields> {
    return this.#setLifetime(call);
  }

  /** The vendor's pages disagree on the verb; both work. */
  @Operation('POST', '/users/:username/chatfiles/lifetime', { ...setLifetime, summary: 'Set the lifetime of files (same as PUT)' })
  setLifetimeByPost(@TheCall() call: Call): Promise<EnvelopeFields> {
    return this.#setLifetime(call);
  }

  async #download(call: Call, request: FastifyRequest, reply: FastifyReply): Promise<void> {
    const { secret, variant } = readDownload(request.url, request.headers);
    const headers = {
      ...pick(request, PASSED_ON),
      'x-parley-reader': call.token?.kind ?? 'none',
      ...(secret === undefined ? {} : { 'share-secret': Buffer.from(secret).toString('latin1').replace(/[^\x20-\x7e]/g, '?') }),
    };
    const path = `/files/${encodeURIComponent(call.params['fileId']!)}?variant=${variant}`;
    try {
      const answer = await this.relay.down(request, path, tenantOf(call), headers);
      const { connection: _, 'keep-alive': _also, date: _too, 'transfer-encoding': _no, ...shown } = answer.headers;
      await reply.status(answer.statusCode!).headers(shown).send(request.method === 'HEAD' || answer.statusCode === 304 ? (answer.resume(), undefined) : answer);
    } catch (error) {
      // A token that does not count, and no secret: what is wrong with the token says more.
      if (error instanceof DomainError && error.code === 'unauthorized' && call.tokenProblem) throw call.tokenProblem;
      throw error;
    }
  }

  async #setLifetime(call: Call): Promise<EnvelopeFields> {
    const { lifetime, chatfile_ids: uuids } = parse(lifetimeOrder, call.body);
    const { done } = await this.files.setLifetime({ tenant: tenantOf(call), lifetime: LIFETIMES[lifetime], uuids });
    return { data: Object.fromEntries(uuids.map((uuid, i) => [uuid, done[i] ? 'success' : 'failed'])) };
  }
}

/** Empty for the tenant's server. By id: whoever takes the name of a deleted user does not go on with his uploads. */
function uploaderOf(call: Call): string {
  return call.token?.userId === undefined ? '' : `user:${call.token.userId}`;
}

function uploader(call: Call): Record<string, string> {
  return { 'x-parley-uploader': encodeURIComponent(uploaderOf(call)) };
}

function uploadedFields(call: Call, request: FastifyRequest, uploaded: UploadedFile): EnvelopeFields {
  return {
    path: '/chatfiles',
    uri: chatfilesUri(call, request),
    entities: [
      {
        uuid: uploaded.uuid,
        type: 'chatfile',
        ...(uploaded.shareSecret === '' ? {} : { 'share-secret': uploaded.shareSecret }),
        'file-metadata': { 'content-length': uploaded.sizeBytes, 'content-type': uploaded.contentType },
      },
    ],
  };
}

function pick(request: FastifyRequest, names: readonly string[]): Record<string, string> {
  return Object.fromEntries(names.flatMap((name) => (typeof request.headers[name] === 'string' ? [[name, request.headers[name]]] : [])));
}

function pixels(text: string | undefined): number {
  return /^\d{1,5}$/.test(text ?? '') ? Number(text) : 0;
}
