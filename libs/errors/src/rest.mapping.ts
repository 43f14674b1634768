import { DomainError } from './domain.error.js';

/** The body of a REST error. */
export interface ErrorEnvelope {
  error: string;
  error_description: string;
  exception: string;
  timestamp: number;
  duration: number;
  error_code?: number;
  result?: string;
}

/** HTTP status and body. Anything that is no DomainError is `internal`: its text stays inside. Times in milliseconds. */
export function toEnvelope(error: unknown, durationMs: number, nowMs: number = Date.now()): { status: number; body: ErrorEnvelope } {
  const known = error instanceof DomainError ? error : new DomainError('internal');
  const { http, error: type, exception, errorCode, result } = known.entry;
  return {
    status: http,
    body: {
      error: type,
      error_description: known.description,
      exception,
      timestamp: nowMs,
      duration: durationMs,
      ...(errorCode === undefined ? {} : { error_code: errorCode }),
      ...(result === undefined ? {} : { result }),
    },
  };
}
