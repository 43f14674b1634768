import { type Bus, requests } from '@parley/bus';
import { LRUCache } from 'lru-cache';

const CACHE_ENTRIES = 100_000;
const CACHE_MS = 30_000;

/**
 * Ids of users by name. An id never changes its name, and a name that is registered again gets a new id, so an entry can
 * only be wrong after a deletion: the event drops it, and it ages out in half a minute without.
 */
export class UserDirectory {
  readonly #ids = new LRUCache<string, bigint>({ max: CACHE_ENTRIES, ttl: CACHE_MS });

  constructor(private readonly bus: Bus) {}

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
    if (unknown.size === 0) return found;
    const asked = [...unknown.entries()];
    const { userIds } = await this.bus.request(requests.resolveUsers, { names: asked.map(([, name]) => name) });
    asked.forEach(([key], i) => {
      const id = userIds[i];
      if (id === undefined || id === 0n) return;
      this.#ids.set(key, id);
      found.set(key, id);
    });
    return found;
  }

  forget(appId: number, username: string): void {
    this.#ids.delete(directoryKey(appId, username));
  }
}

export function directoryKey(appId: number, username: string): string {
  return `${appId} ${username}`;
}
