import { broadcasts, type Bus, type Subscription, requests } from '@parley/bus';
import { policy } from '@parley/contracts';
import { createLogger } from '@parley/telemetry';
import { LRUCache } from 'lru-cache';

const log = createLogger('message');

export type PolicyQuestion = policy.PolicyQuestion;
export type PolicyAnswer = policy.PolicyAnswer;

export interface PolicyMemory {
  /** Answers kept; the least used give way. */
  readonly entries: number;
  /** For this long an answer is believed, in ms. Should the news of a change be lost, it is seen after this long. */
  readonly freshMs: number;
  /** Until this age, in ms, it is still used at once, and asked for again meanwhile. An older one is asked for first. */
  readonly usableMs: number;
  /** How long a question may wait for the user service, in ms. */
  readonly askMs: number;
}

const MEMORY: PolicyMemory = { entries: 300_000, freshMs: 15_000, usableMs: 60_000, askMs: 2_000 };

interface Known {
  readonly answer: PolicyAnswer;
  /** By the monotonic clock, in ms; what was in doubt after a lost connection counts as never. */
  asOfMs: number;
  refreshing: boolean;
}

/**
 * Who may write to whom, as the user service knows it: remembered, so that a send between known users costs no request, and
 * forgotten at the news of a change.
 */
export class PolicyDirectory {
  readonly #known: LRUCache<string, Known>;
  /** Of each question under way, the keys about which no news has come meanwhile: only those answers may be remembered. */
  readonly #asking = new Set<Map<string, PolicyQuestion>>();
  readonly #subscription: Subscription;
  readonly #reconnects: Subscription;

  constructor(
    private readonly bus: Pick<Bus, 'request' | 'onBroadcast' | 'onReconnect'>,
    private readonly memory: PolicyMemory = MEMORY,
  ) {
    this.#known = new LRUCache({ max: memory.entries });
    this.#subscription = bus.onBroadcast(broadcasts.policyChanged, ({ questions }) => {
      for (const question of questions) this.#forget(keyOf(question));
    });
    // News may have been lost with the connection: everything is asked for again before it is used, if it can be.
    this.#reconnects = bus.onReconnect(() => {
      for (const known of this.#known.values()) known.asOfMs = -Infinity;
      for (const valid of this.#asking) valid.clear();
    });
  }

  /**
   * The answers, in the order asked. While the user service is away, what is remembered is used however old it is.
   * @throws BusError when something is not known and cannot be asked
   */
  async of(questions: readonly PolicyQuestion[]): Promise<PolicyAnswer[]> {
    const nowMs = performance.now();
    const keys = questions.map(keyOf);
    const found = new Map<string, PolicyAnswer>();
    const missing = new Map<string, PolicyQuestion>();
    const aging = new Map<string, PolicyQuestion>();
    keys.forEach((key, i) => {
      const known = this.#known.get(key);
      const ageMs = known ? nowMs - known.asOfMs : Infinity;
      if (!known || ageMs > this.memory.usableMs) missing.set(key, questions[i]!);
      else found.set(key, known.answer);
      if (known && ageMs > this.memory.freshMs && ageMs <= this.memory.usableMs && !known.refreshing) {
        known.refreshing = true;
        aging.set(key, questions[i]!);
      }
    });
    if (aging.size > 0) void this.#refresh(aging);
    if (missing.size > 0) await this.#fetch(missing, found);
    return keys.map((key) => found.get(key)!);
  }

  close(): void {
    this.#reconnects.unsubscribe();
    this.#subscription.unsubscribe();
  }

  async #fetch(missing: Map<string, PolicyQuestion>, found: Map<string, PolicyAnswer>): Promise<void> {
    try {
      for (const [key, answer] of await this.#ask(missing)) found.set(key, answer);
    } catch (error) {
      // What was true a while ago serves better than refusing everybody.
      for (const key of missing.keys()) {
        const known = this.#known.get(key);
        if (!known) throw error;
        found.set(key, known.answer);
      }
    }
  }

  async #refresh(aging: Map<string, PolicyQuestion>): Promise<void> {
    try {
      await this.#ask(aging);
    } catch (error) {
      log.debug({ err: error }, 'policy is not refreshed yet');
      for (const key of aging.keys()) {
        const known = this.#known.peek(key);
        if (known) known.refreshing = false;
      }
    }
  }

  async #ask(questions: Map<string, PolicyQuestion>): Promise<Map<string, PolicyAnswer>> {
    const asOfMs = performance.now();
    const valid = new Map(questions);
    this.#asking.add(valid);
    try {
      const { answers } = await this.bus.request(requests.userPolicy, { questions: [...questions.values()] }, { timeoutMs: this.memory.askMs });
      const answered = new Map([...questions.keys()].map((key, i) => [key, answers[i]!]));
      for (const key of valid.keys()) this.#known.set(key, { answer: answered.get(key)!, asOfMs, refreshing: false });
      return answered;
    } finally {
      this.#asking.delete(valid);
    }
  }

  #forget(key: string): void {
    this.#known.delete(key);
    for (const valid of this.#asking) valid.delete(key);
  }
}

function keyOf({ appId, senderId, recipientId }: PolicyQuestion): string {
  return `${appId} ${senderId} ${recipientId}`;
}
