import { DomainError } from '@parley/errors';
import type { TenantRef } from '@parley/kernel';
import type { Pool, PoolClient } from 'pg';
import type { FileLimits } from './file-limits.js';

export interface NewFile {
  readonly fileId: string;
  readonly uploader: string;
  readonly secretHash: Buffer | null;
  readonly filename: string;
  readonly contentType: string;
  readonly sizeBytes: number;
  /** Of it, what the app's usage counts already (parts). */
  readonly heldBytes: number;
  /** Pixels. */
  readonly thumbnailWidth: number;
  readonly thumbnailHeight: number;
}

export interface Chatfile extends Omit<NewFile, 'heldBytes'> {
  /** null: not asked for yet; '': there is none. */
  readonly thumbnailType: string | null;
  readonly createdAt: Date;
}

interface Row {
  file_id: string;
  uploader: string;
  secret_hash: Buffer | null;
  content_type: string;
  filename: string;
  size_bytes: string;
  thumbnail_width: number;
  thumbnail_height: number;
  thumbnail_type: string | null;
  created_at: Date;
  expired: boolean;
}

/** Rows of files. Whoever reads one names the tenant: another app's file does not exist. */
export class ChatfileStore {
  constructor(private readonly pool: Pool) {}

  /** @throws DomainError file_storage_full; the transaction must then be rolled back */
  async add(tenant: TenantRef, file: NewFile, { lifetimeDays, quotaBytes }: Pick<FileLimits, 'lifetimeDays' | 'quotaBytes'>, client: PoolClient): Promise<void> {
    await takeSpace(client, tenant, 1, file.sizeBytes - file.heldBytes, quotaBytes);
    await client.query({
      name: 'add_file',
      text: `INSERT INTO chatfile (app_id, file_id, uploader, secret_hash, filename, content_type, size_bytes,
            thumbnail_width, thumbnail_height, base_expires_at, expires_at)
        SELECT $1, $2, $3, $4, $5, $6, $7, $8, $9, e.at, e.at FROM (SELECT now() + make_interval(days => $10) AS at) e`,
      values: [
        tenant.appId,
        file.fileId,
        file.uploader,
        file.secretHash,
        file.filename,
        file.contentType,
        file.sizeBytes,
        file.thumbnailWidth,
        file.thumbnailHeight,
        lifetimeDays,
      ],
    });
  }

  /** @throws DomainError file_not_found | file_expired */
  async get(tenant: TenantRef, fileId: string): Promise<Chatfile> {
    const { rows } = await this.pool.query<Row>({
      name: 'find_file',
      text: `SELECT file_id, uploader, secret_hash, content_type, filename, size_bytes, thumbnail_width, thumbnail_height, thumbnail_type,
          created_at, (state = 2 OR expires_at <= now()) AS expired
        FROM chatfile WHERE app_id = $1 AND file_id = $2`,
      values: [tenant.appId, fileId],
    });
    if (!rows[0]) throw new DomainError('file_not_found');
    if (rows[0].expired) throw new DomainError('file_expired', { uuid: fileId });
    return toChatfile(rows[0]);
  }

  async replaceSecret(tenant: TenantRef, fileId: string, secretHash: Buffer | null): Promise<void> {
    await this.pool.query('UPDATE chatfile SET secret_hash = $3 WHERE app_id = $1 AND file_id = $2', [tenant.appId, fileId, secretHash]);
  }

  /** @returns false when the file is gone meanwhile */
  async noteThumbnail(tenant: TenantRef, fileId: string, type: string, client: Pick<PoolClient, 'query'> = this.pool): Promise<boolean> {
    const { rowCount } = await client.query('UPDATE chatfile SET thumbnail_type = $3 WHERE app_id = $1 AND file_id = $2 AND state = 1', [
      tenant.appId,
      fileId,
      type,
    ]);
    return rowCount === 1;
  }

  async usage(tenant: TenantRef): Promise<{ files: bigint; bytes: bigint }> {
    const { rows } = await this.pool.query<{ files: string; bytes: string }>('SELECT files, bytes FROM app_usage WHERE app_id = $1', [tenant.appId]);
    return { files: BigInt(rows[0]?.files ?? 0), bytes: BigInt(rows[0]?.bytes ?? 0) };
  }
}

/** @throws DomainError file_storage_full */
export async function takeSpace(client: PoolClient, tenant: Pick<TenantRef, 'appId'>, files: number, bytes: number, quotaBytes: number): Promise<void> {
  const { rows } = await client.query<{ taken: boolean }>('SELECT take_space($1, $2, $3, $4) AS taken', [tenant.appId, files, bytes, quotaBytes]);
  if (!rows[0]!.taken) throw new DomainError('file_storage_full');
}

function toChatfile(row: Row): Chatfile {
  return {
    fileId: row.file_id,
    uploader: row.uploader,
    secretHash: row.secret_hash,
    contentType: row.content_type,
    filename: row.filename,
    sizeBytes: Number(row.size_bytes),
    thumbnailWidth: row.thumbnail_width,
    thumbnailHeight: row.thumbnail_height,
    thumbnailType: row.thumbnail_type,
    createdAt: row.created_at,
  };
}
