import type { Platform, TestUser } from '@parley/testkit';
import { schema } from '@parley/msync';
import pg from 'pg';
import type { StoredRow } from './checker.js';
import type { HistoryView } from './history.check.js';
import type { Entry } from './list.check.js';

const { fromBinary, MessageBodySchema, MetaSchema } = schema;
const PAGE = 50;

/** The timeline of two users, read from PostgreSQL itself. */
export async function storedRows(databaseUrl: string, pair: readonly [string, string]): Promise<StoredRow[]> {
  const db = new pg.Client(databaseUrl);
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

/** The whole history of a conversation as a new client of the user fetches it. */
export async function fetchedHistory(platform: Platform, user: TestUser, peer: string): Promise<HistoryView> {
  const token = await platform.rest.userToken(user.username, user.password);
  const messages: { id: bigint; text: string }[] = [];
  let start: string | number = -1;
  for (;;) {
    const body = { queue: `${peer}@easemob.com`, start, pull_number: PAGE, is_positive: false, msgType: '', end: -1, startTime: null, endTime: null, userId: null };
    const answer = await platform.rest.call('POST', `/users/${user.username}/messageroaming`, { token, body });
    if (answer.status !== 200) throw new Error(`no history: ${answer.status} ${JSON.stringify(answer.body)}`);
    const { msgs, next_key: next, is_last: isLast } = answer.body.data as { msgs: { msg: string }[]; next_key: string; is_last: boolean };
    for (const { msg } of msgs) {
      const meta = fromBinary(MetaSchema, Buffer.from(msg, 'base64'));
      messages.push({ id: meta.id, text: fromBinary(MessageBodySchema, meta.payload).contents[0]?.text ?? '' });
    }
    if (isLast || msgs.length === 0) return { user: user.username, messages };
    start = next;
  }
}

/** The list of conversations as the server gives it to a client of the user. */
export async function fetchedList(platform: Platform, user: TestUser): Promise<Entry[]> {
  const token = await platform.rest.userToken(user.username, user.password);
  const answer = await platform.rest.call('GET', `/sdk/user/${user.username}/user_channels/list?limit=20`, { token });
  if (answer.status !== 200) throw new Error(`no list: ${answer.status} ${JSON.stringify(answer.body)}`);
  const { channel_infos: entries } = answer.body.data as { channel_infos: { session_to: string; unread_num: number; meta: { id?: string } }[] };
  return entries.map(({ session_to: peer, unread_num: unread, meta }) => ({ peer, unread, lastId: meta.id === undefined ? undefined : BigInt(meta.id) }));
}
