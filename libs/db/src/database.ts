import pg from 'pg';

const RETRY_MS = 250;
/** PostgreSQL may still be starting, or recovering after a crash. */
const PATIENCE_MS = 60_000;

const NO_SUCH_DATABASE = '3D000';
/** What a concurrent CREATE of the same thing ends with: it exists now, which is what was wanted. */
const EXISTS_NOW = new Set(['42P04', '42P06', '23505']);
const TEMPLATE_BUSY = '55006';
const STARTING_OR_STOPPING = new Set(['57P03', '57P01', '57P02', 'ECONNREFUSED', 'ECONNRESET', 'ETIMEDOUT']);

/**
 * Connects to the URL's database with the schema as search path, creating both if they are missing. Waits for a server
 * that is still starting. Safe to call from several processes at once. The caller ends the client.
 */
export async function connectCreating(url: string, schema: string): Promise<pg.Client> {
  const client = await waitingForServer(async () => {
    try {
      return await open(url, schema);
    } catch (error) {
      if (codeOf(error) !== NO_SUCH_DATABASE) throw error;
      await createDatabase(url);
      return open(url, schema);
    }
  });
  await unlessExists(client.query(`CREATE SCHEMA IF NOT EXISTS ${pg.escapeIdentifier(schema)}`));
  return client;
}

async function createDatabase(url: string): Promise<void> {
  const server = new URL(url);
  const name = decodeURIComponent(server.pathname.slice(1));
  server.pathname = '/postgres';
  const client = await open(server.href, 'public');
  try {
    await unlessExists(client.query(`CREATE DATABASE ${pg.escapeIdentifier(name)}`));
  } finally {
    await client.end();
  }
}

async function open(url: string, schema: string): Promise<pg.Client> {
  const client = new pg.Client({ connectionString: url, options: `-c search_path=${schema}`, application_name: 'parley-migrate' });
  client.on('error', () => undefined); // the query at work, or the next one, reports it
  await client.connect();
  return client;
}

async function unlessExists(creating: Promise<unknown>): Promise<void> {
  try {
    await creating;
  } catch (error) {
    if (!EXISTS_NOW.has(codeOf(error))) throw error;
  }
}

async function waitingForServer<T>(attempt: () => Promise<T>): Promise<T> {
  const deadline = Date.now() + PATIENCE_MS;
  for (;;) {
    try {
      return await attempt();
    } catch (error) {
      const code = codeOf(error);
      if (Date.now() > deadline || !(STARTING_OR_STOPPING.has(code) || code === TEMPLATE_BUSY)) throw error;
      await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
    }
  }
}

export function codeOf(error: unknown): string {
  return String((error as { code?: unknown } | undefined)?.code ?? '');
}
