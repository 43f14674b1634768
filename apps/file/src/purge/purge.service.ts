import { type Bus, eventSubjects } from '@parley/bus';
import { inTransaction } from '@parley/db';
import type { Pool } from 'pg';
import type { PartStore } from '../part-upload/part.store.js';
import { fileKey, thumbnailKey } from '../storage/blob-key.js';
import type { StrayStore } from '../storage/stray.store.js';

const BATCH = 500;

/** An app that is gone for good leaves nothing: its rows go at once, its bytes with the next round of the sweeper. */
export class PurgeService {
  constructor(
    private readonly pool: Pool,
    private readonly parts: PartStore,
    private readonly strays: StrayStore,
  ) {}

  async consume(bus: Bus): Promise<void> {
    await bus.consumeEvents(eventSubjects.appPurged, 'file-app-purged', ({ appId }) => this.purge(appId));
  }

  /** Safe to repeat. */
  async purge(appId: number): Promise<void> {
    while ((await this.#someFiles(appId)) === BATCH);
    await this.parts.dropAll(appId);
    await this.pool.query('DELETE FROM app_usage WHERE app_id = $1', [appId]);
  }

  #someFiles(appId: number): Promise<number> {
    return inTransaction(this.pool, async (client) => {
      const { rows } = await client.query<{ file_id: string }>(
        `DELETE FROM chatfile c USING (SELECT app_id, file_id FROM chatfile WHERE app_id = $1 ORDER BY file_id LIMIT $2 FOR UPDATE) g
          WHERE c.app_id = g.app_id AND c.file_id = g.file_id RETURNING c.file_id`,
        [appId, BATCH],
      );
      await this.strays.abandon(appId, rows.flatMap(({ file_id }) => [fileKey(appId, file_id), thumbnailKey(appId, file_id)]), client);
      return rows.length;
    });
  }
}
