import { Injectable } from '@nestjs/common';
import { Bus, requests } from '@parley/bus';
import type { system } from '@parley/contracts';
import { catalogue, isErrorCode } from '@parley/errors';
import { createLogger } from '@parley/telemetry';
import { type ContactNews, Prisma, PrismaClient } from '../generated/client.js';
import { eventOfNews, itemsOf } from './news.rules.js';

const log = createLogger('user');
const BATCH = 100;
/** What another replica left behind is found after this long, in ms. */
const LOOK_EVERY_MS = 5_000;
const RETRY_AFTER_MS = 1_000;
const APPEND_WITHIN_MS = 4_000;
const ROUND_WITHIN_MS = 20_000;

/**
 * Brings news of contacts and block lists to the devices of both users and to other services: each at least once, in the order
 * in which they happened; receivers know repetitions by their ids. News that cannot be brought now stay in the store.
 */
@Injectable()
export class ContactCourier {
  private timer: NodeJS.Timeout | undefined;
  private running: Promise<void> | undefined;
  private woken = false;
  private stopped = false;

  constructor(
    private readonly prisma: PrismaClient,
    private readonly bus: Bus,
  ) {}

  start(): void {
    this.timer = setInterval(() => this.wake(), LOOK_EVERY_MS);
    this.timer.unref();
  }

  /** There is news in the store. Returns at once. */
  wake(): void {
    this.woken = true;
    if (!this.stopped) this.running ??= this.run().finally(() => (this.running = undefined));
  }

  async stop(): Promise<void> {
    this.stopped = true;
    clearInterval(this.timer);
    await this.running;
  }

  private async run(): Promise<void> {
    while (this.woken && !this.stopped) {
      this.woken = false;
      try {
        while (!this.stopped && (await this.round()) > 0);
      } catch (error) {
        log.warn({ err: error }, 'news of contacts will be brought later');
        await new Promise((resolve) => setTimeout(resolve, RETRY_AFTER_MS));
        this.woken = true;
      }
    }
  }

  /** The oldest news, locked until they are brought, so that no other replica overtakes. */
  private round(): Promise<number> {
    return this.prisma.$transaction(
      async (tx) => {
        const locked = await tx.$queryRaw<{ id: bigint }[]>`SELECT id FROM contact_news ORDER BY id LIMIT ${BATCH} FOR UPDATE`;
        if (locked.length === 0) return 0;
        const where = { id: { in: locked.map((row) => row.id) } };
        await this.bring(await tx.contactNews.findMany({ where, orderBy: { id: 'asc' } }));
        await tx.contactNews.deleteMany({ where });
        return locked.length;
      },
      { timeout: ROUND_WITHIN_MS, maxWait: ROUND_WITHIN_MS, isolationLevel: Prisma.TransactionIsolationLevel.ReadCommitted },
    );
  }

  private async bring(news: readonly ContactNews[]): Promise<void> {
    const items = news.flatMap(itemsOf);
    if (items.length > 0) this.checkTold(items, await this.bus.request(requests.appendSystem, { items }, { timeoutMs: APPEND_WITHIN_MS }));
    await Promise.all(
      news.map((one) => {
        const { subject, event, dedupeId } = eventOfNews(one);
        return this.bus.publishEvent(subject, one.appId, event, { dedupeId });
      }),
    );
  }

  private checkTold(items: readonly system.SystemItem[], { results }: system.AppendSystemResponse): void {
    results.forEach(({ error }, i) => {
      if (error === '') return;
      if (isErrorCode(error) && catalogue[error].retryable) throw new Error(`news were not taken: ${error}`);
      // What will never be taken must not hold up the rest.
      log.error({ error, appId: items[i]!.tenant!.appId }, 'news for a user were refused');
    });
  }
}
