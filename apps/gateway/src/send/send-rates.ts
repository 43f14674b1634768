import { type AppSettings, type AppSettingsDirectory, defaultAppSettings } from '@parley/app-settings';
import type { RateLimiter } from '@parley/rates';
import { counter } from '@parley/telemetry';
import { LRUCache } from 'lru-cache';
import type { Identity, Session } from '../session/session.js';

const refused = counter('gateway', 'parley.sends.too_fast', 'messages refused as too fast, by the rate that they met');
/** Beyond these, whoever was quiet longest begins anew. */
const MOST_USERS = 100_000;
const MOST_APPS = 10_000;
/** An app's rate is taken in parts of this share of it, so that most messages cost a comparison. */
const BLOCKS = 1_000;

interface AppMeter {
  readonly appId: number;
  second: number;
  most: number;
  mostOfUser: number;
  mostReceipts: number;
  /** Taken from the app's rate and not yet used up. */
  left: number;
}

/** What one user sent in the present second, from all his connections here. */
export interface SendMeter {
  readonly app: AppMeter;
  second: number;
  messages: number;
  receipts: number;
}

/** Holds users (at this gateway) and apps (over all gateways) to their rates of messages, without waiting for anything. */
export class SendRates {
  readonly #users = new LRUCache<string, SendMeter>({ max: MOST_USERS });
  readonly #apps = new LRUCache<number, AppMeter>({ max: MOST_APPS });

  constructor(
    private readonly limiter: Pick<RateLimiter, 'takeNow'>,
    private readonly settings: Pick<AppSettingsDirectory, 'peek'>,
  ) {}

  /** Counts one message of a session that is logged in; false = too fast. Where an app's settings are not known yet, the defaults hold. */
  admits(session: Session, receipt: boolean, nowMs: number): boolean {
    const meter = (session.meter ??= this.#meterOf(session.identity!));
    const { app } = meter;
    const second = Math.floor(nowMs / 1_000);
    if (app.second !== second) this.#begin(app, second);
    if (meter.second !== second) {
      meter.second = second;
      meter.messages = 0;
      meter.receipts = 0;
    }
    if (receipt) return meter.receipts++ < app.mostReceipts || tooFast('rateUserReceipts');
    if (meter.messages >= app.mostOfUser) return tooFast('rateUserSends');
    if (app.left <= 0 && !this.#takeMore(app)) return tooFast('rateClientSends');
    app.left--;
    meter.messages++;
    return true;
  }

  /** A new second: what was not used is gone, and the settings may have changed. */
  #begin(app: AppMeter, second: number): void {
    app.second = second;
    app.left = 0;
    const settings = this.settings.peek(app.appId);
    if (settings) Object.assign(app, ratesIn(settings));
  }

  #takeMore(app: AppMeter): boolean {
    const { appId, most } = app;
    const block = Math.max(1, Math.floor(most / BLOCKS));
    for (const count of block > 1 ? [block, 1] : [1]) {
      if (!this.limiter.takeNow(appId, 'rateClientSends', most, count)) continue;
      app.left = count;
      return true;
    }
    return false;
  }

  #meterOf({ tenant: { appId }, userId }: Identity): SendMeter {
    const key = `${appId} ${userId}`;
    let meter = this.#users.get(key);
    if (!meter) {
      meter = { app: this.#appOf(appId), second: 0, messages: 0, receipts: 0 };
      this.#users.set(key, meter);
    }
    return meter;
  }

  #appOf(appId: number): AppMeter {
    let app = this.#apps.get(appId);
    if (!app) {
      app = { appId, second: 0, left: 0, ...ratesIn(defaultAppSettings) };
      this.#apps.set(appId, app);
    }
    return app;
  }
}

function ratesIn({ rateClientSends, rateUserSends, rateUserReceipts }: AppSettings): Pick<AppMeter, 'most' | 'mostOfUser' | 'mostReceipts'> {
  return { most: rateClientSends, mostOfUser: rateUserSends, mostReceipts: rateUserReceipts };
}

function tooFast(rate: string): false {
  refused.add(1, { rate });
  return false;
}
