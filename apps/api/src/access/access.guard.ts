import { type CanActivate, type ExecutionContext, Inject, Injectable } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import { DomainError } from '@parley/errors';
import { foldUsername, type TenantRef } from '@parley/kernel';
import type { VerifiedToken } from '@parley/tokens';
import { CALL, type CallRequest } from '../http/call.js';
import { OPERATION, type Operation } from '../http/operation.js';
import { AppDirectory } from './app-directory.js';

/** Decides whether the token may do this in this app, and makes the Call that handlers get. */
@Injectable()
export class AccessGuard implements CanActivate {
  constructor(
    private readonly reflector: Reflector,
    @Inject(AppDirectory) private readonly apps: AppDirectory,
  ) {}

  async canActivate(context: ExecutionContext): Promise<boolean> {
    const operation = this.reflector.get<Operation | undefined>(OPERATION, context.getHandler());
    if (!operation) return true;
    const request = context.switchToHttp().getRequest<CallRequest & { user?: VerifiedToken }>();
    const params = request.params as Record<string, string>;
    const { tenant, openRegistration } = await this.apps.find(params['org']!, params['app']!, request.url.split('?')[0]!);
    const token = request.user;
    check(operation, tenant, token, params);
    request[CALL] = {
      tenant,
      openRegistration,
      token,
      params,
      query: request.query as Record<string, string>,
      body: request.body,
      headers: request.headers,
    };
    return true;
  }
}

/**
 * The permission rule: the token's app must be the path's, and its kind one that the operation admits.
 * @throws DomainError unauthorized; token_of_other_app where the operation decides for itself
 */
export function check(
  operation: Pick<Operation, 'access'>,
  tenant: Pick<TenantRef, 'appId'>,
  token: VerifiedToken | undefined,
  params: Readonly<Record<string, string>>,
): void {
  const { access } = operation;
  if (access.includes('public')) return;
  if (!token) {
    if (access.includes('open')) return;
    throw new DomainError('unauthorized');
  }
  if (token.tenant.appId !== tenant.appId) throw new DomainError(access.includes('open') ? 'token_of_other_app' : 'unauthorized');
  if (token.kind === 'app' && (access.includes('app') || access.includes('open'))) return;
  const self = token.kind === 'user' && access.includes('self') && token.username === foldUsername(params['username'] ?? '');
  if (!self) throw new DomainError('unauthorized');
}
