import { NameSpace, type client } from '@parley/msync';

/** A meta as it arrived. */
export interface Received {
  readonly id: bigint;
  readonly ns: number;
  readonly queue: string;
  readonly meta: client.DownlinkMeta;
}

/** The official SDKs drop an id that is among the last ones they saw. */
const REMEMBERED = 100;

/** What a user would see: metas in order of arrival, repetitions dropped as the official SDKs do. */
export class Inbox {
  readonly all: Received[] = [];
  readonly #recent: bigint[] = [];

  /** Returns whether the meta is new. */
  take(queue: string, meta: client.DownlinkMeta): boolean {
    if (this.#recent.includes(meta.id)) return false;
    this.#recent.push(meta.id);
    if (this.#recent.length > REMEMBERED) this.#recent.shift();
    this.all.push({ id: meta.id, ns: meta.ns, queue, meta });
    return true;
  }

  /** Chat messages only, ids in order of arrival; of one queue if named. */
  messageIds(queue?: string): bigint[] {
    return this.all.filter((one) => one.ns === NameSpace.CHAT && (queue === undefined || one.queue === queue)).map((one) => one.id);
  }
}
