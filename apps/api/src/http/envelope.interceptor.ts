import { type CallHandler, type ExecutionContext, Injectable, type NestInterceptor } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import type { FastifyReply } from 'fastify';
import { map, type Observable } from 'rxjs';
import { CALL, type CallRequest, type Query } from './call.js';
import { OPERATION, type Operation } from './operation.js';

/** What a handler may set of the envelope; the rest follows from the request. */
export interface EnvelopeFields {
  readonly action?: string;
  readonly path?: string;
  readonly uri?: string;
  readonly entities?: readonly unknown[];
  readonly data?: unknown;
  readonly count?: number;
  readonly cursor?: string;
  readonly params?: Readonly<Record<string, readonly string[]>>;
  /** Contacts and their like say that all is well. */
  readonly status?: 'ok';
  /** The one answer that has a key of its own. Milliseconds since 1970. */
  readonly expire_timestamp?: number;
}

/** Puts what handlers return into the common envelope of the platform API. */
@Injectable()
export class EnvelopeInterceptor implements NestInterceptor {
  constructor(private readonly reflector: Reflector) {}

  intercept(context: ExecutionContext, next: CallHandler<EnvelopeFields>): Observable<unknown> {
    const operation = this.reflector.get<Operation | undefined>(OPERATION, context.getHandler());
    if (!operation || operation.bare) return next.handle();
    const request = context.switchToHttp().getRequest<CallRequest>();
    const reply = context.switchToHttp().getResponse<FastifyReply>();
    const wrap = operation.reduced ? reduced : envelope;
    return next.handle().pipe(map((fields) => wrap(request, reply, fields)));
  }
}

function envelope(request: CallRequest, reply: FastifyReply, fields: EnvelopeFields): Record<string, unknown> {
  const { tenant } = request[CALL]!;
  const path = request.url.split('?')[0]!;
  return {
    action: request.method.toLowerCase(),
    application: tenant.appUuid,
    applicationName: tenant.app,
    organization: tenant.org,
    path: `/${path.split('/').slice(3).join('/')}`,
    uri: `${request.protocol}://${request.host}${path}`,
    entities: [],
    ...fields,
    timestamp: Date.now(),
    duration: Math.round(reply.elapsedTime),
  };
}

function reduced(_: CallRequest, reply: FastifyReply, { data }: EnvelopeFields): Record<string, unknown> {
  return { timestamp: Date.now(), data, duration: Math.round(reply.elapsedTime) };
}

/** The query as the envelope repeats it: every value a list. */
export function echo(query: Query): Record<string, string[]> {
  return Object.fromEntries(Object.entries(query).flatMap(([key, value]) => (value === undefined ? [] : [[key, [value].flat()]])));
}
