import { inTransaction } from '@parley/db';
import { Rounds } from '@parley/rpc';
import { createLogger } from '@parley/telemetry';
import type { Pool } from 'pg';
import type { FileConfig } from '../config.js';
import type { PartStore } from '../part-upload/part.store.js';
import { fileKey, thumbnailKey } from '../storage/blob-key.js';
import type { BlobStorage } from '../storage/blob.storage.js';
import type { StrayStore } from '../storage/stray.store.js';

const log = createLogger('file');
const BATCH = 100;
const BATCHES_A_ROUND = 50;
const DAY_SECONDS = 86_400;

/** Ends what is over: expired files, uploads that nobody finished, bytes that no row names. Replicas may run it together. */
export class Sweeper {
  readonly rounds: Rounds;

  constructor(
    private readonly pool: Pool,
    private readonly parts: PartStore,
    private readonly strays: StrayStore,
    private readonly storage: BlobStorage,
    private readonly config: FileConfig,
  ) {
    this.rounds = new Rounds(config.sweepSeconds * 1_000, () => this.sweep(), (error) => log.warn({ err: error }, 'expired files are removed later'));
  }

  /** One round; safe at any time. */
  async sweep(): Promise<void> {
    await repeat(() => this.#expire());
    await repeat(() => this.parts.dropOlderThan(this.config.unfinishedSeconds, BATCH));
    await repeat(() => this.strays.removeDue(BATCH));
    await this.storage.removeUnfinished(this.config.unfinishedSeconds * 1_000);
    await this.pool.query("DELETE FROM chatfile WHERE state = 2 AND expires_at < now() - make_interval(secs => $1)", [
      this.config.rememberExpiredDays * DAY_SECONDS,
    ]);
    await this.pool.query('DELETE FROM file_reference WHERE (app_id, file_id, message_id) IN (SELECT app_id, file_id, message_id FROM file_reference WHERE until < now() LIMIT 10000)');
  }

  /** Row and usage first: from then on nobody gets it. The bytes follow, as strays. */
  #expire(): Promise<number> {
    return inTransaction(this.pool, async (client) => {
      const { rows } = await client.query<{ app_id: number; file_id: string; size_bytes: string }>(
        `UPDATE chatfile c SET state = 2 FROM (
           SELECT app_id, file_id FROM chatfile WHERE state = 1 AND expires_at <= now()
            ORDER BY app_id, file_id LIMIT $1 FOR UPDATE SKIP LOCKED) due
          WHERE c.app_id = due.app_id AND c.file_id = due.file_id RETURNING c.app_id, c.file_id, c.size_bytes`,
        [BATCH],
      );
      // Apps in order: their usage rows are locked.
      for (const appId of [...new Set(rows.map((row) => row.app_id))].sort((one, other) => one - other)) {
        const gone = rows.filter((row) => row.app_id === appId);
        const bytes = gone.reduce((sum, row) => sum + Number(row.size_bytes), 0);
        await client.query('SELECT take_space($1, $2, $3, 0)', [appId, -gone.length, -bytes]);
        await this.strays.abandon(appId, gone.flatMap(({ file_id }) => [fileKey(appId, file_id), thumbnailKey(appId, file_id)]), client);
      }
      return rows.length;
    });
  }
}

/** Until nothing is left, within reason: the rest comes with the next round. */
async function repeat(step: () => Promise<number>): Promise<void> {
  for (let i = 0; i < BATCHES_A_ROUND && (await step()) === BATCH; i++);
}
