import { inTransaction } from '@parley/db';
import { DomainError } from '@parley/errors';
import type { TenantRef } from '@parley/kernel';
import { randomUUID } from 'node:crypto';
import type { Pool, PoolClient } from 'pg';
import { takeSpace } from '../chatfile/chatfile.store.js';
import { fileKey, partKey } from '../storage/blob-key.js';
import type { StrayStore } from '../storage/stray.store.js';

/** Nobody else joins the parts of an upload for this long; a joiner that died does not block it for ever. */
const COMPLETING_SECONDS = 120;

export interface Part {
  readonly number: number;
  readonly sizeBytes: number;
  readonly blobId: string;
}

/** Uploads in parts. An upload belongs to whoever began it: for others it does not exist. */
export class PartStore {
  constructor(
    private readonly pool: Pool,
    private readonly strays: StrayStore,
  ) {}

  async begin(tenant: TenantRef, uploader: string): Promise<string> {
    const uploadId = randomUUID();
    await this.pool.query('INSERT INTO part_upload (app_id, upload_id, uploader) VALUES ($1, $2, $3)', [tenant.appId, uploadId, uploader]);
    return uploadId;
  }

  /** @throws DomainError part_upload_not_found */
  async check(tenant: TenantRef, uploadId: string, uploader: string): Promise<void> {
    const { rowCount } = await this.pool.query('SELECT FROM part_upload WHERE app_id = $1 AND upload_id = $2 AND uploader = $3', [
      tenant.appId,
      uploadId,
      uploader,
    ]);
    if (rowCount !== 1) throw new DomainError('part_upload_not_found');
  }

  /**
   * A part has come whole. The last one of a number counts, so that a part may be sent again.
   * @throws DomainError part_upload_not_found | file_too_large (all parts together) | file_storage_full
   */
  async keep(tenant: TenantRef, uploadId: string, part: Part, limits: { maxBytes: number; quotaBytes: number }): Promise<void> {
    const { appId } = tenant;
    await inTransaction(this.pool, async (client) => {
      await lock(client, appId, uploadId);
      const { rows } = await client.query<{ size_bytes: string; blob_id: string }>(
        'DELETE FROM upload_part WHERE app_id = $1 AND upload_id = $2 AND part_number = $3 RETURNING size_bytes, blob_id',
        [appId, uploadId, part.number],
      );
      const earlier = rows[0];
      const { rows: sums } = await client.query<{ bytes: string }>(
        'SELECT coalesce(sum(size_bytes), 0) AS bytes FROM upload_part WHERE app_id = $1 AND upload_id = $2',
        [appId, uploadId],
      );
      if (Number(sums[0]!.bytes) + part.sizeBytes > limits.maxBytes) throw new DomainError('file_too_large');
      await takeSpace(client, tenant, 0, part.sizeBytes - Number(earlier?.size_bytes ?? 0), limits.quotaBytes);
      if (!(await this.strays.adopt(appId, partKey(appId, part.blobId), client))) throw new DomainError('file_storage_unavailable');
      await client.query('INSERT INTO upload_part (app_id, upload_id, part_number, size_bytes, blob_id) VALUES ($1, $2, $3, $4, $5)', [
        appId,
        uploadId,
        part.number,
        part.sizeBytes,
        part.blobId,
      ]);
      if (earlier) await this.strays.abandon(appId, [partKey(appId, earlier.blob_id)], client);
    });
  }

  /**
   * The parts in order, for the only one who joins them now.
   * @throws DomainError part_upload_not_found | part_upload_incomplete | unavailable while somebody else is at it
   */
  async beginCompleting(tenant: TenantRef, uploadId: string, uploader: string): Promise<Part[]> {
    const { appId } = tenant;
    return inTransaction(this.pool, async (client) => {
      const { rows } = await client.query<{ busy: boolean }>(
        'SELECT completing_until > now() AS busy FROM part_upload WHERE app_id = $1 AND upload_id = $2 AND uploader = $3 FOR UPDATE',
        [appId, uploadId, uploader],
      );
      if (!rows[0]) throw new DomainError('part_upload_not_found');
      if (rows[0].busy) throw new DomainError('unavailable');
      const parts = await partsOf(client, appId, uploadId);
      const missing = parts.findIndex((part, i) => part.number !== i + 1);
      if (missing !== -1 || parts.length === 0) throw new DomainError('part_upload_incomplete', { part: String(Math.max(missing, 0) + 1) });
      await client.query('UPDATE part_upload SET completing_until = now() + make_interval(secs => $3) WHERE app_id = $1 AND upload_id = $2', [
        appId,
        uploadId,
        COMPLETING_SECONDS,
      ]);
      await this.strays.note(appId, fileKey(appId, uploadId), client);
      return parts;
    });
  }

