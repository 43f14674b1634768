import { Metadata, type ServiceError, status } from '@grpc/grpc-js';
import { DomainError, fromGrpcError, toGrpcStatus } from '@parley/errors';

/** Metadata key under which a domain error travels: its code and parameters in JSON. */
const ERROR = 'parley-error';

/** Longest parameter that travels; metadata has a limit of its own, and a hostile name may be of any length. */
const PARAMETER_MAX_LENGTH = 256;

/** What a client is told of an error: a domain error whole, anything else as INTERNAL without its text. */
export function toServerStatus(error: unknown): { code: status; details: string; metadata?: Metadata } {
  if (!(error instanceof DomainError)) return { code: status.INTERNAL, details: 'internal error' };
  const params = Object.entries(error.params).map(([key, value]) => [key, value.slice(0, PARAMETER_MAX_LENGTH)]);
  const metadata = new Metadata();
  metadata.set(ERROR, asciiJson({ code: error.code, params: Object.fromEntries(params) }));
  return { code: toGrpcStatus(error).code, details: error.code, metadata };
}

/** The error that the service threw, made again from what travelled. */
export function fromServiceError(error: ServiceError): Error {
  return fromGrpcError(error);
}

/** Metadata takes printable ASCII only. */
function asciiJson(value: unknown): string {
  return JSON.stringify(value).replace(/[^\x20-\x7e]/g, (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`);
}
