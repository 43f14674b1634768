import { type AppSettingsDirectory, defaultAppSettings } from '@parley/app-settings';
import { Rounds } from '@parley/rpc';
import { createLogger } from '@parley/telemetry';
import type { Pool, PoolClient } from 'pg';
import { removeForsaken } from './forsaken-conversations.js';
import { idAt, keptSinceMs } from './retention.rules.js';

const log = createLogger('message');
const CHECK_EVERY_MS = 3_600_000;
const ONE_AT_A_TIME = 73_807_391;
/** Nobody who writes waits longer than this for a partition to be let go; what is not got is tried again next time. */
const LOCK_TIMEOUT_MS = 2_000;
const ROWS_AT_ONCE = 1_000;
/** Clocks of replicas differ. */
const MARGIN_DAYS = 1;
const NOT_NOW = new Set(['55P03', '57014', '40P01']);

/** Tables that refer to messages, and the column that holds the message's id. */
const REFERRING = [
  ['hidden_message', 'id'],
  ['pinned_message', 'id'],
  ['reaction', 'message_id'],
  ['message_expiry', 'message_id'],
] as const;

interface Partition {
  readonly name: string;
  readonly upper: bigint | undefined;
  readonly pending: boolean;
}

/**
 * Drops the partitions of which no app keeps anything, what refers to their rows, and conversations of deleted users without any. Never while an app's settings are not
 * known. Any replica may do it; one does at a time.
 */
export class ExpiredPartitions {
  readonly rounds = new Rounds(CHECK_EVERY_MS, () => this.drop(), (error) => log.error({ err: error }, 'expired partitions stay for now'));

  constructor(
    private readonly pool: Pool,
    private readonly settings: Pick<AppSettingsDirectory, 'of'>,
    private readonly now: () => number = Date.now,
  ) {}

  /** @returns the names of the partitions that are gone. @throws BusError when the settings of an app are not known */
  async drop(): Promise<string[]> {
    const client = await this.pool.connect();
    try {
      const { rows } = await client.query<{ mine: boolean }>('SELECT pg_try_advisory_lock($1) AS mine', [ONE_AT_A_TIME]);
      if (!rows[0]!.mine) return [];
      try {
        return await this.#drop(client);
      } finally {
        await client.query('SELECT pg_advisory_unlock($1)', [ONE_AT_A_TIME]);
      }
    } finally {
      client.release();
    }
  }

  async #drop(client: PoolClient): Promise<string[]> {
    const floor = idAt(keptSinceMs((await this.#longest(client)) + MARGIN_DAYS, this.now()));
    const gone: string[] = [];
    for (const partition of await partitions(client)) {
      if (partition.upper !== undefined && partition.upper > floor) continue;
      // One that somebody still reads holds the others back: a table can let go of one at a time.
      if (!(await dropOne(client, partition))) break;
      gone.push(partition.name);
    }
    if (gone.length > 0) log.info({ gone }, 'expired partitions dropped');
    for (const [table, column] of REFERRING) await forget(client, table, column, floor);
    await removeForsaken(client, floor);
    return gone;
  }

  /** The longest time that any app keeps its messages, in days. */
  async #longest(client: PoolClient): Promise<number> {
    // From one app to the next by the key's index: there are few apps and many conversations.
    const { rows } = await client.query<{ app_id: number }>(
      `WITH RECURSIVE apps AS (
         (SELECT app_id FROM conversation ORDER BY app_id LIMIT 1)
         UNION ALL
         SELECT (SELECT c.app_id FROM conversation c WHERE c.app_id > a.app_id ORDER BY c.app_id LIMIT 1) FROM apps a WHERE a.app_id IS NOT NULL)
       SELECT app_id FROM apps WHERE app_id IS NOT NULL`,
    );
    let most = rows.length === 0 ? defaultAppSettings.historyDays : 0;
    for (const { app_id } of rows) most = Math.max(most, (await this.settings.of(app_id)).historyDays);
    return most;
  }
}

/** Those of the table, and those that an earlier round detached and did not get to drop. */
async function partitions(client: PoolClient): Promise<Partition[]> {
  const { rows } = await client.query<{ name: string; bound: string | null; pending: boolean | null }>(
    `SELECT c.relname AS name, pg_get_expr(c.relpartbound, c.oid) AS bound, i.inhdetachpending AS pending
       FROM pg_class c LEFT JOIN pg_inherits i ON i.inhrelid = c.oid
      WHERE c.relnamespace = current_schema()::regnamespace AND c.relkind = 'r' AND c.relname ~ '^message_[0-9]{4}w[0-9]{2}$'
      ORDER BY i.inhdetachpending IS TRUE DESC, c.relname`,
  );
  return rows.map(({ name, bound, pending }) => {
    const upper = /TO \('?(\d+)'?\)/.exec(bound ?? '')?.[1];
    return { name, upper: upper === undefined ? undefined : BigInt(upper), pending: pending === true };
  });
}

async function dropOne(client: PoolClient, { name, upper, pending }: Partition): Promise<boolean> {
  try {
    await client.query(`SET lock_timeout = ${LOCK_TIMEOUT_MS}`);
    if (upper !== undefined) await client.query(`ALTER TABLE message DETACH PARTITION "${name}" ${pending ? 'FINALIZE' : 'CONCURRENTLY'}`);
    await client.query(`DROP TABLE "${name}"`);
    return true;
  } catch (error) {
    if (!NOT_NOW.has(String((error as { code?: unknown }).code))) throw error;
    log.warn({ partition: name }, 'an expired partition is in use, dropping it later');
    return false;
  } finally {
    await client.query('RESET lock_timeout');
  }
}

/** Deletes what refers to messages below the id, a bounded number of rows at a time. */
async function forget(client: PoolClient, table: string, column: string, floor: bigint): Promise<void> {
  for (;;) {
    const { rowCount } = await client.query(
      `DELETE FROM ${table} WHERE ctid = ANY (ARRAY(SELECT ctid FROM ${table} WHERE ${column} < $1 ORDER BY ${column} LIMIT ${ROWS_AT_ONCE}))`,
      [floor],
    );
    if ((rowCount ?? 0) < ROWS_AT_ONCE) return;
  }
}
