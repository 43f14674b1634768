import { DomainError } from '@parley/errors';
import { foldUsername, isLegalUsername, type TenantRef } from '@parley/kernel';
import type { AppUser, Prisma } from '../generated/client.js';

/**
 * The users of these names, locked until the end of the transaction, in the order asked: what is between them changes under
 * these locks only. They are taken in the order of their keys, as logins and deletions do.
 * @throws DomainError user_not_found when one is missing
 */
export async function lockUsers(tx: Prisma.TransactionClient, tenant: TenantRef, names: readonly string[]): Promise<AppUser[]> {
  const folded = names.map(foldUsername);
  const wanted = [...new Set(folded.filter(isLegalUsername))];
  const locked = await tx.$queryRaw<{ user_id: bigint }[]>`SELECT user_id FROM app_user
    WHERE app_id = ${tenant.appId} AND username = ANY(${wanted}) ORDER BY app_id, user_id FOR NO KEY UPDATE`;
  const rows = await tx.appUser.findMany({ where: { appId: tenant.appId, userId: { in: locked.map((row) => row.user_id) } } });
  const byName = new Map(rows.map((row) => [row.username, row]));
  return folded.map((name) => {
    const row = byName.get(name);
    if (!row) throw new DomainError('user_not_found', { username: name });
    return row;
  });
}
