import { type ArgumentsHost, Catch, type ExceptionFilter, HttpException } from '@nestjs/common';
import { BusError } from '@parley/bus';
import { DomainError, toEnvelope } from '@parley/errors';
import { createLogger } from '@parley/telemetry';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { methodsOf } from './operation.js';
import { isComing } from './request-time.js';

const log = createLogger('api');

/** The one place where an error becomes an HTTP answer. */
@Catch()
export class ErrorFilter implements ExceptionFilter {
  catch(error: unknown, host: ArgumentsHost): void {
    answerError(error, host.switchToHttp().getRequest<FastifyRequest>(), host.switchToHttp().getResponse<FastifyReply>());
  }
}

/** Answers with the catalogue's status and envelope, and writes one line: an error for 5xx, a warning for the caller's own. */
export function answerError(error: unknown, request: FastifyRequest, reply: FastifyReply): void {
  const path = request.url.split('?')[0]!;
  const known = toDomainError(error, request.routeOptions?.bodyLimit, methodsOf(path));
  const durationMs = Math.round(reply.elapsedTime);
  const { status, body } = toEnvelope(known, durationMs);
  const line = { method: request.method, path: path.slice(0, 256), status, code: known.code, durationMs };
  if (status >= 500) log.error({ ...line, err: error }, 'request failed');
  else log.warn(line, 'request refused');
  if (known.code === 'method_not_allowed') void reply.header('allow', methodsOf(path).join(', '));
  // Ended at once, whoever wishes it, the connection would be reset by the bytes that still come: takeRest ends it.
  if (isComing(request.raw)) void reply.header('connection', 'keep-alive');
  const { retryAfterSeconds } = known.params;
  if (retryAfterSeconds !== undefined) void reply.header('retry-after', retryAfterSeconds);
  void reply.status(status).send(body);
}

/** @param methods those that the path has: a missing route is then a wrong method */
export function toDomainError(error: unknown, bodyLimit: number | undefined, methods: readonly string[]): DomainError {
  if (error instanceof DomainError) return error;
  if (error instanceof BusError) return new DomainError('unavailable', {}, { cause: error });
  const status = error instanceof HttpException ? error.getStatus() : ((error as { statusCode?: number } | undefined)?.statusCode ?? 500);
  switch (status) {
    case 404:
      return new DomainError(methods.length > 0 ? 'method_not_allowed' : 'path_not_found');
    case 413:
      return new DomainError('payload_too_large', { limit: String(bodyLimit ?? '') });
    case 415:
      return new DomainError('unsupported_media_type');
    case 503:
      return new DomainError('unavailable', {}, { cause: error });
    default:
      if (status >= 400 && status < 500) return new DomainError('illegal_argument', { detail: 'the request could not be read' });
      return new DomainError('internal', {}, { cause: error });
  }
}
