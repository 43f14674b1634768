import { Injectable } from '@nestjs/common';
import { Bus } from '@parley/bus';
import type { presence } from '@parley/contracts';
import { createLogger } from '@parley/telemetry';
import { LeaseStore } from './lease.store.js';

const log = createLogger('user');
const EVERY_MS = 3_000;
/** A gateway renews its lease every 3 s. */
const SILENT_MS = 15_000;

/**
 * Notices gateways that died: they cannot say so. A replica judges only when it has itself been connected to the bus and the
 * store for as long as it asks of the gateways: an outage of those is nobody's death.
 */
@Injectable()
export class LeaseService {
  private timer: NodeJS.Timeout | undefined;
  private running: Promise<void> = Promise.resolve();
  private busy = false;
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

  start(): void {
    this.timer = setInterval(() => {
      if (!this.busy) this.running = this.round();
    }, EVERY_MS);
    this.timer.unref();
  }

  async stop(): Promise<void> {
    clearInterval(this.timer);
    await this.running;
  }

  /** @param nowMs monotonic */
  async round(nowMs: number = performance.now()): Promise<void> {
    this.busy = true;
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
      log.warn({ err: error }, 'gateways cannot be watched for now');
    } finally {
      this.busy = false;
    }
  }
}
