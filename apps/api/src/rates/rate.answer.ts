import { DomainError } from '@parley/errors';
import type { RateVerdict } from '@parley/rates';
import type { FastifyReply } from 'fastify';

/** What the caller may still do: of several rates the one that was told last. */
function tell(reply: FastifyReply, { limit, remaining, resetSeconds }: RateVerdict): void {
  void reply.headers({ 'x-ratelimit-limit': limit, 'x-ratelimit-remaining': remaining, 'x-ratelimit-reset': resetSeconds });
}

/** Tells him, and sends him away who has used up his rate. @throws DomainError rate_limited */
export function hold(reply: FastifyReply, verdict: RateVerdict): void {
  tell(reply, verdict);
  if (!verdict.granted) throw refused('rate_limited', verdict);
}

/** With the time after which to come back. */
export function refused(code: 'rate_limited' | 'msync_traffic_limit', { resetSeconds }: RateVerdict): DomainError {
  return new DomainError(code, { retryAfterSeconds: String(resetSeconds) });
}
