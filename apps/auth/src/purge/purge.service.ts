import { Inject, Injectable } from '@nestjs/common';
import { Bus, eventSubjects } from '@parley/bus';
import type { appAdmin } from '@parley/contracts';
import { DomainError } from '@parley/errors';
import { createLogger } from '@parley/telemetry';
import { AppAdministrationService } from '../apps/app-administration.service.js';
import { AppsService } from '../apps/apps.service.js';
import { Acts, PLATFORM } from '../audit/acts.js';
import { AUTH_CONFIG } from '../auth.tokens.js';
import type { AuthConfig } from '../config.js';
import { type App, PrismaClient } from '../generated/client.js';

const log = createLogger('auth');
const AT_ONCE = 10;

/** Suspends apps, and purges them in two steps: marked, with time to think again, then gone. */
@Injectable()
export class PurgeService {
  constructor(
    private readonly prisma: PrismaClient,
    private readonly apps: AppAdministrationService,
    private readonly acts: Acts,
    private readonly known: AppsService,
    private readonly bus: Bus,
    @Inject(AUTH_CONFIG) private readonly config: AuthConfig,
  ) {}

  /** From now on everything of the app is refused. Again: no change. @throws DomainError app_purge_begun */
  async suspend(of: appAdmin.AppRef): Promise<appAdmin.App> {
    return this.apps.change(of, 'app.suspended', {}, async (row) => {
      checkNotBegun(row);
      return { state: 'suspended' };
    });
  }

  /** @throws DomainError app_purge_marked | app_purge_begun */
  async resume(of: appAdmin.AppRef): Promise<appAdmin.App> {
    return this.apps.change(of, 'app.resumed', {}, async (row) => {
      checkNotBegun(row);
      if (row.purgeAt) throw new DomainError('app_purge_marked');
      return { state: 'active' };
    });
  }

  /**
   * Suspends the app and decides when it will be purged. Again: what was decided the first time.
   * @throws DomainError illegal_argument: a time of grace out of bounds | app_purge_begun
   */
  async mark({ graceSeconds, ...of }: appAdmin.MarkForPurgeRequest): Promise<appAdmin.App> {
    const { purgeLeastSeconds } = this.config;
    const seconds = Number(graceSeconds);
    if (seconds < purgeLeastSeconds) throw new DomainError('illegal_argument', { detail: `grace_seconds: must be at least ${purgeLeastSeconds}` });
    const decided = new Date(Date.now() + seconds * 1_000);
    return this.apps.change(of, 'app.purge_marked', { purgeAt: decided.toISOString() }, async (row, _, note) => {
      checkNotBegun(row);
      const purgeAt = row.purgeAt ?? decided;
      note({ purgeAt: purgeAt.toISOString() });
      return { state: 'suspended', purgeAt };
    });
  }

  /** @throws DomainError app_purge_not_marked | app_purge_begun */
  async restore(of: appAdmin.AppRef): Promise<appAdmin.App> {
    return this.apps.change(of, 'app.restored', {}, async (row) => {
      checkNotBegun(row);
      if (!row.purgeAt) throw new DomainError('app_purge_not_marked');
      return { state: 'active', purgeAt: null };
    });
  }

  /** Purges what is due. Runs now and then in every replica; a purge that was interrupted is taken up again. */
  async round(): Promise<void> {
    // One statement: an app is either restored before it, or not at all.
    await this.prisma.$executeRaw`UPDATE app SET state = 'purging' WHERE purge_at <= now() AND state = 'suspended'`;
    for (const app of await this.prisma.app.findMany({ where: { state: 'purging' }, take: AT_ONCE })) await this.purge(app);
  }

  /** Every service is told before the row goes: without the row nobody would know that it is still to be told. */
  private async purge({ appId, org, app }: App): Promise<void> {
    await this.bus.publishEvent(eventSubjects.appPurged, appId, { appId, org, app }, { dedupeId: `purged.${appId}` });
    await this.acts
      .run(PLATFORM, { name: 'app.purged', org, app, target: app }, async (tx) => {
        const { count } = await tx.app.deleteMany({ where: { appId, state: 'purging' } });
        if (count === 0) throw new DoneByAnother();
      })
      .then(
        () => log.info({ appId, org, app }, 'app purged'),
        (error: unknown) => {
          if (!(error instanceof DoneByAnother)) throw error;
        },
      );
    await this.known.changed(appId);
  }
}

/** Another replica was quicker, and has written it down: nothing was refused here. */
class DoneByAnother extends Error {}

function checkNotBegun(row: App): void {
  if (row.state === 'purging') throw new DomainError('app_purge_begun');
}
