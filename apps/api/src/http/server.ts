import cors from '@fastify/cors';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import { DomainError, toEnvelope } from '@parley/errors';
import { inSpan } from '@parley/telemetry';
import { type Pem, type Transport, TrustedAddresses } from '@parley/tls';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Socket } from 'node:net';
import { answerError } from './error.filter.js';
import { readBody } from './json-body.js';
import { takesUpload } from './operation.js';
import { takeRest, untilRead } from './request-time.js';

/** A request must have arrived whole by then; one with a form has the time of the setting. */
const ARRIVES_WITHIN_MS = 30_000;
/** Beyond the longest user name, so that a longer one is told from a missing path. */
const PARAMETER_MAX_LENGTH = 1_024;
const HEADERS = [
  ...['authorization', 'content-type', 'accept', 'restrict-access', 'share-secret', 'x-requested-with', 'idempotency-key'],
  ...['thumbnail', 'thumbnail-width', 'thumbnail-height', 'range', 'if-none-match', 'if-range'],
];
const RATES = ['retry-after', 'x-ratelimit-limit', 'x-ratelimit-remaining', 'x-ratelimit-reset'];
const EXPOSED = ['accept-ranges', 'content-disposition', 'content-range', 'etag', ...RATES];

export interface ServerOptions {
  maxBodyBytes: number;
  formWithinSeconds: number;
  /** Networks of proxies whose X-Forwarded-* are believed. */
  trustedProxies: readonly string[];
}

/** Fastify as the platform API needs it: JSON errors whatever happens, bounded bodies, browsers of any origin welcome. */
export async function createAdapter({ maxBodyBytes, formWithinSeconds, trustedProxies }: ServerOptions, transport: Transport, pem?: Pem): Promise<FastifyAdapter> {
  const adapter = new FastifyAdapter({
    ...((pem ? { https: pem } : {}) as object),
    bodyLimit: maxBodyBytes,
    trustProxy: trustedProxies.length > 0 && [...trustedProxies],
    requestTimeout: formWithinSeconds * 1_000,
    // Some GETs do something (the older server SDK's disconnect): HEAD must not be one of them.
    exposeHeadRoutes: false,
    routerOptions: { maxParamLength: PARAMETER_MAX_LENGTH },
    frameworkErrors: (error: Error, request: FastifyRequest, reply: FastifyReply) => answerError(error, request, reply),
    clientErrorHandler: (_error: Error, socket: Socket) => refuse(socket),
  });
  const fastify = adapter.getInstance();
  if (transport.kind === 'plain' && transport.onlyFrom) admitOnly(fastify as unknown as FastifyInstance, new TrustedAddresses(transport.onlyFrom));
  fastify.removeAllContentTypeParsers();
  fastify.addContentTypeParser('*', { parseAs: 'string' }, (request, body, done) => {
    try {
      done(null, readBody(request.headers['content-type'], body as string));
    } catch (error) {
      done(error as Error);
    }
  });
  // Not read here: the handler passes it on. Where no form is taken, it is the wrong type.
  fastify.addContentTypeParser('multipart/form-data', (request, _body, done) => {
    done(takesUpload(request.method, request.url.split('?')[0]!) ? null : new DomainError('unsupported_media_type'));
  });
  fastify.server.headersTimeout = ARRIVES_WITHIN_MS;
  fastify.addHook('onRequest', (request, _reply, done) => {
    if (!takesUpload(request.method, request.url.split('?')[0]!)) untilRead(request.raw, ARRIVES_WITHIN_MS, refuse);
    done();
  });
  fastify.addHook('onResponse', (request, _reply, done) => {
    takeRest(request.raw);
    done();
  });
  // After the body was read, because the reading of a stream would lose the span.
  fastify.addHook('preHandler', (request, reply, done) => {
    const route = `${request.method} ${request.routeOptions.url ?? 'unknown'}`;
    void inSpan(route, { 'http.request.method': request.method, 'http.route': request.routeOptions.url ?? '' }, async (span) => {
      const ended = new Promise((resolve) => reply.raw.once('close', resolve));
      done();
      await ended;
      span.setAttribute('http.response.status_code', reply.statusCode);
    });
  });
  await fastify.register(cors as never, {
    origin: '*',
    methods: ['GET', 'POST', 'PUT', 'DELETE'],
    allowedHeaders: HEADERS,
    exposedHeaders: EXPOSED,
    maxAge: 86_400,
    strictPreflight: false,
  });
  return adapter;
}

/** Without TLS only those may connect who are named; anybody may ask how the API is. */
function admitOnly(fastify: FastifyInstance, allowed: TrustedAddresses): void {
  fastify.addHook('onRequest', (request, reply, done) => {
    if (request.url.startsWith('/health/') || allowed.has(request.socket.remoteAddress ?? '')) return done();
    answerError(new DomainError('tls_required'), request, reply);
  });
}

/** What is not even HTTP gets the error envelope as well: clients parse it without a guard. */
function refuse(socket: Socket): void {
  if (!socket.writable) return void socket.destroy();
  const { status, body } = toEnvelope(new DomainError('illegal_argument', { detail: 'the request could not be read' }), 0);
  const text = JSON.stringify(body);
  socket.end(`HTTP/1.1 ${status} Bad Request\r\nContent-Type: application/json\r\nContent-Length: ${Buffer.byteLength(text)}\r\nConnection: close\r\n\r\n${text}`);
}
