import { broadcasts, type Bus, requests } from '@parley/bus';
import { LRUCache } from 'lru-cache';
import type { AppSettings } from './settings.catalogue.js';
import { effectiveSettings, type StoredSettings } from './settings.rules.js';

const REMEMBERED = 10_000;
/** Should the news of a change be lost, it is seen after this long. */
const FRESH_MS = 30_000;

export interface AppState {
  readonly settings: AppSettings;
  /** A suspended app refuses everything. */
  readonly suspended: boolean;
}

/** Settings of apps as a service sees them: remembered, and forgotten at the news of a change. */
export class AppSettingsDirectory {
  readonly #known = new LRUCache<number, AppState>({ max: REMEMBERED, ttl: FRESH_MS, allowStale: true, noDeleteOnStaleGet: true });
  /** What `peek` has last told of apps: it serves until the new settings of one are here. */
  readonly #told = new LRUCache<number, AppState>({ max: REMEMBERED });
  readonly #asking = new Map<number, Promise<AppState>>();
  readonly #subscription: { unsubscribe(): void };
  /** Counts the changes heard of: an answer that was asked for before one may be old. */
  #changes = 0;

  constructor(private readonly bus: Bus) {
    this.#subscription = bus.onBroadcast(broadcasts.appChanged, ({ appId }) => {
      this.#changes++;
      this.#known.delete(appId);
      this.#asking.delete(appId);
      if (this.#told.has(appId)) this.#refresh(appId);
    });
  }

  /** @throws BusError when auth does not answer and the app has not been asked for before */
  async of(appId: number): Promise<AppSettings> {
    return (await this.state(appId)).settings;
  }

  /** As `of`, with what is not a setting. An app that does not exist (any more) is suspended. */
  async state(appId: number): Promise<AppState> {
    const fresh = this.#known.get(appId, { allowStale: false });
    if (fresh) return fresh;
    try {
      return await this.#ask(appId);
    } catch (error) {
      // Old settings serve better than none while auth is away.
      const stale = this.#known.get(appId);
      if (stale) return stale;
      throw error;
    }
  }

  /**
   * What is known without waiting, for where nobody can: at the news of a change the former settings until the new ones have
   * come. Undefined for an app that was never asked for.
   */
  peek(appId: number): AppSettings | undefined {
    const known = this.#known.get(appId);
    if (!known || this.#known.getRemainingTTL(appId) <= 0) this.#refresh(appId);
    const state = known ?? this.#told.get(appId);
    if (state && this.#told.peek(appId) !== state) this.#told.set(appId, state);
    return state?.settings;
  }

  close(): void {
    this.#subscription.unsubscribe();
  }

  /** Should auth not answer, the next question asks again. */
  #refresh(appId: number): void {
    this.#ask(appId).catch(() => undefined);
  }

  #ask(appId: number): Promise<AppState> {
    let asking = this.#asking.get(appId);
    if (!asking) {
      const request = this.#request(appId).finally(() => {
        if (this.#asking.get(appId) === request) this.#asking.delete(appId);
      });
      asking = request;
      this.#asking.set(appId, request);
    }
    return asking;
  }

  async #request(appId: number): Promise<AppState> {
    const asOf = this.#changes;
    const answer = await this.bus.request(requests.appSettings, { appId });
    const state = {
      settings: effectiveSettings(parse(answer.settingsJson), parse(answer.ceilingsJson)),
      suspended: !answer.found || answer.suspended,
    };
    if (asOf === this.#changes) this.#known.set(appId, state);
    return state;
  }
}

function parse(json: string): StoredSettings {
  return json === '' ? {} : (JSON.parse(json) as StoredSettings);
}
