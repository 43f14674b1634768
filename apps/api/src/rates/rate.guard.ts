import { type CanActivate, type ExecutionContext, Inject, Injectable } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import { rateCatalogue, type RateName } from '@parley/app-settings';
import { DomainError } from '@parley/errors';
import { RateLimiter, type RateVerdict } from '@parley/rates';
import type { FastifyReply } from 'fastify';
import { API_CONFIG, type ApiConfig } from '../config.js';
import { CALL, type Call, type CallRequest } from '../http/call.js';
import { OPERATION, type Operation } from '../http/operation.js';
import { isHeld, messagesOf, ratesOfOperation } from './rate.rules.js';

/**
 * Holds each app to its rates. After the access guard: who may not call uses up nobody's rate.
 */
@Injectable()
export class RateGuard implements CanActivate {
  constructor(
    private readonly reflector: Reflector,
    @Inject(RateLimiter) private readonly limiter: RateLimiter,
    @Inject(API_CONFIG) private readonly config: Pick<ApiConfig, 'ratesEnforced'>,
  ) {}

  async canActivate(context: ExecutionContext): Promise<boolean> {
    const operation = this.reflector.get<Operation | undefined>(OPERATION, context.getHandler());
    const call = context.switchToHttp().getRequest<CallRequest>()[CALL];
    if (!operation || !call || !this.config.ratesEnforced || !isHeld(operation)) return true;
    const reply = context.switchToHttp().getResponse<FastifyReply>();
    const names = ratesOfOperation(operation);
    const [calls, messages] = [names.filter((name) => counts(name) === 'calls'), names.filter((name) => counts(name) === 'messages')];
    const verdict = await this.#take(call, operation, calls, 1);
    tell(reply, verdict);
    if (!verdict.granted) throw refused('rate_limited', verdict);
    if (messages.length === 0) return true;
    const sent = await this.#take(call, operation, messages, messagesOf(call.body));
    if (!sent.granted) throw refused('msync_traffic_limit', sent);
    return true;
  }

  #take(call: Call, operation: Operation, names: readonly RateName[], count: number): Promise<RateVerdict> {
    return this.limiter.take(call.tenant.appId, names, count, (name) => scopeOf(name, operation, call));
  }
}

/** The common rate counts each operation by itself. */
function scopeOf(name: RateName, { method, path }: Operation, call: Call): string {
  if (name === 'rateOther') return `${method} ${path}`;
  return 'perUser' in rateCatalogue[name] ? (call.params['username'] ?? '').toLowerCase() : '';
}

function counts(name: RateName): 'calls' | 'messages' {
  return rateCatalogue[name].counts;
}

function tell(reply: FastifyReply, { limit, remaining, resetSeconds }: RateVerdict): void {
  void reply.headers({ 'x-ratelimit-limit': limit, 'x-ratelimit-remaining': remaining, 'x-ratelimit-reset': resetSeconds });
}

function refused(code: 'rate_limited' | 'msync_traffic_limit', { resetSeconds }: RateVerdict): DomainError {
  return new DomainError(code, { retryAfterSeconds: String(resetSeconds) });
}
