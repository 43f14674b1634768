import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { broadcasts, type Bus, requests } from '@parley/bus';
import { type live, message, type policy } from '@parley/contracts';
import type { Pool } from '@parley/db';
import { client, schema } from '@parley/msync';
import { Backbone, tenantOf } from '@parley/testkit';
import * as messageService from './start.js';

const tenant = tenantOf(7);
const users: Record<string, bigint> = { alice: 1n, bob: 2n, carol: 3n, dave: 4n, erin: 5n };

/** What the user service says of whom: nothing but what a test puts here. */
const said = new Map<string, Partial<policy.PolicyAnswer>>();
const policyOf = ({ senderId, recipientId }: policy.PolicyQuestion): policy.PolicyAnswer => ({
  blocked: false,
  contact: false,
  chatMutedUntilMs: 0n,
  groupMutedUntilMs: 0n,
  roomMutedUntilMs: 0n,
  ...said.get(`${senderId} ${recipientId}`),
});

describe('the message service', () => {
  let backbone: Backbone;
  let bus: Bus;
  let pool: Pool;
  let nextClientId = 1n;

  beforeAll(async () => {
    backbone = await Backbone.start();
    ({ bus } = backbone);
    bus.serve(requests.resolveUsers, async ({ names }) => ({ userIds: names.map((n) => users[n.username] ?? 0n) }));
    bus.serve(requests.userPolicy, async ({ questions }) => ({ answers: questions.map(policyOf) }));
    await backbone.settings(() => ({}));
    // Two replicas: whatever holds for one must hold for both.
    await backbone.service(messageService);
    await backbone.service(messageService);
    pool = backbone.database.pool('message');
  }, 90_000);
  afterAll(() => backbone?.stop(), 30_000);

  const item = (from: string, to: string, more: Partial<message.SendItem> = {}): message.SendItem => ({
    tenant,
    senderId: users[from] ?? 0n,
    sender: from,
    senderResource: 'web',
    clientId: nextClientId++,
    to,
    toResource: '',
    ns: 1,
    payload: Buffer.from(client.textBody({ from, to, text: 'hello' })),
    ext: [],
    route: message.Route.ROUTE_UNSPECIFIED,
    recipientOnly: false,
    ignoreUnknownRecipient: false,
    traceparent: '',
    notInHistory: false,
    ...more,
  });
  const send = async (...items: message.SendItem[]) => (await bus.request(requests.send, { items })).results;
  const unread = async (user: string, resource = 'web') =>
    (await bus.request(requests.unread, { devices: [{ appId: tenant.appId, userId: users[user]!, resource }] })).devices[0]!.queues;
  const pullAll = (user: string, more: Partial<message.PullRequest> = {}) =>
    bus.request(requests.pull, { tenant, userId: users[user]!, resource: 'web', limit: 200, read: [], only: [], ...more });
  /** The rows of one queue, those without a copy for this device left out. */
  const pull = async (user: string, peer: string, more: Partial<message.PullRequest> = {}) =>
    (await pullAll(user, more)).rows.filter((row) => row.peer === peer && row.meta !== undefined);

  it('gives a message an id, keeps it, and counts it as unread for the other side only', async () => {
    const [result] = await send(item('alice', 'bob'));
    expect(result).toMatchObject({ error: '' });
    expect(result!.serverId).toBeGreaterThan(0n);
    expect(await unread('bob')).toEqual([expect.objectContaining({ peer: 'alice', count: 1 })]);
    expect(await unread('alice')).toEqual([]);
    expect((await pull('bob', 'alice')).map((row) => row.id)).toEqual([result!.serverId]);
  });

  it('answers a repeated send with the first id, through whichever replica, and keeps one row', async () => {
    const again = item('alice', 'bob');
    const tries = await Promise.all(Array.from({ length: 10 }, () => send(again)));
    const ids = new Set(tries.map(([result]) => result!.serverId));
    expect(ids.size).toBe(1);
    const { rows } = await pool.query('SELECT count(*)::int AS n FROM message WHERE client_id = $1', [again.clientId]);
    expect(rows).toEqual([{ n: 1 }]);
  });

  it('keeps positions dense and ids growing along each conversation, however many write at once', async () => {
    const pairs = [
      ['alice', 'bob'],
      ['bob', 'alice'],
      ['alice', 'carol'],
      ['carol', 'bob'],
    ] as const;
    await Promise.all(
      Array.from({ length: 40 }, (_, i) => send(...pairs.map(([from, to]) => item(from, to, { senderResource: `d${i}` })))),
    );
    const { rows } = await pool.query<{ wrong: number }>(
      `SELECT count(*)::int AS wrong FROM (
         SELECT seq - lag(seq, 1, 0::bigint) OVER w AS step, id > lag(id, 1, 0::bigint) OVER w AS grows
         FROM message WINDOW w AS (PARTITION BY app_id, conversation_id ORDER BY seq)) s WHERE step <> 1 OR NOT grows`,
    );
    expect(rows).toEqual([{ wrong: 0 }]);
    const { rows: heads } = await pool.query<{ n: number }>(
      `SELECT count(*)::int AS n FROM conversation c
       WHERE last_seq <> (SELECT max(seq) FROM message m WHERE m.app_id = c.app_id AND m.conversation_id = c.conversation_id)`,
    );
    expect(heads).toEqual([{ n: 0 }]);
  });

  it('keeps the order of one request', async () => {
    const items = Array.from({ length: 50 }, () => item('carol', 'alice', { senderResource: 'order' }));
    const ids = (await send(...items)).map((result) => result.serverId);
    expect(ids).toEqual([...ids].sort((a, b) => (a < b ? -1 : 1)));
  });

  it('tells both sides live, with positions that follow each other', async () => {
    const seen: live.LiveMeta[] = [];
    const subscription = bus.subscribeLive(tenant.appId, users['bob']!, (envelope) => seen.push(...envelope.metas));
    await bus.flush();
    const results = await send(item('alice', 'bob'), item('alice', 'bob'));
    await bus.flush();
    expect(seen.map((meta) => meta.id)).toEqual(results.map((result) => result.serverId));
    expect(seen[1]!.seq).toBe(seen[0]!.seq + 1n);
    expect(seen[0]!.peer).toBe('alice');
    subscription.unsubscribe();
  });

  it('sends online-only messages on without keeping them', async () => {
    const seen: live.LiveMeta[] = [];
    const subscription = bus.subscribeLive(tenant.appId, users['bob']!, (envelope) => seen.push(...envelope.metas));
    await bus.flush();
    const { rows: before } = await pool.query('SELECT count(*) FROM message');
    const [result] = await send(item('alice', 'bob', { route: message.Route.ROUTE_ONLINE }));
    await bus.flush();
    expect(seen).toEqual([expect.objectContaining({ id: result!.serverId, seq: 0n })]);
    expect((await pool.query('SELECT count(*) FROM message')).rows).toEqual(before);
    subscription.unsubscribe();
  });

  it('moves a cursor forward only, and a new device starts at the furthest one', async () => {
    await send(item('bob', 'carol'), item('bob', 'carol'));
    const page = await pull('carol', 'bob', { resource: 'phone' });
    const [first, last] = [page[0]!, page.at(-1)!];
    await unread('carol', 'phone');
    const move = (id: bigint, seq: bigint) =>
      bus.request(requests.moveCursors, {
        moves: [{ appId: tenant.appId, userId: users['carol']!, resource: 'phone', conversationId: first.conversationId, id, seq }],
      });
    await move(last.id, last.seq);
    await move(first.id, first.seq);
    expect((await unread('carol', 'phone')).find((queue) => queue.peer === 'bob')).toBeUndefined();
    expect((await unread('carol', 'tablet')).find((queue) => queue.peer === 'bob')).toBeUndefined();
  });

  it('gives copies to the sender\'s other devices, and none where the recipient alone is meant', async () => {
    await unread('alice', 'tablet');
    const [copied] = await send(item('alice', 'carol'));
    const [hidden] = await send(item('alice', 'carol', { recipientOnly: true }));
    const ids = (await pull('alice', 'carol', { resource: 'tablet' })).map((row) => row.id);
    expect(ids).toContain(copied!.serverId);
    expect(ids).not.toContain(hidden!.serverId);
    expect((await pull('alice', 'carol')).map((row) => row.id)).not.toContain(copied!.serverId);
  });

  it('refuses unknown recipients, or answers and keeps nothing where REST asks so', async () => {
    expect(await send(item('alice', 'nobody'))).toEqual([expect.objectContaining({ error: 'recipient_not_found', errorDetail: 'nobody' })]);
    const [result] = await send(item('alice', 'nobody', { ignoreUnknownRecipient: true }));
    expect(result).toMatchObject({ error: '' });
    const { rows } = await pool.query("SELECT 1 FROM conversation WHERE 'nobody' IN (name_a, name_b)");
    expect(rows).toEqual([]);
  });

  it('lets a sender that is only a name write, and its reader acknowledge', async () => {
    const [sent] = await send(item('admin', 'bob', { senderId: 0n, senderResource: '' }));
    expect((await unread('bob')).map((queue) => queue.peer)).toContain('admin');
    const payload = Buffer.from(client.textBody({ from: 'bob', to: 'admin', text: '' }));
    const receipt = Buffer.from(payload);
    receipt[receipt.indexOf(0x08) + 1] = 5;
    expect(sent!.error).toBe('');
    expect(await send(item('bob', 'admin', { payload: receipt }))).toEqual([expect.objectContaining({ error: '' })]);
    expect(await send(item('bob', 'admin'))).toEqual([expect.objectContaining({ error: 'recipient_not_found' })]);
  });

  it('shows nobody a conversation that is not his', async () => {
    const { conversationId } = (await pullAll('bob', { resource: 'fresh' })).rows.find((row) => row.peer === 'alice')!;
    expect((await pullAll('carol', { only: [conversationId] })).rows).toEqual([]);
    expect((await pullAll('bob', { tenant: { ...tenant, appId: 8 }, only: [conversationId] })).rows).toEqual([]);
  });

  it('reads all queues of a device in one order, from where the reader is', async () => {
    for (let i = 0; i < 5; i++) await send(item('alice', 'carol'), item('bob', 'carol'), item('bob', 'carol'));
    const rows = async (more: Partial<message.PullRequest>) => (await pullAll('carol', { resource: 'reader', ...more })).rows;
    const ids = (all: readonly message.TimelineRow[]) => all.map((row) => row.id);
    const all = await rows({});
    expect(new Set(all.map((row) => row.peer)).size).toBeGreaterThan(1);
    expect(ids(all)).toEqual(ids(all).toSorted((a, b) => (a < b ? -1 : 1)));
    const pages: bigint[] = [];
    const read = new Map<bigint, bigint>();
    for (let more = true; more; ) {
      const page = await pullAll('carol', { resource: 'reader', limit: 7, read: [...read].map(([conversationId, id]) => ({ conversationId, id })) });
      for (const row of page.rows) read.set(row.conversationId, row.id);
      pages.push(...ids(page.rows));
      more = page.hasMore;
    }
    expect(pages).toEqual(ids(all));
  });

  it('uses indexes for what runs with every message', async () => {
    await pool.query('ANALYZE');
    const plan = async (sql: string) => {
      const { rows } = await pool.query<{ 'QUERY PLAN': string }>(`EXPLAIN ${sql}`);
      return rows.map((row) => row['QUERY PLAN']).join('\n');
    };
    await pool.query('SET enable_seqscan = on');
    expect(await plan('SELECT id FROM message WHERE app_id = 7 AND conversation_id = 1 AND id > 0 ORDER BY id LIMIT 100')).toContain('Index');
    expect(await plan('SELECT id FROM message WHERE app_id = 7 AND conversation_id = 1 AND client_id = 5')).toContain('Index');
  });

  describe('between users whom policy parts', () => {
    const DAVE = users['dave']!;
    const ERIN = users['erin']!;
    const readAck = schema.create(schema.MessageBodySchema, { type: 4, from: { name: 'dave' }, to: { name: 'erin' }, ackMessageId: 1n });
    const receipt = () => item('dave', 'erin', { payload: Buffer.from(schema.toBinary(schema.MessageBodySchema, readAck)) });
    async function given(senderId: bigint, recipientId: bigint, answer: Partial<policy.PolicyAnswer>): Promise<void> {
      said.set(`${senderId} ${recipientId}`, answer);
      bus.broadcast(broadcasts.policyChanged, { questions: [{ appId: tenant.appId, senderId, recipientId }] });
      await bus.flush();
    }

    it.each([
      ['blocked', 'erin has blocked dave', () => given(DAVE, ERIN, { blocked: true }), () => given(DAVE, ERIN, {})],
      ['sender_muted', 'dave is muted', () => given(DAVE, 0n, { chatMutedUntilMs: -1n }), () => given(DAVE, 0n, { chatMutedUntilMs: 1n })],
    ])('refuses with %s what dave says when %s, and nothing before or after', async (error, _, begin, end) => {
      expect(await send(item('dave', 'erin'))).toMatchObject([{ error: '' }]);
      await begin();
      const conversations = (await pull('erin', 'dave')).length;
      expect(await send(item('dave', 'erin'), item('erin', 'dave'))).toMatchObject([{ error, serverId: 0n }, { error: '' }]);
      expect(await send(item('dave', 'erin', { route: message.Route.ROUTE_ONLINE }))).toMatchObject([{ error }]);
      expect(await pull('erin', 'dave')).toHaveLength(conversations);
      expect(await send(item('dave', 'erin', { senderResource: '' }), receipt())).toMatchObject([{ error: '' }, { error: '' }]);
      await end();
      expect(await send(item('dave', 'erin'))).toMatchObject([{ error: '' }]);
    });
  });
});
