import type { FastifyRequest } from 'fastify';
import type { Call } from '../http/call.js';

/** Where the files of the caller's app are; a file's id comes after it. SDKs build URLs from it. */
export function chatfilesUri({ tenant }: Pick<Call, 'tenant'>, request: Pick<FastifyRequest, 'protocol' | 'host'>): string {
  return `${request.protocol}://${request.host}/${tenant.org}/${tenant.app}/chatfiles`;
}
