import { Injectable } from '@nestjs/common';
import { broadcasts, Bus } from '@parley/bus';
import type { TenantRef } from '@parley/kernel';
import { DepartureStore } from '../deletion/departure.store.js';

/** Longer than anybody remembers whose a name is. */
const REMEMBERED_MS = 60_000;

/**
 * Tells whoever remembers whose a name is that it is that user's no longer, so that no message for the one who has it goes to
 * the one who had it. Without the bus it is seen when memories have aged.
 */
@Injectable()
export class NameNews {
  constructor(
    private readonly bus: Bus,
    private readonly departures: DepartureStore,
  ) {}

  /** These users are deleted; call it after the commit. */
  async freed(names: readonly { appId: number; username: string }[]): Promise<void> {
    if (names.length > 0) await this.bus.tell(broadcasts.namesFreed, { names: names.map(({ appId, username }) => ({ appId, username })) });
  }

  /** These names have been registered: what was just freed is told here too, since whoever deleted may not have come to it. */
  async taken(tenant: TenantRef, usernames: readonly string[]): Promise<void> {
    if (usernames.length === 0) return;
    const freed = await this.departures.among(tenant, usernames, REMEMBERED_MS);
    await this.freed(freed.map((username) => ({ appId: tenant.appId, username })));
  }
}
