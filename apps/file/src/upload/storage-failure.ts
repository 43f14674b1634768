import { DomainError } from '@parley/errors';

/** Turns what the storage throws (disk full, store away) into the answer for callers; an error of the domain stays. */
export function storageFailure(error: unknown): never {
  if (error instanceof DomainError) throw error;
  throw new DomainError('file_storage_unavailable', {}, { cause: error });
}
