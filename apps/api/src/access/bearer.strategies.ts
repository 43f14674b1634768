import { Injectable } from '@nestjs/common';
import { PassportStrategy } from '@nestjs/passport';
import type { VerifiedToken } from '@parley/tokens';
import type { FastifyRequest } from 'fastify';
import { Strategy } from 'passport-custom';
import { BearerTokens } from './bearer.tokens.js';

export const APP_TOKEN = 'app-token';
export const USER_TOKEN = 'user-token';

/** Passport strategy for the token of a tenant's server, of ours or made by that server itself. */
@Injectable()
export class AppTokenStrategy extends PassportStrategy(Strategy, APP_TOKEN) {
  constructor(private readonly tokens: BearerTokens) {
    super();
  }

  /** The token, or undefined for one of the other kind. @throws DomainError those of BearerTokens */
  validate(request: FastifyRequest): Promise<VerifiedToken | undefined> {
    return ofKind('app', request, this.tokens);
  }
}

/** Passport strategy for a user's token. Whether the user is still there is the guard's question. */
@Injectable()
export class UserTokenStrategy extends PassportStrategy(Strategy, USER_TOKEN) {
  constructor(private readonly tokens: BearerTokens) {
    super();
  }

  /** As AppTokenStrategy. */
  validate(request: FastifyRequest): Promise<VerifiedToken | undefined> {
    return ofKind('user', request, this.tokens);
  }
}

async function ofKind(kind: VerifiedToken['kind'], request: FastifyRequest, tokens: BearerTokens): Promise<VerifiedToken | undefined> {
  // What was verified is remembered, so the second strategy costs nothing.
  const token = await tokens.verify(request);
  return token.kind === kind ? token : undefined;
}
