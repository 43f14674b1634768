import type pg from 'pg';

const BATCH = 5_000;
/** A row that another one still refers to. */
const REFERRED_TO = '23503';

/**
 * Deletes all rows of an app from every table of the pool's schema that has a column `app_id`, in batches, each a
 * transaction of its own, so that no lock is held for long. A table that is added later is covered.
 * @param withinMs stops after that time
 * @throws Error when something is left then: whoever calls it again goes on where it was
 */
export async function purgeApp(pool: Pick<pg.Pool, 'query'>, appId: number, { withinMs = 20_000 }: { withinMs?: number } = {}): Promise<void> {
  const deadline = Date.now() + withinMs;
  const { rows } = await pool.query<{ name: string }>(TABLES);
  let left = rows.map((row) => row.name);
  while (left.length > 0) {
    const before = left;
    left = [];
    for (const name of before) if (!(await empty(pool, name, appId, deadline))) left.push(name);
    if (left.length > 0 && Date.now() >= deadline) throw new Error(`app ${appId} is not purged yet`);
    // Tables that only wait for each other would go round for ever.
    if (left.length === before.length) throw new Error(`rows of app ${appId} refer to each other in ${left.join(', ')}`);
  }
}

/** Leaves only: a row of a partitioned table is in one of its partitions. */
const TABLES = `SELECT format('%I.%I', n.nspname, c.relname) AS name
  FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace JOIN pg_attribute a ON a.attrelid = c.oid
 WHERE n.nspname = current_schema() AND c.relkind = 'r' AND a.attname = 'app_id' AND NOT a.attisdropped
 ORDER BY c.relname`;

/** False when the time is over or other rows must go first. */
async function empty(pool: Pick<pg.Pool, 'query'>, table: string, appId: number, deadline: number): Promise<boolean> {
  for (;;) {
    try {
      const { rowCount } = await pool.query(`DELETE FROM ${table} WHERE ctid = ANY (ARRAY(SELECT ctid FROM ${table} WHERE app_id = $1 LIMIT ${BATCH}))`, [appId]);
      if ((rowCount ?? 0) < BATCH) return true;
    } catch (error) {
      if ((error as { code?: string }).code !== REFERRED_TO) throw error;
      return false;
    }
    if (Date.now() >= deadline) return false;
  }
}
