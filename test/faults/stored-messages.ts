import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import pg from 'pg';
import type { RunningPlatform } from '@parley/testkit';

/** Server ids of what two users said to each other, in the store's order, read from PostgreSQL itself. */
export async function storedIds(platform: RunningPlatform, names: readonly [string, string]): Promise<bigint[]> {
  const db = new pg.Client(databaseUrl(platform.home));
  await db.connect();
  try {
    const { rows } = await db.query<{ id: string; seq: string }>(
      `SELECT m.id, m.seq FROM message.message m
         JOIN message.conversation c ON c.app_id = m.app_id AND c.conversation_id = m.conversation_id
        WHERE least(c.name_a, c.name_b) = least($1::text, $2::text) AND greatest(c.name_a, c.name_b) = greatest($1::text, $2::text)
        ORDER BY m.seq`,
      [...names],
    );
    rows.forEach((row, index) => {
      if (BigInt(row.seq) !== BigInt(index + 1)) throw new Error(`position ${index + 1} of the timeline has the number ${row.seq}`);
    });
    return rows.map((row) => BigInt(row.id));
  } finally {
    await db.end();
  }
}

function databaseUrl(home: string): string {
  const { postgresPort } = JSON.parse(readFileSync(join(home, 'state.json'), 'utf8')) as { postgresPort: number };
  const password = readFileSync(join(home, 'postgres.password'), 'utf8').trim();
  return `postgres://postgres:${password}@127.0.0.1:${postgresPort}/parley`;
}
