import { DomainError } from '@parley/errors';
import type { RateVerdict } from '@parley/rates';
import type { FastifyReply } from 'fastify';

/** What the caller may still do: of several rates the one that was told last. */
export function tell(reply: FastifyReply, { limit, remaining, resetSeconds }: RateVerdict): void {
  void reply.headers({ 'x-ratelimit-limit': limit, 'x-ratelimit-remaining': remaining, 'x-ratelimit-reset': resetSeconds });
}

/** With the time after which to come back. */
export function refused(code: 'rate_limited' | 'msync_traffic_limit', { resetSeconds }: RateVerdict): DomainError {
  return new DomainError(code, { retryAfterSeconds: String(resetSeconds) });
}
