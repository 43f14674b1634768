import type { TenantRef } from '@parley/kernel';
import type { AppUser, Prisma } from '../generated/client.js';
import type { NewsKind } from './news.rules.js';

type Party = Pick<AppUser, 'userId' | 'username'>;

/** How an act came about. */
export interface Origin {
  /** The device that acts; '' = a server. */
  readonly resource: string;
  /** Text of an invitation. */
  readonly reason?: string;
  /** Devices are not told. */
  readonly silent?: boolean;
}

/** Writes news in the transaction of what happened; the courier is to be woken after the commit. */
export async function noteNews(
  tx: Prisma.TransactionClient,
  { appId, appUuid, org, app }: TenantRef,
  kind: NewsKind,
  actor: Party,
  others: readonly Party[],
  { resource, reason = '', silent = false }: Origin,
): Promise<void> {
  await tx.contactNews.createMany({
    data: others.map((other) => ({
      appId,
      appUuid,
      org,
      app,
      kind,
      actorId: actor.userId,
      actor: actor.username,
      resource,
      otherId: other.userId,
      other: other.username,
      reason,
      silent,
    })),
  });
}
