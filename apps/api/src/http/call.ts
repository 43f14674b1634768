import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import type { Tenant } from '@parley/contracts';
import type { DomainError } from '@parley/errors';
import { foldUsername, type TenantRef } from '@parley/kernel';
import type { VerifiedToken } from '@parley/tokens';
import type { FastifyRequest } from 'fastify';

/** What a handler knows of its call: the app of the path, who asks, and the request's parts, not yet validated. */
export interface Call {
  readonly tenant: TenantRef;
  readonly openRegistration: boolean;
  /** A token of this app, already checked against the operation's access. */
  readonly token: VerifiedToken | undefined;
  /** Why the token that came with an `open` operation does not count. */
  readonly tokenProblem: DomainError | undefined;
  readonly params: Readonly<Record<string, string>>;
  readonly query: Query;
  readonly body: unknown;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  /** Of the caller, as far as the proxies in front are trusted. */
  readonly address: string;
}

/** A parameter that is given twice is a list. */
export type Query = Readonly<Record<string, string | string[] | undefined>>;

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
