import { execFile } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type pg from 'pg';
import { codeOf, connectCreating } from './database.js';

export interface MigrateOptions {
  url: string;
  /** The service's schema; created if missing, as is the database of the URL. */
  schema: string;
  /** The folder `prisma/migrations` of the service: a folder with migration.sql for each step, applied by name. */
  folder: string;
}

/** The schema could not be brought up to date; nothing of the failed step remains. */
export class MigrationError extends Error {
  constructor(schema: string, reason: string) {
    super(`schema "${schema}" cannot be migrated: ${reason}`);
    this.name = 'MigrationError';
  }
}

/** Parley's migrations queue up behind each other here, over all services and replicas of a database. */
const QUEUE_LOCK = 73_807_390;
const NO_SUCH_TABLE = '42P01';

/**
 * Applies the migrations that the database does not have yet. Costs one query when it has them all; otherwise the work
 * is done by Prisma's schema engine in a child process, since an engine holds its lock until its process ends.
 * Replicas and services may call it at the same time. Waits up to a minute for a server that is starting.
 * @throws MigrationError
 */
export async function migrate(options: MigrateOptions): Promise<void> {
  const wanted = migrationNames(options.folder);
  const client = await connectCreating(options.url, options.schema);
  try {
    if (await hasAll(client, wanted)) return;
    await client.query('SELECT pg_advisory_lock($1)', [QUEUE_LOCK]);
    if (await hasAll(client, wanted)) return;
    await applyInChild(options);
    if (!(await hasAll(client, wanted))) throw new MigrationError(options.schema, 'an earlier migration failed half way');
  } finally {
    await client.end().catch(() => undefined);
  }
}

function migrationNames(folder: string): string[] {
  return readdirSync(folder).filter((name) => existsSync(join(folder, name, 'migration.sql')));
}

/** Whether Prisma's own record says that each of them was finished. */
async function hasAll(client: pg.Client, wanted: readonly string[]): Promise<boolean> {
  try {
    const finished = 'SELECT migration_name FROM _prisma_migrations WHERE finished_at IS NOT NULL AND rolled_back_at IS NULL';
    const { rows } = await client.query<{ migration_name: string }>(finished);
    const names = new Set(rows.map((row) => row.migration_name));
    return wanted.every((name) => names.has(name));
  } catch (error) {
    if (codeOf(error) === NO_SUCH_TABLE) return false;
    throw error;
  }
}

function applyInChild(options: MigrateOptions): Promise<void> {
  // Node strips the types of the source by itself, so that tests need no build.
  const extension = import.meta.url.endsWith('.ts') ? 'ts' : 'js';
  const script = fileURLToPath(new URL(`./migrate.main.${extension}`, import.meta.url));
  const env = { ...process.env, PARLEY_MIGRATION: JSON.stringify(options) };
  return new Promise((resolve, reject) => {
    execFile(process.execPath, [script], { env }, (error, _output, errors) => {
      if (error) reject(new MigrationError(options.schema, errors.trim() || error.message));
      else resolve();
    });
  });
}
