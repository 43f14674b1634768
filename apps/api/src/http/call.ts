import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import type { Tenant } from '@parley/contracts';
import { DomainError } from '@parley/errors';
import { foldUsername, type TenantRef } from '@parley/kernel';
import type { VerifiedToken } from '@parley/tokens';
import type { FastifyRequest } from 'fastify';
import type { z } from 'zod';

/** What a handler knows of its call: the app of the path, who asks, and the request's parts, not yet validated. */
export interface Call {
  readonly tenant: TenantRef;
  readonly openRegistration: boolean;
  readonly token: VerifiedToken | undefined;
  readonly params: Readonly<Record<string, string>>;
  readonly query: Readonly<Record<string, string>>;
  readonly body: unknown;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
}

export const CALL = Symbol('call');
export type CallRequest = FastifyRequest & { [CALL]?: Call };

/** Injects the Call that the access guard made. */
export const TheCall = createParamDecorator((_: unknown, context: ExecutionContext): Call => {
  const call = context.switchToHttp().getRequest<CallRequest>()[CALL];
  if (!call) throw new Error('the access guard did not run');
  return call;
});

/** The tenant as contracts carry it. */
export function tenantOf({ tenant }: Call): Tenant {
  return { appId: tenant.appId, appUuid: tenant.appUuid, org: tenant.org, app: tenant.app };
}

/** The user named in the path, in its stored form. */
export function usernameOf(call: Call): string {
  return foldUsername(call.params['username'] ?? '');
}

/**
 * Validates a body or query.
 * @throws DomainError illegal_argument naming each field that is wrong
 */
export function parse<T extends z.ZodType>(schema: T, value: unknown): z.output<T> {
  const parsed = schema.safeParse(value ?? {});
  if (parsed.success) return parsed.data;
  const detail = parsed.error.issues.map((issue) => `${issue.path.join('.') || 'body'}: ${issue.message}`).join('; ');
  throw new DomainError('illegal_argument', { detail });
}
