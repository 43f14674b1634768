import { broadcasts, type Bus, type Subscription, requests } from '@parley/bus';
import { createLogger } from '@parley/telemetry';
import type { LiveRouter } from '../live/live-router.js';
import type { SessionRegistry } from '../session/session-registry.js';

const log = createLogger('gateway');
/** Should the news of a change be lost, it is noticed after this long, in ms. */
const ASK_EVERY_MS = 30_000;
/** The notice's operation: by an administrator. */
const SUSPENDED = { operation: 4, reason: 'application suspended' };
const ISSUER_REMOVED = { operation: 4, reason: 'token revoked' };

/** Ends the sessions of an app that is suspended or gone, and those that an issuer let in whom it trusts no more. */
export class SuspendedApps {
  #news: Subscription | undefined;
  #timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly bus: Pick<Bus, 'request' | 'onBroadcast'>,
    private readonly registry: Pick<SessionRegistry, 'of' | 'users'>,
    private readonly router: Pick<LiveRouter, 'end'>,
  ) {}

  start(): void {
    this.#news = this.bus.onBroadcast(broadcasts.appChanged, ({ appId }) => void this.#check([appId]));
    this.#timer = setInterval(() => void this.#check([...new Set(this.registry.users().map((user) => user.appId))]), ASK_EVERY_MS);
    this.#timer.unref();
  }

  stop(): void {
    this.#news?.unsubscribe();
    clearInterval(this.#timer);
  }

  async #check(appIds: readonly number[]): Promise<void> {
    for (const appId of appIds) {
      if (!this.registry.users().some((user) => user.appId === appId)) continue;
      try {
        const { found, suspended, issuers } = await this.bus.request(requests.appSettings, { appId });
        if (!found || suspended) this.#end(appId, SUSPENDED);
        else this.#end(appId, ISSUER_REMOVED, (issuer) => issuer !== undefined && !issuers.includes(issuer));
      } catch (error) {
        log.warn({ err: error, appId }, 'how an app stands is asked later');
      }
    }
  }

  #end(appId: number, why: typeof SUSPENDED, whose: (issuer: string | undefined) => boolean = () => true): void {
    for (const user of this.registry.users()) {
      if (user.appId !== appId) continue;
      for (const session of this.registry.of(user)) if (whose(session.identity?.issuer)) this.router.end(session, why);
    }
  }
}
