import { type ExecutionContext, Injectable } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import { AuthGuard } from '@nestjs/passport';
import { DomainError } from '@parley/errors';
import { OPERATION, type Operation } from '../http/operation.js';

/** Authenticates by the bearer strategy; operations that need no token pass without one. */
@Injectable()
export class BearerGuard extends AuthGuard('bearer') {
  constructor(private readonly reflector: Reflector) {
    super();
  }

  override async canActivate(context: ExecutionContext): Promise<boolean> {
    const operation = this.reflector.get<Operation | undefined>(OPERATION, context.getHandler());
    if (!operation || operation.access.includes('public')) return true;
    if (operation.access.includes('open') && !context.switchToHttp().getRequest().headers.authorization) return true;
    return (await super.canActivate(context)) as boolean;
  }

  override handleRequest<T>(error: unknown, token: T): T {
    if (error) throw error;
    if (!token) throw new DomainError('unauthorized');
    return token;
  }
}
