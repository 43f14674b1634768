import { createLogger } from '@parley/telemetry';
import pg from 'pg';

export type Pool = pg.Pool;
export type PoolClient = pg.PoolClient;

export interface PoolOptions {
  url: string;
  /** The service's own schema; unqualified names mean it and nothing else. */
  schema: string;
  /** Connections at most. */
  max: number;
}

const CONNECT_TIMEOUT_MS = 5_000;
const log = createLogger('db');

/** What every connection of a service has: its schema as the whole search path, and its name in pg_stat_activity. */
export function connectionOptions(options: PoolOptions): pg.PoolConfig {
  if (!/^[a-z_][a-z0-9_]*$/.test(options.schema)) throw new Error(`not a schema name: ${options.schema}`);
  return {
    connectionString: options.url,
    max: options.max,
    options: `-c search_path=${options.schema}`,
    application_name: `parley-${options.schema}`,
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    keepAlive: true,
  };
}

/**
 * A pool on the service's schema. A connection that breaks while idle is replaced at the next query; one that breaks
 * while in use fails that query, and the caller decides about another try.
 */
export function createPool(options: PoolOptions): Pool {
  const pool = new pg.Pool(connectionOptions(options));
  pool.on('error', (error) => connectionLost(options.schema, error));
  return pool;
}

export function connectionLost(schema: string, error: Error): void {
  log.warn({ schema, reason: error.message }, 'database connection lost');
}
