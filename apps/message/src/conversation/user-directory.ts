import { broadcasts, type Bus, requests } from '@parley/bus';
import { LRUCache } from 'lru-cache';

const CACHE_ENTRIES = 100_000;
const CACHE_MS = 30_000;

/**
 * Ids of users by name, remembered. An id never changes its name, and a name that is registered again gets a new id, so an
 * entry can only be wrong after a deletion. The user service tells of it before it answers, and again before a name that was
 * just freed is somebody else's; should that be lost, the entry ages out.
 */
export class UserDirectory {
  readonly #ids = new LRUCache<string, bigint>({ max: CACHE_ENTRIES, ttl: CACHE_MS });
  /** Of each question under way, the names about which no news has come meanwhile: only those answers may be remembered. */
  readonly #asking = new Set<Set<string>>();

  constructor(private readonly bus: Pick<Bus, 'request' | 'onBroadcast' | 'onReconnect'>) {
    bus.onBroadcast(broadcasts.namesFreed, ({ names }) => {
      for (const { appId, username } of names) this.#forget(directoryKey(appId, username));
    });
    // News may have been lost with the connection.
    bus.onReconnect(() => {
      this.#ids.clear();
      for (const valid of this.#asking) valid.clear();
    });
  }

  /** The user's id, or undefined if there is no such user, for each name; asks the user service once for all unknown. */
  async resolve(names: readonly { appId: number; username: string }[]): Promise<Map<string, bigint>> {
    const found = new Map<string, bigint>();
    const unknown = new Map<string, { appId: number; username: string }>();
    for (const name of names) {
      const key = directoryKey(name.appId, name.username);
      const id = this.#ids.get(key);
      if (id !== undefined) found.set(key, id);
      else unknown.set(key, name);
    }
    if (unknown.size > 0) await this.#ask(unknown, found);
    return found;
  }

  async #ask(unknown: Map<string, { appId: number; username: string }>, found: Map<string, bigint>): Promise<void> {
    const valid = new Set(unknown.keys());
    this.#asking.add(valid);
    try {
      const { userIds } = await this.bus.request(requests.resolveUsers, { names: [...unknown.values()] });
      [...unknown.keys()].forEach((key, i) => {
        const id = userIds[i];
        if (id === undefined || id === 0n) return;
        found.set(key, id);
        if (valid.has(key)) this.#ids.set(key, id);
      });
    } finally {
      this.#asking.delete(valid);
    }
  }

  #forget(key: string): void {
    this.#ids.delete(key);
    for (const valid of this.#asking) valid.delete(key);
  }
}

export function directoryKey(appId: number, username: string): string {
  return `${appId} ${username}`;
}
