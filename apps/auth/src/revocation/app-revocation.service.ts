import { Injectable } from '@nestjs/common';
import { Bus, broadcasts } from '@parley/bus';
import type { revocation } from '@parley/contracts';
import { type App, PrismaClient } from '../generated/client.js';
import { KeysService } from '../keys/keys.service.js';

/** Longer than any transaction that writes here, in ms: what commits late is still found by the next question. */
const OVERLAP_MS = 10_000;
/** Beyond it an edge is better off forgetting all it knows. */
const MOST_TOLD = 5_000;

/** Ends all app tokens of an app. Nothing is noted beside the app itself: it stays, with the time of its last revocation. */
@Injectable()
export class AppRevocationService {
  constructor(
    private readonly prisma: PrismaClient,
    private readonly keys: KeysService,
    private readonly bus: Bus,
  ) {}

  /**
   * Voids every app token that the app has so far, and what edges remember of tokens that others made for it. Its users'
   * own tokens live on. Undefined when there is no such app.
   */
  async revoke(appId: number): Promise<App | undefined> {
    const [row] = await this.prisma.app.updateManyAndReturn({
      where: { appId },
      data: { tokenEpoch: { increment: 1 }, tokensValidFrom: new Date() },
    });
    if (row) await this.tell(row);
    return row;
  }

  /** Tells edges of the app's present epoch, and to forget whom they let in with tokens that others made. */
  async announce(appId: number): Promise<void> {
    const row = await this.prisma.app.findUnique({ where: { appId } });
    if (row) await this.tell(row);
  }

  private async tell(row: App): Promise<void> {
    await Promise.all([
      this.bus.tell(broadcasts.revoked, { revocations: [toRevocation(row)], keysChanged: false }),
      this.bus.tell(broadcasts.appChanged, { appId: row.appId }),
    ]);
  }

  /** For edges that may have missed a message; also tells them of keys. */
  async recent({ cursor }: revocation.RecentRevocationsRequest): Promise<revocation.RecentRevocationsResponse> {
    // The row's time is this service's clock, as is the cursor; clocks of replicas are within the overlap.
    const next = BigInt(Date.now() - OVERLAP_MS);
    const keysVersion = this.keys.version;
    if (cursor <= 0n) return { revocations: [], cursor: next, complete: true, keysVersion };
    const rows = await this.prisma.app.findMany({
      where: { tokensValidFrom: { gte: new Date(Number(cursor)) } },
      select: { appId: true, tokenEpoch: true },
      take: MOST_TOLD + 1,
    });
    return { revocations: rows.map(toRevocation), cursor: next, complete: rows.length <= MOST_TOLD, keysVersion };
  }

  /** Present epochs in the order asked; -1 for apps that do not exist. */
  async epochs({ holders }: revocation.EpochsRequest): Promise<revocation.EpochsResponse> {
    const rows = await this.prisma.app.findMany({
      where: { appId: { in: holders.map((one) => one.appId) } },
      select: { appId: true, tokenEpoch: true },
    });
    const epochs = new Map(rows.map((row) => [row.appId, row.tokenEpoch]));
    return { epochs: holders.map((one) => epochs.get(one.appId) ?? -1) };
  }
}

function toRevocation({ appId, tokenEpoch }: Pick<App, 'appId' | 'tokenEpoch'>): revocation.Revocation {
  return { appId, userId: 0n, epoch: tokenEpoch, operation: 0, reason: '' };
}
