import { randomBytes } from 'node:crypto';
import type { Pool } from 'pg';

const LEAST_WINDOW_MS = 1_000;
const MOST_WINDOW_MS = 3_600_000;

export interface ExportPage {
  readonly rows: readonly { readonly id: bigint; readonly meta: Buffer }[];
  /** Everything up to here was read. */
  readonly readUpTo: bigint;
  readonly windowMs: number;
}

/** Reads an app's messages of a span of time over all conversations. */
export class ExportStore {
  #key: Buffer | undefined;

  constructor(private readonly pool: Pool) {}

  async key(): Promise<Buffer> {
    if (this.#key) return this.#key;
    await this.pool.query('INSERT INTO export_key (key) VALUES ($1) ON CONFLICT DO NOTHING', [randomBytes(32)]);
    const { rows } = await this.pool.query<{ key: Buffer }>('SELECT key FROM export_key');
    return (this.#key = rows[0]!.key);
  }

  async hasAny(appId: number, from: bigint, to: bigint): Promise<boolean> {
    const { rows } = await this.pool.query(`SELECT 1 FROM message WHERE app_id = $1 AND id >= $2 AND id < $3 AND ${EXPORTED} LIMIT 1`, [appId, from, to]);
    return rows.length > 0;
  }

  /**
   * The next messages after an id, in the order of ids. The index on time finds a span of time and not an order, so a span is
   * read and sorted: short where much is said, longer the less there is.
   * @param windowMs of the last page; 0 = not known
   */
  async page(appId: number, after: bigint, to: bigint, windowMs: number, limit: number): Promise<ExportPage> {
    let window = Math.min(Math.max(windowMs, LEAST_WINDOW_MS), MOST_WINDOW_MS);
    for (let from = after; ; ) {
      const end = min(from + (BigInt(window) << 22n), to);
      const { rows } = await this.pool.query<{ id: string; meta: Buffer }>({
        name: 'export-page',
        text: `SELECT id, meta FROM message WHERE app_id = $1 AND id > $2 AND id < $3 AND ${EXPORTED} ORDER BY id LIMIT $4`,
        values: [appId, from, end, limit],
      });
      const found = rows.map((row) => ({ id: BigInt(row.id), meta: row.meta }));
      if (found.length === limit) return { rows: found, readUpTo: found.at(-1)!.id, windowMs: Math.max(window / 2, LEAST_WINDOW_MS) };
      if (found.length < limit / 4) window = Math.min(window * 2, MOST_WINDOW_MS);
      if (found.length > 0 || end >= to) return { rows: found, readUpTo: end >= to ? to : end - 1n, windowMs: window };
      from = end - 1n;
    }
  }
}

/** Messages and commands that are still there; no receipts, nothing of the system queue. */
const EXPORTED = 'state = 0 AND body_type < 48';

function min(a: bigint, b: bigint): bigint {
  return a < b ? a : b;
}
