import { Injectable } from '@nestjs/common';
import type { TenantRef } from '@parley/kernel';
import { createLogger } from '@parley/telemetry';
import { AudienceStore, type Listener } from './audience.store.js';
import { PresenceNews, stateOf } from './presence.news.js';
import { PresenceStore, type Watchable } from './presence.store.js';

const log = createLogger('user');

/** Who is to hear that users are gone; asked before the deletion, which takes their subscribers with it. */
export interface Farewell {
  readonly states: ReadonlyMap<bigint, Watchable>;
  readonly listeners: readonly Listener[];
}

/** Tells those who watched a deleted user that he is away for good. */
@Injectable()
export class PresenceFarewell {
  constructor(
    private readonly presence: PresenceStore,
    private readonly audience: AudienceStore,
    private readonly news: PresenceNews,
  ) {}

  async of(tenant: TenantRef, userIds: readonly bigint[]): Promise<Farewell> {
    const listeners = await this.audience.of(tenant.appId, userIds);
    return { listeners, states: await this.presence.read(tenant.appId, [...new Set(listeners.map((one) => one.target))]) };
  }

  /** After the commit. */
  say(tenant: TenantRef, farewell: Farewell, goneIds: readonly bigint[]): void {
    const gone = new Set(goneIds);
    const states = [...farewell.states.values()].filter((one) => gone.has(one.userId)).map((one) => {
      const statuses = Object.fromEntries(Object.keys(one.shown.statuses).map((resource) => [resource, 0]));
      return [one.userId, stateOf(one.username, { ext: '', statuses, changedMs: Date.now() })] as const;
    });
    try {
      const told = new Map(states);
      this.news.publish(tenant.appId, told, farewell.listeners.filter((one) => told.has(one.target)));
    } catch (error) {
      log.warn({ err: error }, 'who watched a deleted user was not told');
    }
  }
}
