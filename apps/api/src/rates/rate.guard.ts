import { type CanActivate, type ExecutionContext, Inject, Injectable } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import { rateCatalogue, type RateName } from '@parley/app-settings';
import { networkOf } from '@parley/kernel';
import { RateLimiter, type RateVerdict } from '@parley/rates';
import type { FastifyReply } from 'fastify';
import { ADMIN_CALL, type AdminCall, type AdminRequest } from '../admin/access/admin-call.js';
import { API_CONFIG, type ApiConfig } from '../config.js';
import { CALL, type Call, type CallRequest } from '../http/call.js';
import { OPERATION, type Operation } from '../http/operation.js';
import { hold, refused } from './rate.answer.js';
import { isHeld, messagesOf, ofStrangersAtOneAddress, ratesOfOperation } from './rate.rules.js';

/**
 * Holds each app to its rates, and each administrator to his. After the access guard: who may not call uses up nobody's
 * rate. Where no token is asked for, a stranger's call counts for his address, and for the app only while it is under way
 * or when it succeeds.
 */
@Injectable()
export class RateGuard implements CanActivate {
  constructor(
    private readonly reflector: Reflector,
    @Inject(RateLimiter) private readonly limiter: RateLimiter,
    @Inject(API_CONFIG) private readonly config: Pick<ApiConfig, 'ratesEnforced' | 'adminCalls'>,
  ) {}

  async canActivate(context: ExecutionContext): Promise<boolean> {
    const operation = this.reflector.get<Operation | undefined>(OPERATION, context.getHandler());
    const request = context.switchToHttp().getRequest<CallRequest & AdminRequest>();
    if (!operation || !this.config.ratesEnforced) return true;
    const reply = context.switchToHttp().getResponse<FastifyReply>();
    const administrator = request[ADMIN_CALL];
    if (administrator) return this.#holdAdministrator(administrator, reply);
    const call = request[CALL];
    if (!call || !isHeld(operation)) return true;
    const names = ratesOfOperation(operation);
    const [calls, messages] = [names.filter((name) => counts(name) === 'calls'), names.filter((name) => counts(name) === 'messages')];
    const stranger = call.token ? undefined : await this.#holdStranger(call, operation, calls);
    const verdict = await this.#take(call, operation, calls, 1);
    hold(reply, verdict);
    if (stranger) settle(reply, operation, stranger, verdict);
    if (messages.length === 0) return true;
    const sent = await this.#take(call, operation, messages, messagesOf(call.body));
    if (!sent.granted) throw refused('msync_traffic_limit', sent);
    return true;
  }

  async #holdAdministrator({ actor: { org, adminId } }: AdminCall, reply: FastifyReply): Promise<boolean> {
    const verdict = await this.limiter.takeOfCaller('admin', `${org}/${adminId}`, this.config.adminCalls);
    hold(reply, verdict);
    return true;
  }

  /** His part of the app's rate, by address. @throws DomainError rate_limited */
  async #holdStranger({ tenant, address }: Call, { method, path }: Operation, calls: readonly RateName[]): Promise<RateVerdict> {
    const limits = await this.limiter.limitsOf(tenant.appId, calls);
    const most = ofStrangersAtOneAddress(Math.min(...limits));
    const verdict = await this.limiter.takeOfCaller('stranger', `${tenant.appId} ${method} ${path} ${networkOf(address)}`, most);
    if (!verdict.granted) throw refused('rate_limited', verdict);
    return verdict;
  }

  #take(call: Call, operation: Operation, names: readonly RateName[], count: number): Promise<RateVerdict> {
    return this.limiter.take(call.tenant.appId, names, count, (name) => scopeOf(name, operation, call));
  }
}

/**
 * Whoever comes to nothing leaves the app its rate; whoever proves to be of the app was no stranger. A caller who does not
 * wait for his answer has proved nothing.
 */
function settle(reply: FastifyReply, { proves }: Operation, stranger: RateVerdict, ofApp: RateVerdict): void {
  reply.raw.once('close', () => {
    if (!reply.raw.headersSent || reply.statusCode >= 400) ofApp.giveBack();
    else if (proves) stranger.giveBack();
  });
}

/** The common rate counts each operation by itself. */
function scopeOf(name: RateName, { method, path }: Operation, call: Call): string {
  if (name === 'rateOther') return `${method} ${path}`;
  return 'perUser' in rateCatalogue[name] ? (call.params['username'] ?? '').toLowerCase() : '';
}

function counts(name: RateName): 'calls' | 'messages' {
  return rateCatalogue[name].counts;
}
