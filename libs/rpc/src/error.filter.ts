import { Metadata, type ServiceError, status } from '@grpc/grpc-js';
import { DomainError, fromGrpcError, toGrpcStatus } from '@parley/errors';

/** Metadata key under which a domain error travels: its code and parameters in JSON. */
const ERROR = 'parley-error';

/** Longest parameter that travels; metadata has a limit of its own, and a hostile name may be of any length. */
const PARAMETER_MAX_LENGTH = 256;

/** Codes of Node, PostgreSQL and Prisma that mean: the database is away, starting, shutting down or too busy. */
const STORE_AWAY = /^(ECONN|EPIPE$|ETIMEDOUT$|57P0|08|P1001$|P1002$|P1008$|P1017$|P2024$|P2028$)/;

/** PostgreSQL's class "data exception": a value that no column takes, such as a NUL in a text. */
const STORE_REFUSES_VALUE = /^22/;

/**
 * What a client is told of an error: a domain error whole; a store that is away as UNAVAILABLE, since a later try may
 * succeed; a value that the store cannot take as illegal; anything else as INTERNAL without its text.
 */
export function toServerStatus(error: unknown): { code: status; details: string; metadata?: Metadata } {
  if (!(error instanceof DomainError)) {
    if (isRefusedValue(error)) return toServerStatus(new DomainError('illegal_argument', { detail: 'a value cannot be stored' }));
    return isStoreAway(error)
      ? { code: status.UNAVAILABLE, details: 'try again' }
      : { code: status.INTERNAL, details: 'internal error' };
  }
  const params = Object.entries(error.params).map(([key, value]) => [key, value.slice(0, PARAMETER_MAX_LENGTH)]);
  const metadata = new Metadata();
  metadata.set(ERROR, asciiJson({ code: error.code, params: Object.fromEntries(params) }));
  return { code: toGrpcStatus(error).code, details: error.code, metadata };
}

/** The error that the service threw, made again from what travelled. */
export function fromServiceError(error: ServiceError): Error {
  return fromGrpcError(error);
}

function isStoreAway(error: unknown): boolean {
  for (let e: unknown = error, depth = 0; e instanceof Error && depth < 5; e = e.cause, depth++) {
    if ('code' in e && STORE_AWAY.test(String(e.code))) return true;
    // pg's own words for a connection that broke under a query, or could not be had in time; they have no code.
    if (/^(Connection terminated|timeout exceeded when trying to connect)/.test(e.message)) return true;
  }
  return false;
}

function isRefusedValue(error: unknown): boolean {
  for (let e: unknown = error, depth = 0; typeof e === 'object' && e !== null && depth < 5; e = (e as Error).cause, depth++) {
    const { code, originalCode } = e as { code?: unknown; originalCode?: unknown };
    if (STORE_REFUSES_VALUE.test(String(code)) || STORE_REFUSES_VALUE.test(String(originalCode))) return true;
  }
  return false;
}

/** Metadata takes printable ASCII only. */
function asciiJson(value: unknown): string {
  return JSON.stringify(value).replace(/[^\x20-\x7e]/g, (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`);
}
