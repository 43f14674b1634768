import type { Bus } from '@parley/bus';
import { rates } from '@parley/contracts';
import { createLogger } from '@parley/telemetry';

const log = createLogger('rates');

/** Totals of half hours and days, so that a restart forgets none. */
export class LongWindows {
  readonly #written = new Map<string, number>();

  constructor(private readonly bus: Pick<Bus, 'keepLast' | 'lastKept'>) {}

  /** What is known to be taken in the window; 0 while the bus is away. */
  async read(key: string, window: number): Promise<number> {
    try {
      const bytes = await this.bus.lastKept(subjectOf(key));
      const total = bytes ? rates.RateTotal.decode(bytes) : undefined;
      return total && Number(total.window) === window ? total.taken : 0;
    } catch (error) {
      log.warn({ err: error }, 'the total of a rate could not be read');
      return 0;
    }
  }

  /** Keeps the total, if it has changed. Not waited for: the next report writes again what is lost. */
  write(key: string, window: number, taken: number): void {
    if (this.#written.get(key) === taken) return;
    this.#written.set(key, taken);
    this.bus.keepLast(subjectOf(key), rates.RateTotal.encode({ window: BigInt(window), taken }).finish()).catch((error: unknown) => {
      this.#written.delete(key);
      log.warn({ err: error }, 'the total of a rate could not be kept');
    });
  }
}

/** A key may hold any name of a user: it becomes one word. */
function subjectOf(key: string): string {
  return Buffer.from(key).toString('base64url');
}
