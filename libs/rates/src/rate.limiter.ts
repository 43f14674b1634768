import { type AppSettings, type AppSettingsDirectory, defaultAppSettings, rateCatalogue, type Rate, type RateName, windowSeconds } from '@parley/app-settings';
import { broadcasts, type BroadcastSubject, type Bus, type Subscription } from '@parley/bus';
import type { rates } from '@parley/contracts';
import { createLogger } from '@parley/telemetry';
import { LRUCache } from 'lru-cache';
import { randomUUID } from 'node:crypto';
import { Share } from './share.js';
import type { LongWindows } from './long-windows.js';

const log = createLogger('rates');
const REPORT_EVERY_MS = 100;
/** A replica that is silent for so long is gone. */
const SILENT_MS = 1_000;
const MOST_KEYS = 20_000;
/** Callers come as they like: they have a place of their own, from which they cannot drive apps out. */
const MOST_CALLERS = 5_000;
const MOST_USES = 2_000;
/** In a key, where an app's number would be. */
const CALLER = '-';
const OF_CALLER = { window: 'second' } as const;
/** Windows from this length on outlive the process that counts. */
const LONG_SECONDS = 600;

/** The outcome for the rate that has least left. */
export interface RateVerdict {
  readonly granted: boolean;
  readonly limit: number;
  readonly remaining: number;
  /** Whole seconds until the window ends, at least 1. */
  readonly resetSeconds: number;
  /** Undoes all that was taken for it: what it was for came to nothing. */
  readonly giveBack: () => void;
}

type Windowed = Pick<Rate, 'window'>;

interface Known {
  readonly share: Share;
  readonly rate: Windowed;
  /** Under way: what was taken of a long window before this process counted it. */
  loading: Promise<void> | undefined;
}

