import { type ArgumentsHost, Catch, type ExceptionFilter, HttpException } from '@nestjs/common';
import { BusError } from '@parley/bus';
import { DomainError, toEnvelope } from '@parley/errors';
import { createLogger } from '@parley/telemetry';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { operations } from './operation.js';

const log = createLogger('api');

/** The one place where an error becomes an HTTP answer. */
@Catch()
export class ErrorFilter implements ExceptionFilter {
  catch(error: unknown, host: ArgumentsHost): void {
    const request = host.switchToHttp().getRequest<FastifyRequest>();
    const reply = host.switchToHttp().getResponse<FastifyReply>();
    const known = toDomainError(error, request);
    const { status, body } = toEnvelope(known, Math.round(reply.elapsedTime));
    if (status >= 500) log.error({ err: error, method: request.method, url: request.url.split('?')[0], status }, 'request failed');
    void reply.status(status).send(body);
  }
}

function toDomainError(error: unknown, request: FastifyRequest): DomainError {
  if (error instanceof DomainError) return error;
  if (error instanceof BusError) return new DomainError('unavailable', {}, { cause: error });
  const status = error instanceof HttpException ? error.getStatus() : ((error as { statusCode?: number }).statusCode ?? 500);
  switch (status) {
    case 404:
      return new DomainError(isKnownPath(request) ? 'method_not_allowed' : 'path_not_found');
    case 413:
      return new DomainError('payload_too_large', { limit: String(request.routeOptions.bodyLimit ?? '') });
    case 415:
      return new DomainError('unsupported_media_type');
    case 400:
      return new DomainError('json_parse', { detail: 'the request could not be read' });
    default:
      return new DomainError('internal', {}, { cause: error });
  }
}

/** The path exists for another method. */
function isKnownPath(request: FastifyRequest): boolean {
  const path = request.url.split('?')[0]!;
  return operations().some((operation) => new RegExp(`^${operation.path.replace(/:\w+/g, '[^/]+')}$`).test(path));
}
