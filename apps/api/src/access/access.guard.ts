import { type ExecutionContext, Inject, Injectable } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import { AuthGuard } from '@nestjs/passport';
import { DomainError } from '@parley/errors';
import { EpochDirectory } from '@parley/revocation';
import type { VerifiedToken } from '@parley/tokens';
import { AdminAccess } from '../admin/access/admin-access.js';
import { CALL, type CallRequest, type Query } from '../http/call.js';
import { bodyFor } from '../http/form-body.js';
import { OPERATION, type Operation } from '../http/operation.js';
import { checkAccess } from './access.rules.js';
import { AppDirectory, type KnownApp } from './app-directory.js';
import { APP_TOKEN, USER_TOKEN } from './bearer.strategies.js';

type Request = CallRequest & { user?: VerifiedToken };
type Credentials = Pick<NonNullable<CallRequest[typeof CALL]>, 'token' | 'tokenProblem'>;

/** In this order: which app, who is it, may he. Then the handler gets the Call. What is not declared is not served. */
@Injectable()
export class AccessGuard extends AuthGuard([APP_TOKEN, USER_TOKEN]) {
  constructor(
    private readonly reflector: Reflector,
    @Inject(AppDirectory) private readonly apps: AppDirectory,
    @Inject(EpochDirectory) private readonly epochs: EpochDirectory,
    @Inject(AdminAccess) private readonly admins: AdminAccess,
  ) {
    super();
  }

  override async canActivate(context: ExecutionContext): Promise<boolean> {
    const operation = this.reflector.get<Operation | undefined>(OPERATION, context.getHandler());
    if (!operation) throw new Error('a route that is not an operation');
    const request = context.switchToHttp().getRequest<Request>();
    if (operation.admin !== undefined) await this.admins.admit(operation, request);
    if (operation.root) return true;
    const params = request.params as Record<string, string>;
    const app = await this.apps.find(params['org']!, params['app']!, request.url.split('?')[0]!);
    const credentials = await this.credentials(operation, app, context);
    request[CALL] = {
      ...app,
      ...credentials,
      params,
      query: request.query as Query,
      body: bodyFor(operation, request.body),
      headers: request.headers,
      address: request.ip,
    };
    return true;
  }

  /** What passport found; of no use here is its own error, which knows nothing of the catalogue. */
  override handleRequest<T>(error: unknown, token: T): T {
    if (error) throw error;
    if (!token) throw new DomainError('unauthorized');
    return token;
  }

  private async credentials(operation: Operation, { tenant }: KnownApp, context: ExecutionContext): Promise<Credentials> {
    const { access } = operation;
    const request = context.switchToHttp().getRequest<Request>();
    const none = { token: undefined, tokenProblem: undefined };
    if (access.includes('public') || (access.includes('open') && request.headers.authorization === undefined)) return none;
    try {
      await super.canActivate(context);
      const token = request.user!;
      if (!access.includes('open')) checkAccess(operation, tenant, token, (request.params as Record<string, string>)['username']);
      else if (token.tenant.appId !== tenant.appId) throw new DomainError('token_of_other_app');
      await this.checkAlive(token);
      return { token, tokenProblem: undefined };
    } catch (error) {
      if (!(error instanceof DomainError) || error.entry.http !== 401) throw error;
      if (operation.refusal) throw new DomainError(operation.refusal, {}, { cause: error });
      if (!access.includes('open')) throw error;
      return { token: undefined, tokenProblem: error };
    }
  }

  /** A token is void when its holder is gone or the holder's epoch has grown since. @throws DomainError unauthorized */
  private async checkAlive({ tenant, userId, tokenEpoch }: VerifiedToken): Promise<void> {
    const alive = await this.epochs.isCurrent({ appId: tenant.appId, userId: userId ?? 0n }, tokenEpoch);
    if (!alive) throw new DomainError('unauthorized');
  }
}
