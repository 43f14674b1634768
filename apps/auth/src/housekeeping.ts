import { Inject, Injectable } from '@nestjs/common';
import { Rounds } from '@parley/rpc';
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
const later = (error: unknown) => log.warn({ err: error }, 'housekeeping will be tried again');

/** What the service does by itself now and then: purges apps that are due, forgets what is over. */
@Injectable()
export class Housekeeping {
  readonly rounds = new Rounds(PURGE_EVERY_MS, () => this.round(), later);
  private count = 0;

  constructor(
    private readonly purge: PurgeService,
    private readonly oauth: OAuthService,
    private readonly invitations: InvitationsService,
    private readonly registrations: RegistrationsService,
    private readonly throttle: ThrottleStore,
    private readonly audit: AuditService,
    @Inject(AUTH_CONFIG) private readonly config: AuthConfig,
  ) {}

  private async round(): Promise<void> {
    const tasks = [() => this.purge.round()];
    if (this.count++ % TIDY_EVERY_ROUNDS === 0) {
      tasks.push(() => this.oauth.forgetOld(), () => this.invitations.forgetOld(), () => this.registrations.forgetOld(), () => this.throttle.forgetOld());
      tasks.push(async () => void (await this.audit.forgetOlderThan(this.config.auditDays)));
    }
    for (const task of tasks) await task().catch(later);
  }
}
