import { DomainError } from '@parley/errors';
import { tenantFromHeaders } from './tenant.guard.js';
import { createLogger } from '@parley/telemetry';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { pipeline } from 'node:stream/promises';
import type { FileConfig } from '../config.js';
import type { DownloadService } from '../download/download.service.js';
import type { PartUploadService } from '../part-upload/part-upload.service.js';
import type { UploadService } from '../upload/upload.service.js';

const log = createLogger('file');
/** A connection on which nothing moves for this long is dead. The edge gives up earlier. */
const STALLED_MS = 90_000;
/** An edge that has read the answer to a refused upload ends the call; one that does not by then is cut off. */
const ANSWER_READ_WITHIN_MS = 30_000;

export interface ByteServices {
  readonly uploads: UploadService;
  readonly parts: PartUploadService;
  readonly downloads: DownloadService;
}

export interface RunningByteServer {
  readonly address: string;
  /** Takes nothing new, lets what is under way end (at most `withinMs`). */
  stop(withinMs: number): Promise<void>;
}

/**
 * Bytes of files over plain HTTP, for the edges on the inner network: POST /files and PUT /parts/{id} take forms,
 * GET and HEAD /files/{id} give. The edge has checked who asks, and says so in headers (apps/file/README.md).
 */
export async function startByteServer(address: string, services: ByteServices, config: Pick<FileConfig, 'uploadsAtOnce'>): Promise<RunningByteServer> {
  let uploads = 0;
  const server = createServer({ requestTimeout: 0, keepAliveTimeout: 30_000 }, (request, response) => {
    request.setTimeout(STALLED_MS, () => request.destroy());
    const upload = request.method === 'POST' || request.method === 'PUT';
    if (upload && uploads >= config.uploadsAtOnce) return refuse(new DomainError('unavailable'), request, response);
    if (upload) uploads++;
    handle(services, request, response)
      .catch((error: unknown) => refuse(error, request, response))
      .finally(() => {
        if (upload) uploads--;
      });
  });
  const colon = address.lastIndexOf(':');
  const host = address.slice(0, colon);
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(Number(address.slice(colon + 1)), host, resolve);
  });
  return {
    address: `${host}:${(server.address() as AddressInfo).port}`,
    stop: (withinMs) =>
      new Promise((resolve) => {
        const late = setTimeout(() => server.closeAllConnections(), withinMs);
        server.close(() => {
          clearTimeout(late);
          resolve();
        });
        server.closeIdleConnections();
      }),
  };
}

async function handle(services: ByteServices, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { pathname, searchParams } = new URL(request.url ?? '/', 'http://inside');
  const [, kind, id = ''] = pathname.split('/');
  const tenant = tenantFromHeaders(request.headers);
  const header = (name: string): string | undefined => [request.headers[name]].flat()[0];
  const uploader = decodeURIComponent(header('x-parley-uploader') ?? '');
  if (request.method === 'POST' && kind === 'files') {
    const uploaded = await services.uploads.upload({
      tenant,
      uploader,
      restricted: header('restrict-access') === 'true',
      contentType: header('content-type'),
      contentLength: header('content-length') === undefined ? undefined : Number(header('content-length')),
      thumbnailWidth: header('thumbnail-width'),
      thumbnailHeight: header('thumbnail-height'),
      body: request,
    });
    return answer(response, 200, uploaded);
  }
  if (request.method === 'PUT' && kind === 'parts') {
    await services.parts.takePart(tenant, { uploadId: id, uploader, contentType: header('content-type'), body: request });
    return answer(response, 200, {});
  }
  if ((request.method === 'GET' || request.method === 'HEAD') && kind === 'files') {
    const reader = header('x-parley-reader');
    const variant = searchParams.get('variant');
    const { status, headers, content } = await services.downloads.open(tenant, {
      fileId: id,
      reader: reader === 'app' || reader === 'user' ? reader : 'none',
      secret: header('share-secret'),
      variant: variant === 'thumbnail' || variant === 'frame' ? variant : 'file',
      range: header('range'),
      ifRange: header('if-range'),
      ifNoneMatch: header('if-none-match'),
      head: request.method === 'HEAD',
    });
    response.writeHead(status, headers);
    if (content) await pipeline(content, response);
    else response.end();
    return;
  }
  throw new DomainError('path_not_found');
}

/** The error as the edge understands it: code and parameters. The rest of an upload is thrown away. */
function refuse(error: unknown, request: IncomingMessage, response: ServerResponse): void {
  if (response.headersSent) {
    // The reader went away, or the bytes could not be read to their end: he must not take them for whole.
    response.destroy();
    return;
  }
  const known = error instanceof DomainError ? error : new DomainError('internal', {}, { cause: error });
  if (known.entry.http >= 500 && !(request.destroyed && known.code === 'unavailable')) log.error({ err: error, code: known.code }, 'bytes could not be served');
  const told = { code: known.code, params: known.params };
  // In a header as well: an answer to HEAD has no body.
  response.setHeader('x-parley-error', encodeURIComponent(JSON.stringify(told)));
  answer(response, known.entry.http, told);
  if (request.complete || request.destroyed) return;
  // To close with bytes unread would reset the connection, and the answer could be lost on it: the edge ends the call.
  const late = setTimeout(() => request.destroy(), ANSWER_READ_WITHIN_MS);
  request.once('close', () => clearTimeout(late));
  request.resume();
}

function answer(response: ServerResponse, status: number, body: object): void {
  const text = JSON.stringify(body);
  response.writeHead(status, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) }).end(text);
}
