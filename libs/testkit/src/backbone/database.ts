import { createPool, migrate, type Pool } from '@parley/db';
import { freePort, startPostgres } from '@parley/embedded';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const NAME = 'parley';
/** A spec fills its tables with more in one statement than any service writes. */
const FILLED_WITHIN_MS = 3_600_000;

/** A PostgreSQL of a spec's own, in a folder that goes with it. */
export class Database {
  readonly #opened = new AsyncDisposableStack();

  private constructor(readonly url: string) {}

  static async start(): Promise<Database> {
    const folder = mkdtempSync(join(tmpdir(), 'parley-spec-postgres-'));
    const server = await startPostgres({ dataFolder: join(folder, 'data'), port: await freePort(), fsync: false, log: () => undefined });
    const database = new Database(new URL(`/${NAME}`, server.url).href);
    database.#opened.defer(() => rmSync(folder, { recursive: true, force: true }));
    database.#opened.defer(() => server.stop());
    return database;
  }

  /** A pool on a service's schema; it ends with the server. */
  pool(schema: string, { max = 2, name = NAME }: { max?: number; name?: string } = {}): Pool {
    return this.#opened.adopt(createPool({ url: this.urlOf(name), schema, max, silentTooLongMs: FILLED_WITHIN_MS }), (pool) => pool.end());
  }

  /** The same, with the migrations of that folder applied. */
  async migrated(schema: string, folder: string, { max }: { max?: number } = {}): Promise<Pool> {
    await migrate({ url: this.url, schema, folder });
    return this.pool(schema, { max });
  }

  /** Another database on the same server; who migrates it makes it. */
  urlOf(name: string): string {
    return new URL(`/${name}`, this.url).href;
  }

  stop(): Promise<void> {
    return this.#opened.disposeAsync();
  }
}
