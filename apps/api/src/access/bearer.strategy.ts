import { Injectable } from '@nestjs/common';
import { PassportStrategy } from '@nestjs/passport';
import { DomainError } from '@parley/errors';
import { TokenVerifier, type VerifiedToken } from '@parley/tokens';
import type { FastifyRequest } from 'fastify';
import { Strategy } from 'passport-custom';

/** Passport strategy `bearer`: the token of the Authorization header, verified here with the public keys of auth. */
@Injectable()
export class BearerStrategy extends PassportStrategy(Strategy, 'bearer') {
  constructor(private readonly verifier: TokenVerifier) {
    super();
  }

  /** @throws DomainError token_missing and those of TokenVerifier */
  async validate(request: FastifyRequest): Promise<VerifiedToken> {
    const [scheme, token] = (request.headers.authorization ?? '').split(' ');
    if (scheme?.toLowerCase() !== 'bearer' || !token) throw new DomainError('token_missing');
    return this.verifier.verify(token);
  }
}
