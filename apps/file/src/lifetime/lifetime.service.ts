import { file } from '@parley/contracts';
import { DomainError } from '@parley/errors';
import type { TenantRef } from '@parley/kernel';
import type { Pool } from 'pg';
import type { FileLimitsOf } from '../chatfile/file-limits.js';
import { isUuid } from '../storage/blob-key.js';

const MOST_FILES = 100;

/** How long files live that nothing refers to. What a message of the history names lives at least as long as that. */
export class LifetimeService {
  constructor(
    private readonly pool: Pool,
    private readonly limits: FileLimitsOf,
  ) {}

  /** For each file in the order asked: whether it is there, and has the lifetime now. */
  async set(tenant: TenantRef, lifetime: file.Lifetime, uuids: readonly string[]): Promise<boolean[]> {
    if (uuids.length > MOST_FILES) throw new DomainError('illegal_argument', { detail: `at most ${MOST_FILES} files` });
    const wanted = uuids.map((uuid) => uuid.toLowerCase());
    const { lifetimeDays } = await this.limits.of(tenant);
    const days = lifetime === file.Lifetime.LIFETIME_FOREVER ? null : lifetimeDays;
    const { rows } = await this.pool.query<{ file_id: string }>(
      `WITH wanted AS MATERIALIZED (
         SELECT c.app_id, c.file_id, CASE WHEN $3::integer IS NULL THEN 'infinity'::timestamptz
                  ELSE (CASE WHEN $4 THEN now() ELSE c.created_at END) + make_interval(days => $3) END AS at
           FROM chatfile c
          WHERE c.app_id = $1 AND c.file_id = ANY($2::uuid[]) AND c.state = 1 AND c.expires_at > now()
          ORDER BY c.app_id, c.file_id FOR UPDATE)
       UPDATE chatfile c SET base_expires_at = w.at, expires_at = greatest(w.at,
              (SELECT max(r.until) FROM file_reference r WHERE r.app_id = c.app_id AND r.file_id = c.file_id))
         FROM wanted w WHERE c.app_id = w.app_id AND c.file_id = w.file_id
       RETURNING c.file_id`,
      [tenant.appId, wanted.filter(isUuid), days, lifetime === file.Lifetime.LIFETIME_REFRESH],
    );
    const done = new Set(rows.map((row) => row.file_id));
    return wanted.map((uuid) => done.has(uuid));
  }
}
