import { Inject, Injectable } from '@nestjs/common';
import { createLogger } from '@parley/telemetry';
import { AuditService } from './audit/audit.service.js';
import { AUTH_CONFIG } from './auth.tokens.js';
import type { AuthConfig } from './config.js';
import { InvitationsService } from './invitations/invitations.service.js';
import { OAuthService } from './oauth/oauth.service.js';
import { PurgeService } from './purge/purge.service.js';
import { RegistrationsService } from './registrations/registrations.service.js';
import { ThrottleStore } from './sign-in/throttle.store.js';

const log = createLogger('auth');
const PURGE_EVERY_MS = 5_000;
const TIDY_EVERY_ROUNDS = 120;

/** What the service does by itself now and then: purges apps that are due, forgets what is over. */
@Injectable()
export class Housekeeping {
  private timer: NodeJS.Timeout | undefined;
  private running: Promise<void> = Promise.resolve();
  private rounds = 0;

  constructor(
    private readonly purge: PurgeService,
    private readonly oauth: OAuthService,
    private readonly invitations: InvitationsService,
    private readonly registrations: RegistrationsService,
    private readonly throttle: ThrottleStore,
    private readonly audit: AuditService,
    @Inject(AUTH_CONFIG) private readonly config: AuthConfig,
  ) {}

  start(): void {
    let busy = false;
    this.timer = setInterval(() => {
      if (busy) return;
      busy = true;
      this.running = this.round().finally(() => (busy = false));
    }, PURGE_EVERY_MS);
    this.timer.unref();
  }

  async stop(): Promise<void> {
    clearInterval(this.timer);
    await this.running;
  }

  private async round(): Promise<void> {
    const tasks = [() => this.purge.round()];
    if (this.rounds++ % TIDY_EVERY_ROUNDS === 0) {
      tasks.push(() => this.oauth.forgetOld(), () => this.invitations.forgetOld(), () => this.registrations.forgetOld(), () => this.throttle.forgetOld());
      tasks.push(async () => void (await this.audit.forgetOlderThan(this.config.auditDays)));
    }
    for (const task of tasks) await task().catch((error: unknown) => log.warn({ err: error }, 'housekeeping will be tried again'));
  }
}
