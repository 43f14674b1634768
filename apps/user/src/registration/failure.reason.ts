import type { DomainError } from '@parley/errors';

/** Why one user of a batch was not registered, in words for the caller. */
export function reasonOf(error: DomainError, username: string): string {
  return error.code === 'username_taken' ? `the user ${username} already exists` : error.description;
}