  /** Somebody may try again at once. */
  async giveUpCompleting(tenant: TenantRef, uploadId: string): Promise<void> {
    await this.pool.query("UPDATE part_upload SET completing_until = '-infinity' WHERE app_id = $1 AND upload_id = $2", [tenant.appId, uploadId]);
  }

  /** Ends an upload; its parts' bytes are removed soon. @returns what they took; undefined when there is no such upload */
  async end(tenant: Pick<TenantRef, 'appId'>, uploadId: string, client: PoolClient): Promise<number | undefined> {
    const { appId } = tenant;
    const { rowCount } = await client.query('SELECT FROM part_upload WHERE app_id = $1 AND upload_id = $2 FOR UPDATE', [appId, uploadId]);
    if (rowCount !== 1) return undefined;
    const parts = await partsOf(client, appId, uploadId);
    await this.strays.abandon(appId, parts.map((part) => partKey(appId, part.blobId)), client);
    await client.query('DELETE FROM part_upload WHERE app_id = $1 AND upload_id = $2', [appId, uploadId]);
    return parts.reduce((sum, part) => sum + part.sizeBytes, 0);
  }

  /** @throws DomainError part_upload_not_found */
  async abort(tenant: TenantRef, uploadId: string, uploader: string): Promise<void> {
    await this.check(tenant, uploadId, uploader);
    await inTransaction(this.pool, (client) => this.#drop(client, tenant, uploadId));
  }

  /** Ends uploads that were begun longer ago than this. Returns how many. */
  async dropOlderThan(seconds: number, most: number): Promise<number> {
    const { rows } = await this.pool.query<{ app_id: number; upload_id: string }>(
      'SELECT app_id, upload_id FROM part_upload WHERE created_at < now() - make_interval(secs => $1) AND completing_until < now() ORDER BY created_at LIMIT $2',
      [seconds, most],
    );
    for (const row of rows) await inTransaction(this.pool, (client) => this.#drop(client, { appId: row.app_id }, row.upload_id));
    return rows.length;
  }

  /** Ends all uploads of an app. */
  async dropAll(appId: number): Promise<void> {
    const { rows } = await this.pool.query<{ upload_id: string }>('SELECT upload_id FROM part_upload WHERE app_id = $1', [appId]);
    for (const row of rows) await inTransaction(this.pool, (client) => this.#drop(client, { appId }, row.upload_id));
  }

  async #drop(client: PoolClient, tenant: Pick<TenantRef, 'appId'>, uploadId: string): Promise<void> {
    const bytes = await this.end(tenant, uploadId, client);
    if (bytes !== undefined) await takeSpace(client, tenant, 0, -bytes, 0);
  }
}

async function lock(client: PoolClient, appId: number, uploadId: string): Promise<void> {
  const { rowCount } = await client.query('SELECT FROM part_upload WHERE app_id = $1 AND upload_id = $2 FOR UPDATE', [appId, uploadId]);
  if (rowCount !== 1) throw new DomainError('part_upload_not_found');
}

async function partsOf(client: PoolClient, appId: number, uploadId: string): Promise<Part[]> {
  const { rows } = await client.query<{ part_number: number; size_bytes: string; blob_id: string }>(
    'SELECT part_number, size_bytes, blob_id FROM upload_part WHERE app_id = $1 AND upload_id = $2 ORDER BY part_number',
    [appId, uploadId],
  );
  return rows.map((row) => ({ number: row.part_number, sizeBytes: Number(row.size_bytes), blobId: row.blob_id }));
}
