import { Injectable } from '@nestjs/common';
import { Bus } from '@parley/bus';
import { live } from '@parley/contracts';
import type { Kicked } from './displacement.rules.js';

/** Operation numbers of the MSYNC notice that precedes the close. */
const OTHER_DEVICE = 2;
const KICKED = 4;

/**
 * Tells the gateways to end single sessions. At most once. Sessions that end because their tokens do are the revocation
 * service's.
 */
@Injectable()
export class Kicks {
  constructor(private readonly bus: Bus) {}

  /** Ends the session of one device. */
  byAdministrator(appId: number, userId: bigint, resource: string): void {
    this.publish(appId, userId, { operation: KICKED, reason: 'kicked by administrator', resource });
  }

  /** A session gives way to a newer one. */
  displaced({ appId, userId, resource, sessionId, reason }: Kicked): void {
    this.publish(appId, userId, { operation: OTHER_DEVICE, reason, resource, sessionId });
  }

  private publish(appId: number, userId: bigint, kick: Partial<live.Kick>): void {
    this.bus.publishLive(appId, userId, live.LiveEnvelope.fromPartial({ kick }));
  }
}
