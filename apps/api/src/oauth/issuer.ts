import type { FastifyRequest } from 'fastify';
import type { ApiConfig } from '../config.js';

/** Under which URL clients know this server: as set, else as the request came. Without a slash at the end. */
export function issuerOf(request: Pick<FastifyRequest, 'protocol' | 'host'>, { publicUrl }: Pick<ApiConfig, 'publicUrl'>): string {
  return publicUrl ?? `${request.protocol}://${request.host}`;
}
