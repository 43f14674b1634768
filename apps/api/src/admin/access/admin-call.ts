import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import type { adminAccess, Tenant } from '@parley/contracts';
import { DomainError } from '@parley/errors';
import type { FastifyRequest } from 'fastify';
import type { Query } from '../../http/call.js';

/** What a handler of the admin API knows of its call. Made by the guard only: who it is and that he may. */
export interface AdminCall {
  readonly actor: adminAccess.Actor;
  /** The organisation of the path; the administrator's own where the path has none. */
  readonly org: string;
  /** The app of the path. */
  readonly app: Tenant | undefined;
  readonly params: Readonly<Record<string, string>>;
  readonly query: Query;
  readonly body: unknown;
}

export const ADMIN_CALL = Symbol('admin call');
export type AdminRequest = FastifyRequest & { [ADMIN_CALL]?: AdminCall };

/** Injects the AdminCall that the guard made. */
export const TheAdminCall = createParamDecorator((_: unknown, context: ExecutionContext): AdminCall => {
  const call = context.switchToHttp().getRequest<AdminRequest>()[ADMIN_CALL];
  if (!call) throw new Error('the access guard did not run');
  return call;
});

/** Where a request comes from, for the audit log and for throttling. */
export function originOf(request: FastifyRequest): adminAccess.Origin {
  return { address: request.ip, userAgent: (request.headers['user-agent'] ?? '').slice(0, 256) };
}

/** The app of a call whose path has one. */
export function appOf({ app }: AdminCall): Tenant {
  if (!app) throw new Error('an operation about an app without one in its path');
  return app;
}

/** The bearer token of a request. @throws DomainError token_missing */
export function bearerOf(request: FastifyRequest): string {
  const [scheme, text] = (request.headers.authorization ?? '').trim().split(/ +/);
  if (scheme?.toLowerCase() !== 'bearer' || !text) throw new DomainError('token_missing');
  return text;
}
