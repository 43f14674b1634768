import { DomainError } from '@parley/errors';
import { foldUsername, type TenantRef } from '@parley/kernel';
import type { VerifiedToken } from '@parley/tokens';
import type { Operation } from '../http/operation.js';

/**
 * The permission rule: the token's app must be the path's, and its kind one that the operation admits.
 * @param username the user named in the path
 * @throws DomainError unauthorized
 */
export function checkAccess(
  { access }: Pick<Operation, 'access'>,
  tenant: Pick<TenantRef, 'appId'>,
  token: VerifiedToken,
  username: string | undefined,
): void {
  if (token.tenant.appId !== tenant.appId) throw new DomainError('unauthorized');
  if (token.kind === 'app' && access.includes('app')) return;
  if (token.kind === 'user' && access.includes('user')) return;
  if (token.kind === 'user' && access.includes('self') && username !== undefined && token.username === foldUsername(username)) return;
  throw new DomainError('unauthorized');
}
