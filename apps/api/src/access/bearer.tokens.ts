import { Injectable } from '@nestjs/common';
import { DomainError, type ErrorCode } from '@parley/errors';
import { ForeignTokenVerifier, TokenVerifier, type VerifiedToken } from '@parley/tokens';
import type { FastifyRequest } from 'fastify';

/** What may be said of a bearer token; whatever else is wrong with its user is nobody's business. */
const TOLD: readonly ErrorCode[] = ['token_corrupt', 'token_expired', 'token_not_issued_here', 'unauthorized', 'unavailable'];

/** The bearer token of a request, whoever made it: our own are verified here, others by asking auth once. */
@Injectable()
export class BearerTokens {
  constructor(
    private readonly own: TokenVerifier,
    private readonly foreign: ForeignTokenVerifier,
  ) {}

  /** @throws DomainError token_missing and those above */
  async verify(request: Pick<FastifyRequest, 'headers' | 'params'>): Promise<VerifiedToken> {
    const token = bearerOf(request.headers.authorization);
    if (!ForeignTokenVerifier.recognises(token)) return this.own.verify(token);
    const { org, app } = request.params as { org: string; app: string };
    try {
      return await this.foreign.verify({ org, app, token });
    } catch (error) {
      if (!(error instanceof DomainError) || TOLD.includes(error.code)) throw error;
      throw new DomainError('unauthorized', {}, { cause: error });
    }
  }
}

/** @throws DomainError token_missing */
export function bearerOf(authorization: string | undefined): string {
  const [scheme, text] = (authorization ?? '').trim().split(/ +/);
  if (scheme?.toLowerCase() !== 'bearer' || !text) throw new DomainError('token_missing');
  return text;
}
