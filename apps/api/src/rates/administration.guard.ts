import { type CanActivate, type ExecutionContext, Inject, Injectable } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import { networkOf } from '@parley/kernel';
import { RateLimiter } from '@parley/rates';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { API_CONFIG, type ApiConfig } from '../config.js';
import { OPERATION, type Operation } from '../http/operation.js';
import { hold } from './rate.answer.js';
import { isAdministration } from './rate.rules.js';

/** Holds each address to a rate of what concerns administration. Before anybody asks who it is, which costs more than this. */
@Injectable()
export class AdministrationGuard implements CanActivate {
  constructor(
    private readonly reflector: Reflector,
    @Inject(RateLimiter) private readonly limiter: RateLimiter,
    @Inject(API_CONFIG) private readonly config: Pick<ApiConfig, 'ratesEnforced' | 'adminCallsOfAddress'>,
  ) {}

  async canActivate(context: ExecutionContext): Promise<boolean> {
    const operation = this.reflector.get<Operation | undefined>(OPERATION, context.getHandler());
    if (!operation || !this.config.ratesEnforced || !isAdministration(operation)) return true;
    const { ip } = context.switchToHttp().getRequest<FastifyRequest>();
    const verdict = await this.limiter.takeOfCaller('admin-address', networkOf(ip), this.config.adminCallsOfAddress);
    hold(context.switchToHttp().getResponse<FastifyReply>(), verdict);
    return true;
  }
}
