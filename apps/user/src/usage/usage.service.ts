import { Injectable } from '@nestjs/common';
import type { userUsage } from '@parley/contracts';
import type { TenantRef } from '@parley/kernel';
import { Rounds } from '@parley/rpc';
import { createLogger } from '@parley/telemetry';
import { LRUCache } from 'lru-cache';
import { UsageStore } from './usage.store.js';

const log = createLogger('user');
const EVERY_MS = 60_000;
/** Users change slowly, and counting them reads them all. */
const REGISTERED_EVERY = 10;
/** Who asks again and again does not make the store count again and again. */
const FRESH_MS = 2_000;
const APPS = 10_000;

/** Notes what apps use, once a minute, and tells of it. */
@Injectable()
export class UsageService {
  readonly rounds = new Rounds(EVERY_MS, () => this.round(), (error) => log.warn({ err: error }, 'usage could not be noted'));
  private count = 0;
  private readonly registered = new LRUCache<number, Promise<bigint>>({ max: APPS, ttl: FRESH_MS });

  constructor(private readonly store: UsageStore) {}

  /** @param request days that are dates, in order */
  async of(tenant: TenantRef, { from, to }: Pick<userUsage.GetUserUsageRequest, 'from' | 'to'>): Promise<userUsage.GetUserUsageResponse> {
    const registeredUsers = await this.sampled(tenant.appId);
    const [days, months] = await Promise.all([this.store.days(tenant.appId, from, to), this.store.months(tenant.appId, from, to)]);
    return {
      registeredUsers,
      days: days.map(({ day, active, peak, registered }) => ({
        day,
        activeUsers: BigInt(active),
        peakConnections: BigInt(peak),
        registeredUsers: registered === null ? undefined : BigInt(registered),
      })),
      months: months.map(({ month, active }) => ({ month, activeUsers: BigInt(active) })),
    };
  }

  async round(): Promise<void> {
    await this.store.samplePeaks();
    if (this.count++ % REGISTERED_EVERY === 0) await this.store.sampleRegistered();
    await this.store.close();
  }

  private sampled(appId: number): Promise<bigint> {
    let sampling = this.registered.get(appId);
    if (!sampling) {
      sampling = this.store.sampleApp(appId);
      sampling.catch(() => this.registered.delete(appId));
      this.registered.set(appId, sampling);
    }
    return sampling;
  }
}
