import { DomainError, isErrorCode } from './domain.error.js';

/** gRPC statuses that say "not now" rather than "no": unavailable, deadline exceeded, resource exhausted, cancelled. */
const TRY_AGAIN: ReadonlySet<number> = new Set([1, 4, 8, 14]);

export function toGrpcStatus(error: DomainError): { code: number } {
  return { code: error.entry.grpc };
}

/**
 * The domain error behind a gRPC error: its code and parameters travel in the metadata `parley-error`. Without one it is
 * `unavailable` or `internal`.
 */
export function fromGrpcError(error: { code?: number; metadata?: { get(key: string): unknown[] } }): DomainError {
  const carried = error.metadata?.get('parley-error')[0];
  if (carried !== undefined) {
    try {
      const { code, params } = JSON.parse(String(carried)) as { code: unknown; params?: Record<string, string> };
      if (isErrorCode(code)) return new DomainError(code, params ?? {}, { cause: error });
    } catch {
      // Not ours: fall through to what the status says.
    }
  }
  return new DomainError(TRY_AGAIN.has(error.code ?? 2) ? 'unavailable' : 'internal', {}, { cause: error });
}
