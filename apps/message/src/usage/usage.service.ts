import { messageUsage } from '@parley/contracts';
import { Rounds, type RpcService } from '@parley/rpc';
import { createLogger } from '@parley/telemetry';
import type { Pool } from 'pg';

const log = createLogger('message');
const EVERY_MS = 60_000;
/** Of the timeline, in one transaction. */
const STEP = '10 minutes';

/**
 * How many messages apps store, by day and type: counted from the timelines once a minute and when somebody asks, each message
 * once, apart from what messages wait for.
 */
export class MessageUsageService {
  readonly rounds = new Rounds(EVERY_MS, () => this.count(), (error) => log.warn({ err: error }, 'messages will be counted later'));
  #counting: Promise<void> | undefined;

  constructor(private readonly pool: Pool) {}

  /** Counts what has been stored until about a second ago. Who asks while it is under way waits for the same. */
  count(): Promise<void> {
    return (this.#counting ??= this.#count().finally(() => (this.#counting = undefined)));
  }

  /** @param request days that are dates, in order */
  async of({ tenant, from, to }: messageUsage.GetMessageUsageRequest): Promise<messageUsage.GetMessageUsageResponse> {
    await this.count();
    const { rows } = await this.pool.query<{ day: string; type: number; messages: string }>(
      `SELECT to_char(day, 'YYYY-MM-DD') AS day, type, messages FROM usage_message
        WHERE app_id = $1 AND day BETWEEN $2::date AND $3::date ORDER BY usage_message.day, type`,
      [tenant!.appId, from, to],
    );
    return { counts: rows.map(({ day, type, messages }) => ({ day, type, messages: BigInt(messages) })) };
  }

  async #count(): Promise<void> {
    for (;;) {
      const { rows } = await this.pool.query<{ more: boolean }>('SELECT count_messages($1::interval) AS more', [STEP]);
      if (!rows[0]!.more) return;
    }
  }
}

/** What is answered of it over gRPC. */
export function usageRpc(usage: MessageUsageService): RpcService[] {
  return [[messageUsage.MessageUsageServiceService, { getMessageUsage: (q: messageUsage.GetMessageUsageRequest) => usage.of(q) }]];
}
