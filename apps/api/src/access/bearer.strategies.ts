import { Injectable } from '@nestjs/common';
import { PassportStrategy } from '@nestjs/passport';
import { DomainError } from '@parley/errors';
import { TokenVerifier, type VerifiedToken } from '@parley/tokens';
import type { FastifyRequest } from 'fastify';
import { Strategy } from 'passport-custom';

export const APP_TOKEN = 'app-token';
export const USER_TOKEN = 'user-token';

/** Passport strategy for the token of a tenant's server, verified here with the public keys of auth. */
@Injectable()
export class AppTokenStrategy extends PassportStrategy(Strategy, APP_TOKEN) {
  constructor(private readonly verifier: TokenVerifier) {
    super();
  }

  /** The token, or undefined for one of the other kind. @throws DomainError token_missing and those of TokenVerifier */
  validate(request: FastifyRequest): Promise<VerifiedToken | undefined> {
    return ofKind('app', request, this.verifier);
  }
}

/** Passport strategy for a user's token. Whether the user is still there is the guard's question. */
@Injectable()
export class UserTokenStrategy extends PassportStrategy(Strategy, USER_TOKEN) {
  constructor(private readonly verifier: TokenVerifier) {
    super();
  }

  /** As AppTokenStrategy. */
  validate(request: FastifyRequest): Promise<VerifiedToken | undefined> {
    return ofKind('user', request, this.verifier);
  }
}

async function ofKind(kind: VerifiedToken['kind'], request: FastifyRequest, verifier: TokenVerifier): Promise<VerifiedToken | undefined> {
  const [scheme, text] = (request.headers.authorization ?? '').trim().split(/ +/);
  if (scheme?.toLowerCase() !== 'bearer' || !text) throw new DomainError('token_missing');
  // The verifier remembers it, so the second strategy costs nothing.
  const token = await verifier.verify(text);
  return token.kind === kind ? token : undefined;
}
