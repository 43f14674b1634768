/**
 * Work that a service does by itself now and then. One round at a time: when it is due while one is under way, it is left
 * out. A round that fails is told of, and the next one comes as if nothing had been.
 */
export class Rounds {
  #timer: NodeJS.Timeout | undefined;
  #running: Promise<void> | undefined;
  #stopped = false;

  constructor(
    private readonly everyMs: number,
    private readonly round: () => Promise<unknown>,
    private readonly failed: (error: unknown) => void,
  ) {}

  /** The first round comes after the interval. */
  start(): void {
    this.#timer = setInterval(() => {
      this.#running ??= this.#once();
    }, this.everyMs);
    this.#timer.unref();
  }

  /** For rounds of many steps: whether the rest should be left to the next start. */
  get stopped(): boolean {
    return this.#stopped;
  }

  /** No round begins any more; resolves when the one under way has ended. */
  async stop(): Promise<void> {
    this.#stopped = true;
    clearInterval(this.#timer);
    await this.#running;
  }

  async #once(): Promise<void> {
    try {
      await this.round();
    } catch (error) {
      this.failed(error);
    } finally {
      this.#running = undefined;
    }
  }
}
