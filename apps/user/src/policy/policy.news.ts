import { Injectable } from '@nestjs/common';
import { broadcasts, Bus } from '@parley/bus';
import type { TenantRef } from '@parley/kernel';

/** Fits one message of the bus. */
const TOLD_AT_ONCE = 2_000;

/**
 * Tells whoever remembers it that the answer to a policy question has changed; call it after the commit. Without the bus it
 * is seen when memories have aged.
 */
@Injectable()
export class PolicyNews {
  constructor(private readonly bus: Bus) {}

  /** What holds between two users, in both directions. */
  async betweenChanged(tenant: TenantRef, userId: bigint, otherIds: readonly bigint[]): Promise<void> {
    const { appId } = tenant;
    for (let at = 0; at < otherIds.length; at += TOLD_AT_ONCE) {
      await this.tell(
        otherIds.slice(at, at + TOLD_AT_ONCE).flatMap((otherId) => [
          { appId, senderId: userId, recipientId: otherId },
          { appId, senderId: otherId, recipientId: userId },
        ]),
      );
    }
  }

  /** The mutes of a user. */
  async senderChanged(tenant: TenantRef, userId: bigint): Promise<void> {
    await this.tell([{ appId: tenant.appId, senderId: userId, recipientId: 0n }]);
  }

  private async tell(questions: { appId: number; senderId: bigint; recipientId: bigint }[]): Promise<void> {
    if (questions.length > 0) await this.bus.tell(broadcasts.policyChanged, { questions });
  }
}
