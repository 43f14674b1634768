/** A device that went is still there for so long: connections break and come back. The trigger of the migration knows it too. */
export const GRACE_MS = 5_000;
/** Devices that are away are shown up to this number, newest first. */
const AWAY_SHOWN = 5;
/** Resources for which a status is remembered. */
const STATUSES_KEPT = 20;
/** Least time between two tellings about one user, and how much longer for each who hears of it: a bound on what one user can
 * cause however often he changes. */
const TELL_APART_MS = 1_000;
const TELL_APART_MS_EACH = 3;

export const EXT_MAX_BYTES = 1_024;
export const SUBSCRIPTION_MAX_SECONDS = 2_592_000;

export interface DeviceSeen {
  readonly resource: string;
  readonly loggedInMs: number;
  /** Undefined: signed in. */
  readonly loggedOutMs: number | undefined;
}

/** By resource: status, and when it was published in ms since 1970. */
export type Statuses = Readonly<Record<string, readonly [status: number, atMs: number]>>;

export interface Published {
  readonly ext: string;
  readonly statuses: Statuses;
  readonly publishedMs: number;
}

export interface Shown {
  readonly ext: string;
  readonly statuses: Readonly<Record<string, number>>;
  /** 0 = never there. */
  readonly changedMs: number;
  /** When the grace of a device that went ends; undefined = nothing will change by itself. */
  readonly settlesMs: number | undefined;
}

/**
 * What others see of a user. A device that is signed in has the status that was published for it, else 1; one that has left
 * has 0; a resource that never signed in (a tenant's server published for it) has what was published.
 */
export function shown(devices: readonly DeviceSeen[], published: Published, nowMs: number): Shown {
  const statuses: Record<string, number> = {};
  const away = devices.filter((one) => isAway(one, nowMs)).sort((a, b) => b.loggedOutMs! - a.loggedOutMs!);
  for (const { resource } of away.slice(0, AWAY_SHOWN)) statuses[resource] = 0;
  for (const one of devices) if (!isAway(one, nowMs)) statuses[one.resource] = published.statuses[one.resource]?.[0] ?? 1;
  const known = new Set(devices.map((one) => one.resource));
  for (const [resource, [status]] of Object.entries(published.statuses)) if (!known.has(resource)) statuses[resource] = status;
  const leaving = devices.flatMap((one) => (one.loggedOutMs !== undefined && !isAway(one, nowMs) ? [one.loggedOutMs + GRACE_MS] : []));
  return {
    ext: published.ext,
    statuses,
    changedMs: Math.max(0, published.publishedMs, ...devices.map((one) => Math.max(one.loggedInMs, one.loggedOutMs ?? 0))),
    settlesMs: leaving.length === 0 ? undefined : Math.min(...leaving),
  };
}

/** What counts as a change: text and devices that are there. Which of the others are listed does not. */
export function fingerprint({ ext, statuses }: Pick<Shown, 'ext' | 'statuses'>): string {
  const there = Object.entries(statuses).filter(([, status]) => status !== 0);
  return JSON.stringify([ext, ...there.sort(([a], [b]) => (a < b ? -1 : 1))]);
}

/** When those who watch may be told again, in ms since 1970. */
export function mayTellAt(toldMs: number, subscribers: number): number {
  return toldMs + TELL_APART_MS + TELL_APART_MS_EACH * subscribers;
}

/** With one more status; of too many the oldest go. */
export function withStatus(statuses: Statuses, resource: string, status: number, nowMs: number): Statuses {
  const all = Object.entries({ ...statuses, [resource]: [status, nowMs] as const });
  return Object.fromEntries(all.sort(([, a], [, b]) => b[1] - a[1]).slice(0, STATUSES_KEPT));
}

function isAway({ loggedOutMs }: DeviceSeen, nowMs: number): boolean {
  return loggedOutMs !== undefined && loggedOutMs + GRACE_MS <= nowMs;
}
