import { Injectable } from '@nestjs/common';
import { Bus, BusError } from '@parley/bus';
import type { user } from '@parley/contracts';
import { DomainError } from '@parley/errors';
import { foldUsername, type TenantRef } from '@parley/kernel';
import { AccountStore } from '../accounts/account.store.js';

/** Questions to the gateways that are under way at the same time, for one call. */
const PROBES_AT_ONCE = 32;

/** Who is online. Nothing is stored: whoever has a session answers for himself through his gateway. */
@Injectable()
export class OnlineStatusService {
  constructor(
    private readonly accounts: AccountStore,
    private readonly bus: Bus,
  ) {}

  /** In the order asked; a user that does not exist is offline. @throws DomainError unavailable when the bus cannot be asked. */
  async statuses(tenant: TenantRef, names: readonly string[]): Promise<user.GetOnlineStatusResponse> {
    const folded = names.map(foldUsername);
    const ids = new Map((await this.accounts.findMany(tenant, [...new Set(folded)])).map((row) => [row.username, row.userId]));
    const online = new Map<string, boolean>();
    const queue = [...ids.entries()];
    const worker = async () => {
      for (let next = queue.pop(); next; next = queue.pop()) {
        online.set(next[0], await this.probe(tenant, next[1]));
      }
    };
    await Promise.all(Array.from({ length: Math.min(PROBES_AT_ONCE, queue.length) }, worker));
    return {
      statuses: names.map((username, index) => ({
        username,
        exists: ids.has(folded[index]!),
        online: online.get(folded[index]!) ?? false,
      })),
    };
  }

  private async probe(tenant: TenantRef, userId: bigint): Promise<boolean> {
    try {
      return await this.bus.probeOnline(tenant.appId, userId);
    } catch (error) {
      if (error instanceof BusError) throw new DomainError('unavailable', {}, { cause: error });
      throw error;
    }
  }
}
