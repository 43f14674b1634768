import { createPool, migrate, type Pool } from '@parley/db';
import { freePort, startPostgres } from '@parley/embedded';
import { encodeMetaBody, NameSpace, restMessageToBody } from '@parley/msync';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const APP = 7;
export const tenant = { appId: APP, appUuid: '00000000-0000-0000-0000-000000000007', org: 'org', app: 'app' };

/** A store of its own on a real PostgreSQL, with the service's schema. */
export interface StoreUnderTest {
  readonly pool: Pool;
  /** The conversation of two users, named by their ids. */
  conversation(one: bigint, other: bigint): Promise<bigint>;
  /** Appends texts as the service does, and answers their ids. */
  append(conversationId: bigint, sender: bigint, count: number): Promise<bigint[]>;
  stop(): Promise<void>;
}

export async function storeUnderTest(): Promise<StoreUnderTest> {
  const folder = mkdtempSync(join(tmpdir(), 'parley-history-spec-'));
  const postgres = await startPostgres({ dataFolder: join(folder, 'pg'), port: await freePort(), fsync: false, log: () => undefined });
  const url = `${postgres.url.replace(/\/[^/]*$/, '')}/parley`;
  await migrate({ url, schema: 'message', folder: fileURLToPath(new URL('../../prisma/migrations', import.meta.url)) });
  const pool = createPool({ url, schema: 'message', max: 6 });
  await pool.query("SELECT ensure_message_partitions(now() - interval '1 day', 5)");
  let nextClientId = 1n;
  return {
    pool,
    conversation: async (one, other) => {
      const [a, b] = one <= other ? [one, other] : [other, one];
      const { rows } = await pool.query<{ id: string }>('SELECT id FROM conversations_of($1::integer[], $2::bigint[], $3::bigint[], $4::text[], $5::text[]) AS id', [
        [APP], [a], [b], [`u${a}`], [`u${b}`],
      ]);
      return BigInt(rows[0]!.id);
    },
    append: async (conversationId, sender, count) => {
      const all = <T>(value: T) => Array.from({ length: count }, () => value);
      const { rows } = await pool.query<{ id: string }>(
        `SELECT id FROM append_messages($1::integer[], $2::bigint[], $3::bigint[], $4::text[], $5::bigint[], $6::smallint[], $7::smallint[],
           $8::text[], $9::bytea[], interval '7 days') ORDER BY ord`,
        [all(APP), all(conversationId), all(sender), all('web'), all(0).map(() => nextClientId++), all(0), all(16), all(null), all(meta)],
      );
      return rows.map((row) => BigInt(row.id));
    },
    stop: async () => {
      await pool.end();
      await postgres.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

const jid = (name: string) => ({ appKey: 'org#app', name, domain: 'easemob.com', clientResource: '' });
/** A text, as it is stored. */
export const meta = encodeMetaBody({
  from: jid('u1'),
  to: jid('u2'),
  ns: NameSpace.CHAT,
  payload: restMessageToBody({ type: 'txt', body: { msg: 'hello' }, from: 'u1', to: 'u2' }),
  ext: [],
});
