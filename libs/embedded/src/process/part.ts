import type { Exit } from './server-process.js';

/** A running incarnation of a part. */
export interface Incarnation {
  readonly pid: number;
  readonly exited: Promise<Exit>;
  stop(): Promise<void>;
}

export interface PartEvents {
  /** undefined = it does not run now. */
  pidChanged(name: string, pid: number | undefined): void;
  died(name: string, how: string, restartInMs: number): void;
  cannotRestart(name: string, reason: string, nextTryInMs: number): void;
  restarted(name: string): void;
}

const FIRST_WAIT_MS = 200;
const LONGEST_WAIT_MS = 10_000;
/** A part that ran this long has recovered: the next death is a new case. */
const HEALTHY_AFTER_MS = 30_000;

/** One child that has to run: started, started again with growing pauses when it dies, stopped at the end. */
export class Part {
  #incarnation: Incarnation | undefined;
  #launching: Promise<unknown> | undefined;
  #stopping = false;
  #wake: (() => void) | undefined;
  #waitMs = FIRST_WAIT_MS;
  #deaths = 0;

  constructor(
    readonly name: string,
    private readonly launch: () => Promise<Incarnation>,
    private readonly events: PartEvents,
  ) {}

  /** How often it has died so far. */
  get deaths(): number {
    return this.#deaths;
  }

  /** Starts it for the first time. @throws whatever keeps it from starting */
  async start(): Promise<void> {
    await this.#launch();
  }

  /** Resolves when it does not run; a start under way is let finish first. */
  async stop(): Promise<void> {
    this.#stopping = true;
    this.#wake?.();
    await this.#launching?.catch(() => undefined);
    await this.#incarnation?.stop();
  }

  async #launch(): Promise<void> {
    if (this.#stopping) return;
    const launching = this.launch();
    this.#launching = launching;
    this.#run(await launching);
  }

  #run(incarnation: Incarnation): void {
    const startedAt = Date.now();
    this.#incarnation = incarnation;
    this.events.pidChanged(this.name, incarnation.pid);
    void incarnation.exited.then((exit) => {
      this.#incarnation = undefined;
      this.events.pidChanged(this.name, undefined);
      if (this.#stopping) return;
      this.#deaths++;
      if (Date.now() - startedAt > HEALTHY_AFTER_MS) this.#waitMs = FIRST_WAIT_MS;
      this.events.died(this.name, exit.signal ?? `code ${exit.code}`, this.#waitMs);
      void this.#restart();
    });
  }

  async #restart(): Promise<void> {
    for (;;) {
      await this.#pause();
      if (this.#stopping) return;
      try {
        await this.#launch();
        if (!this.#stopping) this.events.restarted(this.name);
        return;
      } catch (error) {
        this.events.cannotRestart(this.name, (error as Error).message, this.#waitMs);
      }
    }
  }

  #pause(): Promise<void> {
    const waitMs = this.#waitMs;
    this.#waitMs = Math.min(waitMs * 2, LONGEST_WAIT_MS);
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, waitMs);
      this.#wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }
}
