import { Injectable } from '@nestjs/common';
import { Bus } from '@parley/bus';
import { live } from '@parley/contracts';
import type { Kicked } from './displacement.rules.js';

/** Operation numbers of the MSYNC notice that precedes the close. */
const REMOVED = 1;
const OTHER_DEVICE = 2;
const PASSWORD_CHANGED = 3;
const KICKED = 4;

/**
 * Tells the gateways to end sessions. At most once: a session that misses its kick is refused at its next login,
 * because the user is gone, the epoch has grown or the device is no longer among the newest.
 */
@Injectable()
export class Kicks {
  constructor(private readonly bus: Bus) {}

  userRemoved(appId: number, userId: bigint): void {
    this.publish(appId, userId, { operation: REMOVED, reason: 'user removed' });
  }

  passwordChanged(appId: number, userId: bigint): void {
    this.publish(appId, userId, { operation: PASSWORD_CHANGED, reason: 'password changed' });
  }

  /** Ends the session of one device, or all sessions when the resource is empty. */
  byAdministrator(appId: number, userId: bigint, resource: string): void {
    this.publish(appId, userId, { operation: KICKED, reason: 'kicked by administrator', resource });
  }

  /** A device gives way to a newer session, which itself survives. The reason is the newcomer's text. */
  displaced({ appId, userId, resource, survivor, reason }: Kicked): void {
    this.publish(appId, userId, { operation: OTHER_DEVICE, reason, resource, exceptSessionId: survivor });
  }

  private publish(appId: number, userId: bigint, kick: Partial<live.Kick>): void {
    this.bus.publishLive(appId, userId, live.LiveEnvelope.fromPartial({ kick }));
  }
}
