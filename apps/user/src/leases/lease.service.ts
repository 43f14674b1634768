import { Injectable } from '@nestjs/common';
import { Bus } from '@parley/bus';
import type { presence } from '@parley/contracts';
import { Rounds } from '@parley/rpc';
import { createLogger } from '@parley/telemetry';
import { LeaseStore } from './lease.store.js';

const log = createLogger('user');
const EVERY_MS = 3_000;
/** A gateway renews its lease every 3 s. */
const SILENT_MS = 15_000;
const cannotWatch = (error: unknown) => log.warn({ err: error }, 'gateways cannot be watched for now');

/**
 * Notices gateways that died: they cannot say so. A replica judges only when it has itself been connected to the bus and the
 * store for as long as it asks of the gateways: an outage of those is nobody's death.
 */
@Injectable()
export class LeaseService {
  readonly rounds = new Rounds(EVERY_MS, () => this.round(), cannotWatch);
  private healthySince = Number.POSITIVE_INFINITY;
  /** Devices of gateways that nobody has heard of are looked for once. */
  private suspicious = true;

  constructor(
    private readonly store: LeaseStore,
    private readonly bus: Bus,
  ) {}

  async renew({ gatewayId }: presence.RenewLeaseRequest): Promise<presence.RenewLeaseResponse> {
    const lost = await this.store.renew(gatewayId);
    if (lost) log.warn({ gatewayId }, 'a gateway that was given up is back');
    return { lost };
  }

  /** @param nowMs monotonic */
  async round(nowMs: number = performance.now()): Promise<void> {
    try {
      await this.bus.ping();
      // Also asks the store, which has to answer before it is believed.
      await this.store.forgetOld();
      this.healthySince = Math.min(this.healthySince, nowMs);
      if (nowMs - this.healthySince < SILENT_MS) return;
      const lost = await this.store.giveUp(SILENT_MS);
      if (lost === 0 && !this.suspicious) return;
      this.suspicious = true;
      const devices = await this.store.signOutLost(SILENT_MS);
      this.suspicious = false;
      if (lost > 0 || devices > 0) log.warn({ lost, devices }, 'gateways were lost, and the sessions that they had');
    } catch (error) {
      this.healthySince = Number.POSITIVE_INFINITY;
      cannotWatch(error);
    }
  }
}
