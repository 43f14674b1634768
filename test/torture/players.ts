import { eventually, givenUsers, type Outcome, PersistentDevice, type Platform, type TestUser } from '@parley/testkit';
import { channelReadBody, editBody, readBody, recallBody, seenOf, textBody } from './bodies.js';
import type { DeviceView } from './checker.js';
import { Journal } from './journal.js';

const BURST = 4;
const BETWEEN_MS = 15;
/** Recall and edit are for what was said lately. */
const LATELY = 20;
/** A user's clients put up with a REST call that fails, and repeat it. */
const AGAIN_AFTER_MS = 200;

type Random = () => number;

/** The same numbers for the same seed, so that a round can be played again. */
export function seeded(seed: number): Random {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

/** Three users who talk in all pairs, each with a phone that acts and a laptop that only listens. */
export class Players {
  readonly journals: Journal[] = [];
  readonly #devices: PersistentDevice[] = [];
  readonly #own = new Map<PersistentDevice, Set<bigint>>();
  #playing = true;
  #left = false;
  #acts: Promise<void>[] = [];
  #failure: unknown;
  readonly #tokens: Record<string, string> = {};

  private constructor(
    private readonly platform: Platform,
    readonly users: readonly TestUser[],
    private readonly phones: readonly PersistentDevice[],
    private readonly laptops: readonly PersistentDevice[],
    private readonly random: Random,
  ) {
    this.#devices = [...phones, ...laptops];
    for (const device of this.#devices) this.#own.set(device, new Set());
  }

  static async enter(platform: Platform, random: Random): Promise<Players> {
    const users = await eventually(() => givenUsers(platform, 'ann', 'bob', 'cleo'), { withinMs: 30_000, everyMs: 500, what: 'registration' });
    const device = (user: TestUser, kind: string, gateway: number) => new PersistentDevice(platform, user, `webim_web_${kind}`, gateway);
    const phones = users.map((user, index) => device(user, 'phone', index));
    const laptops = users.map((user, index) => device(user, 'laptop', index + 1));
    const players = new Players(platform, users, phones, laptops, random);
    await eventually(() => players.#devices.every((one) => one.logins > 0), { withinMs: 40_000, what: 'the first logins' });
    for (const [a, b] of [[0, 1], [0, 2], [1, 2]] as const) players.journals.push(new Journal([users[a]!.username, users[b]!.username]));
    return players;
  }

  get acknowledged(): number {
    return this.journals.reduce((sum, journal) => sum + journal.acknowledged, 0);
  }

  get cuts(): number {
    return this.#devices.reduce((sum, device) => sum + device.cuts, 0);
  }

  /** Everybody acts until `rest`. */
  play(): void {
    this.#acts = this.journals.flatMap((journal) =>
      journal.pair.map((name, side) => this.#act(journal, this.users.findIndex((user) => user.username === name), journal.pair[1 - side]!, side === 1)),
    );
    for (const act of this.#acts) act.catch((error: unknown) => (this.#failure ??= error));
  }

  /** Resolves when so many more operations were acknowledged. @throws when an act failed */
  async traffic(more: number, withinMs = 60_000): Promise<void> {
    const goal = this.acknowledged + more;
    await eventually(() => this.#failure !== undefined || this.acknowledged >= goal, { withinMs, everyMs: 50, what: `${more} more acknowledgements` });
    if (this.#failure) throw this.#failure as Error;
  }

  /** No more acts; those under way are finished. */
  async rest(): Promise<void> {
    this.#playing = false;
    await Promise.all(this.#acts);
  }

  views(journal: Journal): DeviceView[] {
    return this.#devices.flatMap((device) => {
      const side = journal.pair.indexOf(device.user.username);
      if (side === -1) return [];
      const seen = device.inbox.all.filter((one) => one.ns === 1 && one.queue === journal.pair[1 - side]).map(seenOf);
      return [{ name: `${device.user.username}'s ${device.resource}`, user: device.user.username, seen, own: this.#own.get(device)! }];
    });
  }

  async leave(): Promise<void> {
    this.#playing = false;
    this.#left = true;
    await Promise.all(this.#devices.map((device) => device.stop()));
    await Promise.allSettled(this.#acts);
  }

  async #act(journal: Journal, who: number, to: string, inBursts: boolean): Promise<void> {
    const phone = this.phones[who]!;
    const between = { from: phone.user.username, to };
    const mine = () => journal.sent.filter((one) => one.from === between.from).slice(-LATELY);
    for (let count = 0; this.#playing; count++) {
      const choice = this.random();
      const earlier = mine();
      const target = earlier[Math.floor(this.random() * earlier.length)];
      if (choice < 0.62 || !target) await this.#say(journal, phone, between, count, inBursts);
      else if (choice < 0.72) await this.#recall(journal, phone, between, target.id);
      else if (choice < 0.82) await this.#edit(journal, phone, between, target.id, `edit ${count} of ${target.text}`);
      else if (choice < 0.95) await this.#read(journal, phone, between, choice < 0.9);
      else await this.#removeForMe(journal, phone, to);
      await new Promise((resolve) => setTimeout(resolve, BETWEEN_MS));
    }
  }

  async #say(journal: Journal, phone: PersistentDevice, between: { from: string; to: string }, count: number, inBursts: boolean): Promise<void> {
    const texts = Array.from({ length: inBursts ? BURST : 1 }, (_, i) => `${between.from} ${count}.${i}`);
    await Promise.all(
      texts.map(async (text) => {
        const outcome = await this.#perform(phone, between.to, textBody(between, text));
        if (outcome.refused !== undefined) throw new Error(`a message was refused: ${outcome.refused}`);
        journal.sent.push({ id: outcome.serverId, clientId: outcome.clientId, from: between.from, resource: phone.resource, text, place: inBursts ? undefined : count });
      }),
    );
  }

  async #recall(journal: Journal, phone: PersistentDevice, between: { from: string; to: string }, target: bigint): Promise<void> {
    const outcome = await this.#perform(phone, between.to, recallBody(between, target));
    if (outcome.refused !== undefined) journal.refuse(outcome.refused);
    else journal.recalled.push({ id: outcome.serverId, clientId: outcome.clientId, target });
  }

  async #edit(journal: Journal, phone: PersistentDevice, between: { from: string; to: string }, target: bigint, text: string): Promise<void> {
    const outcome = await this.#perform(phone, between.to, editBody(between, target, text));
    if (outcome.refused !== undefined) journal.refuse(outcome.refused);
    else journal.edited.push({ id: outcome.serverId, clientId: outcome.clientId, target, text });
  }

  async #read(journal: Journal, phone: PersistentDevice, between: { from: string; to: string }, one: boolean): Promise<void> {
    const last = journal.sent.findLast((sent) => sent.from === between.to);
    if (one && !last) return;
    const outcome = await this.#perform(phone, between.to, one ? readBody(between, last!.id) : channelReadBody(between));
    if (outcome.refused !== undefined) journal.refuse(outcome.refused);
    else journal.receipts.push({ id: outcome.serverId, clientId: outcome.clientId, target: last?.id ?? 0n });
  }

  /** Over REST, as the SDK does; repeated until it succeeds, which changes nothing the second time. */
  async #removeForMe(journal: Journal, phone: PersistentDevice, peer: string): Promise<void> {
    const last = journal.sent.at(-1);
    if (!last) return;
    const me = phone.user;
    const removed = journal.removed.get(me.username) ?? new Set<bigint>();
    journal.removed.set(me.username, removed);
    // Also after the last act: whether a try that got no answer was carried out shows only in the next one.
    while (!this.#left) {
      const status = await this.#asUser(me, 'DELETE', `/sdk/message/roaming/chat/user/${me.username}?userId=${peer}&msgIdList=${last.id}&resource=${phone.resource}`);
      if (status === 200) return void removed.add(last.id);
      if (status >= 400 && status < 500 && status !== 429) throw new Error(`history could not be removed: ${status}`);
      await new Promise((resolve) => setTimeout(resolve, AGAIN_AFTER_MS));
    }
  }

  async #asUser(user: TestUser, method: string, path: string): Promise<number> {
    try {
      const token = (this.#tokens[user.username] ??= await this.platform.rest.userToken(user.username, user.password));
      return (await this.platform.rest.call(method, path, { token })).status;
    } catch {
      return 0;
    }
  }

  async #perform(phone: PersistentDevice, to: string, body: Uint8Array): Promise<Outcome> {
    const outcome = await phone.perform(to, body);
    if (outcome.refused === undefined) this.#own.get(phone)!.add(outcome.serverId);
    return outcome;
  }
}
