import { createLogger } from '@parley/telemetry';
import { Socket } from 'node:net';
import pg from 'pg';

export type Pool = pg.Pool;
export type PoolClient = pg.PoolClient;

export interface PoolOptions {
  url: string;
  /** The service's own schema; unqualified names mean it and nothing else. */
  schema: string;
  /** Connections at most. */
  max: number;
  /** A connection that carries nothing for so long while somebody waits is given up by both ends. Default 20 s. */
  silentTooLongMs?: number;
}

const CONNECT_TIMEOUT_MS = 5_000;
/** Longer than any statement takes, and than a service is busy elsewhere in the middle of a transaction. */
const SILENT_TOO_LONG_MS = 20_000;
const log = createLogger('db');

/** What every connection of a service has: its schema as the whole search path, and its name in pg_stat_activity. */
export function connectionOptions(options: PoolOptions): pg.PoolConfig {
  if (!/^[a-z_][a-z0-9_]*$/.test(options.schema)) throw new Error(`not a schema name: ${options.schema}`);
  const { silentTooLongMs = SILENT_TOO_LONG_MS } = options;
  return {
    connectionString: options.url,
    max: options.max,
    options: `-c search_path=${options.schema}`,
    application_name: `parley-${options.schema}`,
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    keepAlive: true,
    stream: () => impatientSocket(silentTooLongMs),
    // The other end of the same: a service that is gone without a word must not keep its locks.
    idle_in_transaction_session_timeout: silentTooLongMs,
  };
}

/**
 * A network that has lost a connection tells nobody, and a query on it would wait for hours. A connection that carries
 * nothing for so long breaks; what a pool does not use it closes sooner by itself.
 */
function impatientSocket(ms: number): Socket {
  const socket = new Socket();
  return socket.setTimeout(ms, () => socket.destroy(new Error(`PostgreSQL was silent for ${ms / 1000} s`)));
}

/**
 * A pool on the service's schema. A connection that breaks while idle is replaced at the next query; one that breaks
 * while in use fails that query, and the caller decides about another try.
 */
export function createPool(options: PoolOptions): Pool {
  const pool = new pg.Pool(connectionOptions(options));
  // One that breaks between two statements of a transaction fails the next of them; unheard, it would end the process.
  pool.on('connect', (client) => client.on('error', () => undefined));
  pool.on('error', (error) => connectionLost(options.schema, error));
  return pool;
}

export function connectionLost(schema: string, error: Error): void {
  log.warn({ schema, reason: error.message }, 'database connection lost');
}
