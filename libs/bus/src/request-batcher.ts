interface Waiting<Q, A> {
  readonly question: Q;
  readonly done: (answer: A) => void;
  readonly failed: (error: unknown) => void;
}

/**
 * Gathers questions that are asked in one round of events, or while earlier requests are under way, into one request.
 * Alone, a question leaves at once; in a storm the requests grow instead of their number.
 */
export class RequestBatcher<Q, A> {
  #waiting: Waiting<Q, A>[] = [];
  #underWay = 0;
  #scheduled = false;

  /** @param send asks them all; answers in the same order */
  constructor(
    private readonly send: (questions: Q[]) => Promise<A[]>,
    private readonly limits: { batch: number; concurrency: number } = { batch: 200, concurrency: 4 },
  ) {}

  /** Rejects with what `send` threw for the request that carried this question. */
  ask(question: Q): Promise<A> {
    return new Promise((done, failed) => {
      this.#waiting.push({ question, done, failed });
      this.#schedule();
    });
  }

  #schedule(): void {
    if (this.#scheduled || this.#underWay >= this.limits.concurrency || this.#waiting.length === 0) return;
    this.#scheduled = true;
    setImmediate(() => {
      this.#scheduled = false;
      void this.#run(this.#waiting.splice(0, this.limits.batch));
      this.#schedule();
    });
  }

  async #run(batch: Waiting<Q, A>[]): Promise<void> {
    this.#underWay++;
    try {
      const answers = await this.send(batch.map((one) => one.question));
      if (answers.length !== batch.length) throw new Error('answers do not match the questions');
      batch.forEach((one, i) => one.done(answers[i]!));
    } catch (error) {
      for (const one of batch) one.failed(error);
    } finally {
      this.#underWay--;
      this.#schedule();
    }
  }
}
