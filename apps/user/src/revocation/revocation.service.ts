import { Injectable } from '@nestjs/common';
import { Bus, broadcasts } from '@parley/bus';
import type { revocation } from '@parley/contracts';
import type { TenantRef } from '@parley/kernel';
import type { AppUser } from '../generated/client.js';
import { GONE_EPOCH, type RevocationCause, revocationCauses } from './revocation.causes.js';
import { type AccountChange, RevocationStore } from './revocation.store.js';

/**
 * Ends all tokens and sessions of a user: his epoch grows in the store, then every edge is told, before whoever wanted it has
 * his answer. An edge that misses the message reads of it within a second.
 */
@Injectable()
export class RevocationService {
  constructor(
    private readonly store: RevocationStore,
    private readonly bus: Bus,
  ) {}

  /**
   * Voids every token that the user has so far and ends his sessions, with the notice of that cause.
   * @param change what else becomes of the account, in the same transaction (`{ activated: false }`)
   * @returns the changed row; undefined when the user is gone
   */
  async revoke(tenant: TenantRef, userId: bigint, cause: RevocationCause, change: AccountChange = {}): Promise<AppUser | undefined> {
    const row = await this.store.revoke(tenant, userId, cause, change);
    if (row) await this.tell([{ appId: row.appId, userId, epoch: row.tokenEpoch, ...revocationCauses[cause] }]);
    return row;
  }

  /** Tells of users whose deletion is committed, and was noted in that transaction by the store. */
  async announceGone(users: readonly Pick<AppUser, 'appId' | 'userId'>[]): Promise<void> {
    await this.tell(users.map(({ appId, userId }) => ({ appId, userId, epoch: GONE_EPOCH, ...revocationCauses.removed })));
  }

  /** For edges that may have missed a message. */
  async recent(request: revocation.RecentRevocationsRequest): Promise<revocation.RecentRevocationsResponse> {
    const { revocations, cursor, complete } = await this.store.recent(Number(request.cursor));
    return { revocations, cursor: BigInt(cursor), complete, keysVersion: '' };
  }

  async epochs(request: revocation.EpochsRequest): Promise<revocation.EpochsResponse> {
    return { epochs: await this.store.epochs(request.holders) };
  }

  private async tell(revocations: revocation.Revocation[]): Promise<void> {
    if (revocations.length > 0) await this.bus.tell(broadcasts.revoked, { revocations, keysChanged: false });
  }
}
