import { eventually, givenUsers, PersistentDevice, type Platform, type TestUser } from '@parley/testkit';
import { Actor } from './actor.js';
import { seenOf } from './bodies.js';
import type { DeviceView } from './device.check.js';
import { Journal } from './journal.js';
import type { WaitingView } from './list.check.js';
import type { Random } from './random.js';

const CHAT = 1;

/**
 * Three users who talk in all pairs. Each has a phone that acts, a laptop that listens all the time, a tablet that is away
 * while the faults strike, and in the end a new device.
 */
export class Players {
  readonly journals: Journal[] = [];
  readonly #own = new Map<PersistentDevice, Set<bigint>>();
  readonly #actors: Actor[] = [];
  readonly #phones: PersistentDevice[];
  readonly #tablets: PersistentDevice[];
  readonly #new: PersistentDevice[] = [];
  #playing = true;
  #acts: Promise<void>[] = [];
  #failure: unknown;

  private constructor(
    private readonly platform: Platform,
    readonly users: readonly TestUser[],
    random: Random,
  ) {
    this.#phones = users.map((user, index) => this.#device(user, 'phone', index));
    users.forEach((user, index) => this.#device(user, 'laptop', index + 1));
    this.#tablets = users.map((user, index) => this.#device(user, 'tablet', index));
    for (const [a, b] of [[0, 1], [0, 2], [1, 2]] as const) {
      const journal = new Journal([users[a]!.username, users[b]!.username]);
      this.journals.push(journal);
      for (const [me, peer] of [[a, b], [b, a]] as const) {
        const own = this.#own.get(this.#phones[me]!)!;
        this.#actors.push(new Actor(journal, this.#phones[me]!, users[peer]!.username, me === b, random, platform.rest, (id) => own.add(id)));
      }
    }
  }

  static async enter(platform: Platform, random: Random): Promise<Players> {
    const users = await eventually(() => givenUsers(platform, 'ann', 'bob', 'cleo'), { withinMs: 30_000, everyMs: 500, what: 'registration' });
    const players = new Players(platform, users, random);
    await eventually(() => players.#devices.every((one) => one.logins > 0), { withinMs: 40_000, what: 'the first logins' });
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
    this.#acts = this.#actors.map((actor) => actor.play(() => this.#playing));
    for (const act of this.#acts) act.catch((error: unknown) => (this.#failure ??= error));
  }

  /** Resolves when so many more operations were acknowledged. @throws when an act failed */
  async traffic(more: number, withinMs = 60_000): Promise<void> {
    const goal = this.acknowledged + more;
    await eventually(() => this.#failure !== undefined || this.acknowledged >= goal, { withinMs, everyMs: 50, what: `${more} more acknowledgements` });
    if (this.#failure) throw this.#failure as Error;
  }

  /** The tablets lose their network. */
  tabletsLeave(): void {
    for (const tablet of this.#tablets) tablet.goAway();
  }

  /** No more acts; those under way are finished. Then the tablets come back, and each user signs in on a new device. */
  async rest(): Promise<void> {
    this.#playing = false;
    await Promise.all(this.#acts);
    for (const tablet of this.#tablets) tablet.comeBack();
    this.#new.push(...this.users.map((user, index) => this.#device(user, 'new', index)));
    const greeted = ({ connection }: PersistentDevice) => connection !== undefined && !connection.isClosed && connection.frames.some((frame) => frame.unread !== undefined);
    await eventually(() => [...this.#tablets, ...this.#new].every(greeted), { withinMs: 60_000, what: 'the devices that came last' });
  }

  views(journal: Journal): DeviceView[] {
    return this.#devices.flatMap((device) => {
      const side = journal.pair.indexOf(device.user.username);
      if (side === -1) return [];
      const seen = device.inbox.all.filter((one) => one.ns === CHAT && one.queue === journal.pair[1 - side]).map(seenOf);
      const isNew = this.#new.includes(device);
      const late = isNew || this.#tablets.includes(device) ? new Set([...cameOn(device).values()].flatMap((ids) => [...ids])) : undefined;
      return [{ name: nameOf(device), user: device.user.username, seen, own: this.#own.get(device)!, isNew, late }];
    });
  }

  /** What the tablets were told and given when they came back. */
  waiting(): WaitingView[] {
    return this.#tablets.map((tablet) => {
      const told = tablet.connection?.frames.find((frame) => frame.unread)?.unread?.queues ?? [];
      return {
        name: nameOf(tablet),
        announced: new Map(told.map(({ jid, n }) => [jid?.name ?? '', n])),
        delivered: new Map([...cameOn(tablet)].map(([peer, ids]) => [peer, ids.size])),
      };
    });
  }

  async leave(): Promise<void> {
    this.#playing = false;
    for (const actor of this.#actors) actor.stop();
    await Promise.all(this.#devices.map((device) => device.stop()));
    await Promise.allSettled(this.#acts);
  }

  get #devices(): PersistentDevice[] {
    return [...this.#own.keys()];
  }

  #device(user: TestUser, kind: string, gateway: number): PersistentDevice {
    const device = new PersistentDevice(this.platform, user, `webim_web_${kind}`, gateway);
    this.#own.set(device, new Set());
    return device;
  }
}

function nameOf({ user, resource }: PersistentDevice): string {
  return `${user.username}'s ${resource}`;
}

/** The ids that the device was given on its present connection, by queue. */
function cameOn({ connection }: PersistentDevice): Map<string, Set<bigint>> {
  const came = new Map<string, Set<bigint>>();
  for (const { sync } of connection?.frames ?? []) {
    const queue = sync?.queue?.name ?? '';
    for (const { id } of sync?.metas ?? []) came.set(queue, (came.get(queue) ?? new Set()).add(id));
  }
  return came;
}
