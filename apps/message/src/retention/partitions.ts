import { Rounds } from '@parley/rpc';
import { createLogger } from '@parley/telemetry';
import type { Pool } from 'pg';

const log = createLogger('message');
const WEEKS_AHEAD = 4;
const CHECK_EVERY_MS = 6 * 3_600_000;

/** Keeps a month of partitions ahead of the clock. Idempotent; replicas may run it together. */
export class Partitions {
  readonly #rounds = new Rounds(CHECK_EVERY_MS, () => this.#ensure(), (error) => log.error({ err: error }, 'partitions could not be made, will try again'));

  constructor(private readonly pool: Pool) {}

  async start(): Promise<void> {
    await this.#ensure();
    this.#rounds.start();
  }

  stop(): Promise<void> {
    return this.#rounds.stop();
  }

  async #ensure(): Promise<void> {
    const { rows } = await this.pool.query<{ made: number }>("SELECT ensure_message_partitions(now() - interval '1 day', $1) AS made", [
      WEEKS_AHEAD + 1,
    ]);
    if (rows[0]!.made > 0) log.info({ made: rows[0]!.made }, 'message partitions made');
  }
}
