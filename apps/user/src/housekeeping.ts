import { Inject, Injectable } from '@nestjs/common';
import { createLogger } from '@parley/telemetry';
import type { UserConfig } from './config.js';
import { DeletionService } from './deletion/deletion.service.js';
import { SessionStore } from './sessions/session.store.js';
import { USER_CONFIG } from './user.tokens.js';

const log = createLogger('user');
const EVERY_MS = 30_000;
/** A deletion this young is most likely still being announced by the call that made it. */
const ANNOUNCE_AFTER_MS = 15_000;
const DEVICES_AT_ONCE = 5_000;

/** What the service does by itself now and then; every replica does, and they do not disturb each other. */
@Injectable()
export class Housekeeping {
  private timer: NodeJS.Timeout | undefined;
  private running: Promise<void> = Promise.resolve();

  constructor(
    private readonly deletion: DeletionService,
    private readonly sessions: SessionStore,
    @Inject(USER_CONFIG) private readonly config: UserConfig,
  ) {}

  start(): void {
    this.timer = setInterval(() => {
      this.running = this.running.then(() => this.round());
    }, EVERY_MS);
    this.timer.unref();
  }

  async stop(): Promise<void> {
    clearInterval(this.timer);
    await this.running;
  }

  private async round(): Promise<void> {
    try {
      await this.deletion.announceLeftOver(ANNOUNCE_AFTER_MS);
      await this.sessions.forgetOld(this.config.deviceRetentionDays, DEVICES_AT_ONCE);
    } catch (error) {
      log.warn({ err: error }, 'housekeeping will be tried again');
    }
  }
}
