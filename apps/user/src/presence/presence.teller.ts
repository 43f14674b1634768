import { Injectable } from '@nestjs/common';
import { Rounds } from '@parley/rpc';
import { createLogger } from '@parley/telemetry';
import { AudienceStore } from './audience.store.js';
import { type Due, DueStore } from './due.store.js';
import { PresenceNews, stateOf } from './presence.news.js';
import { fingerprint, mayTellAt } from './presence.rules.js';
import { PresenceStore, type Watchable } from './presence.store.js';

const log = createLogger('user');
const EVERY_MS = 250;
const CLAIMED_AT_ONCE = 500;
/** Subscriptions that are read and told together. */
const LISTENERS_AT_ONCE = 10_000;

/**
 * Tells those who watch a user what has changed. Only what holds when the look is taken: a connection that broke and came
 * back within the grace is no news. Told at least once: a replica that dies in between leaves its claim to another.
 */
@Injectable()
export class PresenceTeller {
  readonly rounds = new Rounds(EVERY_MS, () => this.tellAll(), (error) => log.warn({ err: error }, 'presence will be told later'));

  constructor(
    private readonly due: DueStore,
    private readonly presence: PresenceStore,
    private readonly audience: AudienceStore,
    private readonly news: PresenceNews,
  ) {}

  private async tellAll(): Promise<void> {
    while ((await this.tellSome()) === CLAIMED_AT_ONCE);
  }

  /** @returns how many users it has looked at */
  private async tellSome(): Promise<number> {
    const claimed = await this.due.claim(CLAIMED_AT_ONCE);
    const byApp = new Map<number, Due[]>();
    for (const one of claimed) byApp.set(one.appId, [...(byApp.get(one.appId) ?? []), one]);
    for (const [appId, some] of byApp) await this.look(appId, some);
    return claimed.length;
  }

  private async look(appId: number, claimed: readonly Due[]): Promise<void> {
    const states = await this.presence.read(appId, claimed.map((one) => one.userId));
    const changed = [...states.values()].filter((one) => fingerprint(one.shown) !== one.told);
    const sizes = changed.length === 0 ? new Map<bigint, number>() : await this.audience.sizes(appId, changed.map((one) => one.userId));
    const now = Date.now();
    const waits = new Map<bigint, number>();
    const telling = changed.filter((one) => {
      const size = sizes.get(one.userId);
      if (size === undefined) return false;
      const wait = mayTellAt(one.toldMs, size) - now;
      if (wait > 0) waits.set(one.userId, wait);
      return wait <= 0;
    });
    for (const some of inParts(telling, sizes)) await this.tell(appId, some);
    await this.due.finish(
      claimed.map((one) => {
        const settles = states.get(one.userId)?.shown.settlesMs;
        const wait = waits.get(one.userId) ?? (settles === undefined ? undefined : Math.max(settles - now, 0) + Math.random() * 500);
        return { ...one, againInMs: wait === undefined ? undefined : Math.ceil(wait) };
      }),
    );
  }

  private async tell(appId: number, changed: readonly Watchable[]): Promise<void> {
    const states = new Map(changed.map((one) => [one.userId, stateOf(one.username, one.shown)]));
    this.news.publish(appId, states, await this.audience.of(appId, [...states.keys()]));
    await this.presence.noteTold(appId, changed);
  }
}

/** In parts with a bounded number of listeners, at least one user each. */
function inParts(changed: readonly Watchable[], sizes: ReadonlyMap<bigint, number>): Watchable[][] {
  const parts: Watchable[][] = [];
  let room = 0;
  for (const one of changed) {
    const size = sizes.get(one.userId) ?? 0;
    if (parts.length === 0 || size > room) {
      parts.push([]);
      room = LISTENERS_AT_ONCE;
    }
    parts.at(-1)!.push(one);
    room -= size;
  }
  return parts;
}
