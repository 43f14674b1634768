import { inTransaction } from '@parley/db';
import type { Pool, PoolClient } from 'pg';
import type { FileConfig } from '../config.js';
import type { BlobStorage } from './blob.storage.js';

/** Bytes that no row names (see the migration): noted before they are written, adopted with the row that names them. */
export class StrayStore {
  constructor(
    private readonly pool: Pool,
    private readonly storage: BlobStorage,
    private readonly config: Pick<FileConfig, 'unfinishedSeconds'>,
  ) {}

  /** To be called before the first byte is written. */
  async note(appId: number, key: string, client: Pick<PoolClient, 'query'> = this.pool): Promise<void> {
    await client.query({
      name: 'note_stray',
      text: `INSERT INTO stray_blob (app_id, key, remove_after) VALUES ($1, $2, now() + make_interval(secs => $3))
        ON CONFLICT (app_id, key) DO UPDATE SET remove_after = excluded.remove_after`,
      values: [appId, key, this.config.unfinishedSeconds],
    });
  }

  /** In the transaction that makes the row which names the bytes. False: they were swept away meanwhile. */
  async adopt(appId: number, key: string, client: PoolClient): Promise<boolean> {
    return (await client.query('DELETE FROM stray_blob WHERE app_id = $1 AND key = $2', [appId, key])).rowCount === 1;
  }

  /** In the transaction that ends the row which named the bytes. */
  async abandon(appId: number, keys: readonly string[], client: PoolClient): Promise<void> {
    await client.query(
      `INSERT INTO stray_blob (app_id, key, remove_after) SELECT $1, key, now() FROM unnest($2::text[]) AS key
       ON CONFLICT (app_id, key) DO UPDATE SET remove_after = now()`,
      [appId, keys],
    );
  }

  /** Removes the bytes now, unless they were adopted. */
  async discard(appId: number, key: string): Promise<void> {
    await this.#remove('app_id = $1 AND key = $2', [appId, key]);
  }

  /** Removes up to `most` of those that are due. Returns how many. */
  removeDue(most: number): Promise<number> {
    return this.#remove('remove_after <= now()', [], most);
  }

  /** The rows stay locked while the bytes go, so that nobody adopts what is being removed. */
  #remove(condition: string, values: unknown[], most = 1): Promise<number> {
    return inTransaction(this.pool, async (client) => {
      const { rows } = await client.query<{ app_id: number; key: string }>(
        `SELECT app_id, key FROM stray_blob WHERE ${condition} ORDER BY remove_after LIMIT ${most} FOR UPDATE SKIP LOCKED`,
        values,
      );
      for (const { app_id, key } of rows) {
        await this.storage.remove(key);
        await client.query('DELETE FROM stray_blob WHERE app_id = $1 AND key = $2', [app_id, key]);
      }
      return rows.length;
    });
  }
}
