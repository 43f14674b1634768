import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Pool } from '@parley/db';
import { schema } from '@parley/msync';
import { type StoreUnderTest, storeUnderTest, tenant } from '../history/store.fixture.js';
import type { OnlineOnly } from '../send/live-delivery.js';
import { StreamService } from './stream.service.js';
import { StreamStore } from './stream.store.js';

const [bot, ann] = [{ id: 1n, name: 'bot' }, { id: 2n, name: 'ann' }];
let store: StoreUnderTest;
let pool: Pool;
let streams: StreamService;
const told: OnlineOnly[] = [];

beforeAll(async () => {
  store = await storeUnderTest();
  ({ pool } = store);
  streams = new StreamService(
    new StreamStore(pool),
    { resolve: async () => new Map([['7 bot', bot.id], ['7 ann', ann.id]]) } as never,
    { ofPairs: async () => [(await pool.query<{ id: string }>("SELECT conversations_of('{7}', '{1}', '{2}', '{bot}', '{ann}') AS id")).rows[0]!.id].map(BigInt), namedSender: async () => 0n } as never,
    { send: async ({ items }) => ({ results: [{ error: '', errorDetail: '', serverId: await stored(items[0]!.payload, items[0]!.clientId), timestampMs: 0n, metas: [] }] }) },
    { publishOnlineOnly: (one) => void told.push(one) },
  );
}, 60_000);
afterAll(() => store?.stop(), 30_000);

/** The first chunk as the send behaviour stores it. */
async function stored(payload: Uint8Array, clientId: bigint): Promise<bigint> {
  const { rows } = await pool.query<{ id: string }>(
    `SELECT id FROM append_messages('{7}', ARRAY[(SELECT conversation_id FROM conversation)], '{1}', '{""}', ARRAY[$1::bigint], '{1}', '{16}', '{NULL}', ARRAY[$2::bytea], '7 days')`,
    [BigInt.asIntN(64, clientId), Buffer.from(payload)],
  );
  return BigInt(rows[0]!.id);
}
const chunk = (seq: number, text: string, more: object = {}) =>
  streams.append({ tenant, from: 'bot', to: 'ann', seq: BigInt(seq), text, finish: false, finishReason: 0, messageId: 0n, textType: 'text', ext: [], clientId: BigInt(Math.floor(Math.random() * 1e15)), ...more });
const bodyIn = (meta: Uint8Array) => schema.fromBinary(schema.MessageBodySchema, schema.fromBinary(schema.MetaSchema, meta).payload);
const inTimeline = async (id: bigint) => bodyIn((await pool.query<{ meta: Buffer }>('SELECT meta FROM message WHERE id = $1', [id])).rows[0]!.meta);
const code = (expected: string) => expect.objectContaining({ code: expected });

describe('a streamed text', () => {
  it('stands whole in the timeline after each chunk', async () => {
    const { messageId } = await chunk(0, 'Once ');
    await chunk(1, 'upon ', { messageId });
    expect(await inTimeline(messageId)).toMatchObject({ contents: [{ text: 'Once upon ' }], stream: { streamStatus: 3, streamSeq: 1n } });
    await chunk(2, 'a time', { messageId, finish: true, finishReason: 9 });
    expect(await inTimeline(messageId)).toMatchObject({ contents: [{ text: 'Once upon a time' }], stream: { streamStatus: 3, streamFinishReason: 9 } });
    expect(told.filter((one) => one.id === messageId).map((one) => [bodyIn(one.meta).contents[0]!.text, bodyIn(one.meta).stream!.streamStatus])).toEqual([
      ['Once ', 0],
      ['upon ', 1],
      ['a time', 2],
    ]);
  });

  it('takes one of two chunks with the same number', async () => {
    const { messageId } = await chunk(0, 'a');
    const both = await Promise.allSettled([chunk(1, 'b', { messageId }), chunk(1, 'b', { messageId })]);
    expect(both.map((one) => one.status).sort()).toEqual(['fulfilled', 'rejected']);
    expect((await inTimeline(messageId)).contents[0]!.text).toBe('ab');
  });

  it.each([
    ["last_at = now() - interval '31 seconds'", 512, 'stream_interval_timeout'],
    ["started_at = now() - interval '31 minutes'", 513, 'stream_timeout'],
  ])('is ended when its time is over: %s', async (change, error, refusal) => {
    const { messageId } = await chunk(0, 'half');
    await pool.query(`UPDATE stream_message SET ${change} WHERE message_id = $1`, [messageId]);
    await streams.endOverdue();
    expect(await inTimeline(messageId)).toMatchObject({ contents: [{ text: 'half' }], stream: { streamError: error } });
    expect(bodyIn(told.at(-1)!.meta)).toMatchObject({ contents: [{ text: '' }], stream: { streamStatus: 2, streamError: error } });
    await expect(chunk(1, 'more', { messageId })).rejects.toEqual(code(refusal));
  });

  it('goes on nowhere after its message was recalled', async () => {
    const { messageId } = await chunk(0, 'secret');
    await pool.query("UPDATE message SET state = 1, meta = '' WHERE id = $1", [messageId]);
    await expect(chunk(1, 'more', { messageId })).rejects.toEqual(code('stream_not_found'));
    expect((await pool.query('SELECT length(meta) AS n FROM message WHERE id = $1', [messageId])).rows[0].n).toBe(0);
  });

  it('is of one app alone', async () => {
    const { messageId } = await chunk(0, 'mine');
    await expect(chunk(1, 'yours', { messageId, tenant: { ...tenant, appId: 8 } })).rejects.toEqual(code('stream_not_found'));
  });
});
