import type { Pool } from '@parley/db';
import { encodeMetaBody, NameSpace, restMessageToBody, userJid } from '@parley/msync';
import { Database, tenantOf } from '@parley/testkit';
import { fileURLToPath } from 'node:url';

export const APP = 7;
export const tenant = tenantOf(APP);

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
  const database = await Database.start();
  const pool = await database.migrated('message', fileURLToPath(new URL('../../prisma/migrations', import.meta.url)), { max: 6 });
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
    stop: () => database.stop(),
  };
}

const jid = (name: string) => userJid(`${tenant.org}#${tenant.app}`, name);
/** A text, as it is stored. */
export const meta = encodeMetaBody({
  from: jid('u1'),
  to: jid('u2'),
  ns: NameSpace.CHAT,
  payload: restMessageToBody({ type: 'txt', body: { msg: 'hello' }, from: 'u1', to: 'u2' }),
  ext: [],
});