/** Rates of apps and of callers, held over all replicas of a service without a round trip: see Share. */
export class RateLimiter {
  readonly #replica = randomUUID();
  readonly #keys = new LRUCache<string, Known>({ max: MOST_KEYS });
  readonly #callers = new LRUCache<string, Known>({ max: MOST_CALLERS });
  readonly #others = new Map<string, number>();
  /** Whom this replica has not heard since it last moved its ceilings. */
  readonly #unheard = new Set<string>();
  #subscription: Subscription | undefined;
  #timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly bus: Pick<Bus, 'broadcast' | 'onBroadcast'>,
    private readonly settings: Pick<AppSettingsDirectory, 'of'>,
    private readonly long: Pick<LongWindows, 'read' | 'write'>,
    private readonly now: () => number = Date.now,
    /** Replicas that hear each other here share. */
    private readonly channel: BroadcastSubject<rates.RateReport> = broadcasts.rates,
  ) {}

  /** Replicas that this one shares with. */
  get others(): number {
    return this.#others.size;
  }

  start(): void {
    this.#subscription = this.bus.onBroadcast(this.channel, (report) => this.#hear(report));
    this.#timer = setInterval(() => this.report(), REPORT_EVERY_MS);
    this.#timer.unref();
  }

  stop(): void {
    this.#subscription?.unsubscribe();
    clearInterval(this.#timer);
  }

  /**
   * Takes from each of these rates, or from none beyond the first that has too little.
   * @param scope what an own count is kept for within the app: an operation, a user; empty = the whole app
   */
  async take(appId: number, names: readonly RateName[], count: number, scope: (name: RateName) => string = () => ''): Promise<RateVerdict> {
    const settings = await this.#settingsOf(appId);
    let least: RateVerdict | undefined;
    const taken: RateVerdict[] = [];
    for (const name of names) {
      const key = `${appId} ${name} ${scope(name)}`;
      const verdict = await this.#take(key, this.#of(key, rateCatalogue[name], settings[name]), settings[name], count);
      if (!verdict.granted) return verdict;
      taken.push(verdict);
      if (!least || verdict.remaining < least.remaining) least = verdict;
    }
    return { ...least!, giveBack: () => taken.forEach((one) => one.giveBack()) };
  }

  /** What the app's settings say of these rates. */
  async limitsOf(appId: number, names: readonly RateName[]): Promise<number[]> {
    const settings = await this.#settingsOf(appId);
    return names.map((name) => settings[name]);
  }

  /** Old or default rates serve better than none while auth is away. */
  #settingsOf(appId: number): Promise<AppSettings> {
    return this.settings.of(appId).catch(() => defaultAppSettings);
  }

  /**
   * Takes one from what a caller may do in a second, whichever app he names.
   * @param what is counted; one word
   * @param caller by whatever callers are told apart
   */
  takeOfCaller(what: string, caller: string, limit: number): Promise<RateVerdict> {
    const key = `${CALLER} ${what} ${caller}`;
    return this.#take(key, this.#of(key, OF_CALLER, limit), limit, 1);
  }

  /**
   * Takes from one rate of the whole app without waiting, for hot paths. Not for half hours and days, whose beginning must be
   * read first.
   * @param limit what the app's settings say
   */
  takeNow(appId: number, name: RateName, limit: number, count: number): boolean {
    const { share, rate } = this.#of(`${appId} ${name} `, rateCatalogue[name], limit);
    share.limit = limit;
    return share.take(count, Math.floor(this.now() / (windowSeconds[rate.window] * 1_000)), this.#living()).granted;
  }

  async #take(key: string, known: Known, limit: number, count: number): Promise<RateVerdict> {
    const { share, rate } = known;
    share.limit = limit;
    const ms = windowSeconds[rate.window] * 1_000;
    const now = this.now();
    const window = Math.floor(now / ms);
    if (share.window !== window && isLong(rate)) await (known.loading ??= this.#load(key, known, window));
    const { granted, remaining } = share.take(count, window, this.#living());
    return {
      ...{ granted, limit, remaining: Math.floor(remaining), resetSeconds: Math.max(1, Math.ceil(((window + 1) * ms - now) / 1_000)) },
      giveBack: () => granted && share.giveBack(count, window),
    };
  }

  /** A window that began before this process did. */
  async #load(key: string, known: Known, window: number): Promise<void> {
    const taken = await this.long.read(key, window);
    const { share } = known;
    known.loading = undefined;
    share.take(0, window, this.#living());
    share.known(window, taken);
  }

  #of(key: string, rate: Windowed, limit: number): Known {
    const keys = key.startsWith(CALLER) ? this.#callers : this.#keys;
    let known = keys.get(key);
    if (!known) {
      known = { share: new Share(limit), rate, loading: undefined };
      keys.set(key, known);
    }
    return known;
  }

  /** Moves the ceilings when everybody was heard, and tells the others; every tenth of a second. */
  report(): void {
    const now = this.now();
    const silentSince = performance.now() - SILENT_MS;
    for (const [replica, heardAt] of this.#others) if (heardAt < silentSince) this.#forget(replica);
    const share = this.#unheard.size === 0;
    const living = this.#living();
    const uses: rates.RateUse[] = [];
    for (const keys of [this.#keys, this.#callers]) {
      for (const [key, { share: one, rate }] of keys.entries()) {
        const window = Math.floor(now / (windowSeconds[rate.window] * 1_000));
        if (one.window !== window) continue;
        if (share) one.share(living);
        const use = one.report(window);
        if (use) uses.push({ key, window: BigInt(window), ...use });
        if (isLong(rate)) this.long.write(key, window, one.total);
      }
    }
    for (const replica of living) this.#unheard.add(replica);
    do this.bus.broadcast(this.channel, { replica: this.#replica, uses: uses.splice(0, MOST_USES) });
    while (uses.length > 0);
  }

  #hear({ replica, uses }: rates.RateReport): void {
    if (replica === this.#replica) return;
    if (!this.#others.has(replica)) log.info({ replica }, 'shares rates with another replica');
    this.#others.set(replica, performance.now());
    this.#unheard.delete(replica);
    for (const { key, window, reserved, taken, demand } of uses) {
      const [owner, name] = key.split(' ') as [string, RateName];
      if (owner !== CALLER && !Object.hasOwn(rateCatalogue, name)) continue;
      const known = owner === CALLER ? this.#of(key, OF_CALLER, reserved) : this.#of(key, rateCatalogue[name], rateCatalogue[name].most);
      known.share.heard(replica, { window: Number(window), reserved, taken, demand });
    }
  }

  #forget(replica: string): void {
    this.#others.delete(replica);
    this.#unheard.delete(replica);
  }

  #living(): ReadonlySet<string> {
    return new Set(this.#others.keys());
  }
}

function isLong({ window }: Windowed): boolean {
  return windowSeconds[window] >= LONG_SECONDS;
}
