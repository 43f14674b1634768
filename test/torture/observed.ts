import type { RunningPlatform, TestUser } from '@parley/testkit';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { schema } from '@parley/msync';
import pg from 'pg';
import type { HistoryView, StoredRow } from './checker.js';

const { fromBinary, MessageBodySchema, MetaSchema } = schema;
const PAGE = 50;

/** The timeline of two users, read from PostgreSQL itself. */
export async function storedRows(platform: RunningPlatform, pair: readonly [string, string]): Promise<StoredRow[]> {
  const db = new pg.Client(databaseUrl(platform.home));
  await db.connect();
  try {
    const { rows } = await db.query<{ id: string; seq: string; state: number; type: number; key: string; content: boolean }>(
      `SELECT m.id, m.seq, m.state, m.body_type >> 4 AS type, concat_ws(' ', m.sender_id, m.sender_resource, m.client_id) AS key, message.is_content(m.body_type) AS content
         FROM message.message m
         JOIN message.conversation c ON c.app_id = m.app_id AND c.conversation_id = m.conversation_id
        WHERE least(c.name_a, c.name_b) = least($1::text, $2::text) AND greatest(c.name_a, c.name_b) = greatest($1::text, $2::text)
        ORDER BY m.seq`,
      [...pair],
    );
    return rows.map((row) => ({ seq: BigInt(row.seq), id: BigInt(row.id), state: row.state, type: row.type, senderKey: row.key, isMessage: row.content }));
  } finally {
    await db.end();
  }
}

function databaseUrl(home: string): string {
  const { postgresPort } = JSON.parse(readFileSync(join(home, 'state.json'), 'utf8')) as { postgresPort: number };
  const password = readFileSync(join(home, 'postgres.password'), 'utf8').trim();
  return `postgres://postgres:${password}@127.0.0.1:${postgresPort}/parley`;
}

/** The whole history of a conversation as a new client of the user fetches it. */
export async function fetchedHistory(platform: RunningPlatform, user: TestUser, peer: string): Promise<HistoryView> {
  const token = await platform.rest.userToken(user.username, user.password);
  const messages = new Map<bigint, string>();
  let start: string | number = -1;
  for (;;) {
    const body = { queue: `${peer}@easemob.com`, start, pull_number: PAGE, is_positive: false, msgType: '', end: -1, startTime: null, endTime: null, userId: null };
    const answer = await platform.rest.call('POST', `/users/${user.username}/messageroaming`, { token, body });
    if (answer.status !== 200) throw new Error(`no history: ${answer.status} ${JSON.stringify(answer.body)}`);
    const { msgs, next_key: next, is_last: isLast } = answer.body.data as { msgs: { msg: string }[]; next_key: string; is_last: boolean };
    for (const { msg } of msgs) {
      const meta = fromBinary(MetaSchema, Buffer.from(msg, 'base64'));
      messages.set(meta.id, fromBinary(MessageBodySchema, meta.payload).contents[0]?.text ?? '');
    }
    if (isLast || msgs.length === 0) return { user: user.username, messages };
    start = next;
  }
}
