import type { PersistentDevice, RestClient } from '@parley/testkit';
import { channelReadBody, editBody, readBody, recallBody, textBody } from './bodies.js';
import type { Act, Journal } from './journal.js';
import type { Random } from './random.js';

const BURST = 4;
const BETWEEN_MS = 15;
/** Recall and edit are for what was said lately. */
const LATELY = 20;
/** A user's clients put up with a REST call that fails, and repeat it. */
const AGAIN_AFTER_MS = 200;

/** One side of a conversation: acts on one phone, one turn after the other, and writes down what the server acknowledged. */
export class Actor {
  #turn = 0;
  #stopped = false;
  #token: string | undefined;

  constructor(
    private readonly journal: Journal,
    private readonly phone: PersistentDevice,
    private readonly peer: string,
    /** Says several things at once, without waiting for the answers in between. */
    private readonly inBursts: boolean,
    private readonly random: Random,
    private readonly rest: RestClient,
    /** Is told of every row that the phone has made. */
    private readonly made: (id: bigint) => void,
  ) {}

  /** Acts as long as `goesOn` says; then finishes what is under way. @throws when the server refuses what it must take */
  async play(goesOn: () => boolean): Promise<void> {
    while (goesOn()) {
      this.#turn++;
      await this.#act();
      await new Promise((resolve) => setTimeout(resolve, BETWEEN_MS));
    }
  }

  /** Gives up what is under way. */
  stop(): void {
    this.#stopped = true;
  }

  async #act(): Promise<void> {
    const choice = this.random();
    const mine = this.journal.sent.filter((one) => one.from === this.#me).slice(-LATELY);
    const target = mine[Math.floor(this.random() * mine.length)];
    if (choice < 0.62 || !target) await this.#say();
    else if (choice < 0.72) await this.#recall(target.id);
    else if (choice < 0.82) await this.#edit(target.id);
    else if (choice < 0.95) await this.#read(choice >= 0.9);
    else await this.#removeForMe();
  }

  async #say(): Promise<void> {
    const texts = Array.from({ length: this.inBursts ? BURST : 1 }, (_, i) => `${this.#me} ${this.#turn}.${i}`);
    await Promise.all(
      texts.map(async (text) => {
        const { acted, refused } = await this.#perform(textBody(this.#between, text));
        if (!acted) throw new Error(`a message was refused: ${refused}`);
        this.journal.sent.push({ ...acted, text });
      }),
    );
  }

  async #recall(target: bigint): Promise<void> {
    const { acted, refused } = await this.#perform(recallBody(this.#between, target));
    if (acted) this.journal.recalled.push({ ...acted, target });
    else this.journal.refused.push({ what: 'recall', target, words: refused });
  }

  async #edit(target: bigint): Promise<void> {
    const text = `${this.#me} edited ${this.#turn}`;
    const { acted, refused } = await this.#perform(editBody(this.#between, target, text));
    if (acted) this.journal.edited.push({ ...acted, target, text });
    else this.journal.refused.push({ what: 'edit', target, words: refused });
  }

  async #read(whole: boolean): Promise<void> {
    const last = this.journal.sent.findLast((one) => one.from === this.peer);
    if (!last) return;
    const { acted, refused } = await this.#perform(whole ? channelReadBody(this.#between) : readBody(this.#between, last.id));
    if (!acted) throw new Error(`a receipt was refused: ${refused}`);
    this.journal.receipts.push({ ...acted, target: last.id, whole });
  }

  /** Over REST, as the SDK does; repeated until it succeeds, which changes nothing the second time. */
  async #removeForMe(): Promise<void> {
    const last = this.journal.sent.at(-1);
    if (!last) return;
    // Also after the last act: whether a try that got no answer was carried out shows only in the next one.
    while (!this.#stopped) {
      const status = await this.#asUser('DELETE', `/sdk/message/roaming/chat/user/${this.#me}?userId=${this.peer}&msgIdList=${last.id}&resource=${this.phone.resource}`);
      if (status === 200) return this.journal.remove(this.#me, last.id);
      if (status >= 400 && status < 500 && status !== 429) throw new Error(`history could not be removed: ${status}`);
      await new Promise((resolve) => setTimeout(resolve, AGAIN_AFTER_MS));
    }
  }

  /** The status, or 0 when there was no answer. */
  async #asUser(method: string, path: string): Promise<number> {
    const { user } = this.phone;
    try {
      this.#token ??= await this.rest.userToken(user.username, user.password);
      return (await this.rest.call(method, path, { token: this.#token })).status;
    } catch {
      return 0;
    }
  }

  async #perform(body: Uint8Array): Promise<{ acted: Act; refused?: undefined } | { acted?: undefined; refused: string }> {
    const turn = this.#turn;
    const { clientId, serverId, refused } = { serverId: 0n, ...(await this.phone.perform(this.peer, body)) };
    if (refused !== undefined) return { refused };
    this.made(serverId);
    return { acted: { id: serverId, clientId, from: this.#me, resource: this.phone.resource, turn } };
  }

  get #me(): string {
    return this.phone.user.username;
  }

  get #between() {
    return { from: this.#me, to: this.peer };
  }
}
