import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { InboxStore } from '../conversation-list/inbox.store.js';
import { ConversationAccess } from '../conversation/conversation-access.js';
import { ConversationStore } from '../conversation/conversation.store.js';
import { ReactionStore } from '../reaction/reaction.store.js';
import { KeptHistory } from '../retention/kept-history.js';
import { idAt } from '../retention/retention.rules.js';
import { forgetUser } from '../user-deleted/user-deleted.consumer.js';
import { HistoryService } from './history.service.js';
import { HistoryStore } from './history.store.js';
import { RemovalStore } from './removal.store.js';
import { APP, type StoreUnderTest, storeUnderTest, tenant } from './store.fixture.js';

describe('history', () => {
  let store: StoreUnderTest;
  let access: ConversationAccess;
  let history: HistoryService;
  let nextUser = 1n;

  beforeAll(async () => {
    store = await storeUnderTest();
    // Users are named by their ids here.
    const directory = { resolve: async (names: { appId: number; username: string }[]) => new Map(names.map((n) => [`${n.appId} ${n.username}`, BigInt(n.username.slice(1))])) };
    access = new ConversationAccess(store.pool, directory as never, new ConversationStore(store.pool));
    history = new HistoryService(access, new HistoryStore(store.pool), new KeptHistory({ of: async () => ({ historyEnabled: true, historyDays: 180 }) } as never), new ReactionStore(store.pool));
  }, 90_000);
  afterAll(() => store?.stop(), 30_000);

  async function pair(): Promise<{ one: bigint; other: bigint; conversationId: bigint }> {
    const [one, other] = [nextUser++, nextUser++];
    return { one, other, conversationId: await store.conversation(one, other) };
  }
  const fetch = (user: bigint, peer: bigint, more: { cursor?: bigint; forward?: boolean; limit?: number } = {}) =>
    history.fetch({
      tenant, username: `u${user}`, conversation: { peer: `u${peer}`, group: false },
      cursor: 0n, forward: false, limit: 20, startMs: 0n, endMs: 0n, contentTypes: [], sender: '', ...more,
    });

  it('gives every message exactly once, in both directions and any page size, while others are being written', async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 60 }), fc.integer({ min: 1, max: 17 }), fc.boolean(), fc.integer({ min: 0, max: 3 }), async (count, limit, forward, writers) => {
        const { one, other, conversationId } = await pair();
        const before = await store.append(conversationId, one, count);
        const seen: bigint[] = [];
        const late: Promise<bigint[]>[] = [];
        for (let cursor = 0n; ; ) {
          for (let i = 0; i < writers && late.length < 12; i++) late.push(store.append(conversationId, i % 2 ? one : other, 2));
          const page = await fetch(other, one, { cursor, forward, limit });
          seen.push(...page.messages.map((message) => message.id));
          if (page.isLast) break;
          cursor = page.nextCursor;
        }
        const written = (await Promise.all(late)).flat();
        expect(new Set(seen).size).toBe(seen.length);
        expect(seen).toEqual([...seen].sort((a, b) => (a < b === forward ? -1 : 1)));
        // All that was there before; of the rest what there was at the time.
        expect(seen.filter((id) => before.includes(id))).toHaveLength(before.length);
        for (const id of seen) expect(before.includes(id) || written.includes(id)).toBe(true);
      }),
      { numRuns: 25 },
    );
  }, 120_000);

  it('reads over a great many receipts in bounded steps, and still shows what lies behind them', async () => {
    const { one, other, conversationId } = await pair();
    const [old] = await store.append(conversationId, one, 1);
    await store.pool.query(
      `INSERT INTO message (app_id, conversation_id, id, seq, sender_id, sender_resource, client_id, audience, body_type, meta)
       SELECT $1, $2, $3::bigint + n, 1 + n, $4, 'web', 0, 0, 80, '' FROM generate_series(1, 5000) n`,
      [APP, conversationId, old, other],
    );
    const first = await fetch(one, other);
    expect(first).toMatchObject({ messages: [], isLast: false });
    let page = first;
    for (let i = 0; i < 3 && !page.isLast; i++) page = await fetch(one, other, { cursor: page.nextCursor });
    expect(page.messages.map((message) => message.id)).toEqual([old]);
  });

  it('shows nobody a conversation that is not his, whatever he names', async () => {
    const { one, other, conversationId } = await pair();
    await store.append(conversationId, one, 3);
    const stranger = nextUser++;
    expect((await fetch(stranger, other)).messages).toEqual([]);
    expect((await fetch(stranger, one)).messages).toEqual([]);
    const foreign = await history.fetch({
      tenant: { ...tenant, appId: 8 }, username: `u${one}`, conversation: { peer: `u${other}`, group: false },
      cursor: 0n, forward: false, limit: 20, startMs: 0n, endMs: 0n, contentTypes: [], sender: '',
    });
    expect(foreign.messages).toEqual([]);
    const ids = await store.append(conversationId, one, 1);
    const removal = new RemovalStore(store.pool);
    expect(await removal.find(8, ids[0]!)).toBeUndefined();
    expect(await removal.removeForAll(8, ids[0]!)).toBe(false);
  });

  it('hides only what is in the conversation that was named', async () => {
    const { one, other, conversationId } = await pair();
    const elsewhere = await pair();
    const [mine, foreign] = [(await store.append(conversationId, one, 1))[0]!, (await store.append(elsewhere.conversationId, elsewhere.one, 1))[0]!];
    const own = (await access.find(tenant, { id: one, name: `u${one}` }, { peer: `u${other}`, group: false }))!;
    await new RemovalStore(store.pool).hide(own, [mine, foreign, 5n]);
    const { rows } = await store.pool.query('SELECT id FROM hidden_message WHERE user_id = $1', [one]);
    expect(rows).toEqual([{ id: String(mine) }]);
    expect((await fetch(one, other)).messages).toEqual([]);
    expect((await fetch(other, one)).messages).toHaveLength(1);
  });

  it('does not deliver any more to a device what its user has cleared or hidden', async () => {
    const { one, other, conversationId } = await pair();
    const ids = await store.append(conversationId, one, 5);
    const own = (await access.find(tenant, { id: other, name: `u${other}` }, { peer: `u${one}`, group: false }))!;
    const removal = new RemovalStore(store.pool);
    await removal.hide(own, [ids[3]!]);
    await removal.clear(own, ids[1]!);
    const { rows } = await store.pool.query<{ id: string }>(
      "SELECT id FROM unread_rows($1, $2, 'phone', '{}', '{}', NULL, 100) WHERE meta IS NOT NULL ORDER BY id",
      [APP, other],
    );
    expect(rows.map((row) => BigInt(row.id))).toEqual([ids[2], ids[4]]);
    // and tells the device of as many
    expect((await store.pool.query<{ n: number }>("SELECT n FROM unread_of($1, $2, 'phone', 10)", [APP, other])).rows).toEqual([{ n: 2 }]);
  });

  it('lets two devices together pin no more conversations than are allowed', async () => {
    const one = nextUser++;
    const inbox = new InboxStore(store.pool);
    const pinned = await Promise.all(
      Array.from({ length: 8 }, async () => {
        const other = nextUser++;
        await store.conversation(one, other);
        const own = (await access.find(tenant, { id: one, name: `u${one}` }, { peer: `u${other}`, group: false }))!;
        return inbox.pin(own, 1_000, 5);
      }),
    );
    expect(pinned.filter((time) => time !== undefined)).toHaveLength(5);
  });

  it('forgets a deleted user, and nothing of the one he wrote to', async () => {
    const { one, other, conversationId } = await pair();
    const ids = await store.append(conversationId, one, 3);
    const queue = await store.conversation(0n, one);
    await store.append(queue, 0n, 2_500);
    await store.pool.query("SELECT count(*) FROM unread_of($1, $2, 'web', 10)", [APP, one]);
    const own = (await access.find(tenant, { id: one, name: `u${one}` }, { peer: `u${other}`, group: false }))!;
    await new RemovalStore(store.pool).hide(own, [ids[0]!]);
    await new InboxStore(store.pool).mark(own, 3);
    await forgetUser(store.pool, APP, one);
    await forgetUser(store.pool, APP, one);
    for (const table of ['device', 'device_cursor', 'inbox', 'hidden_message']) {
      expect((await store.pool.query(`SELECT 1 FROM ${table} WHERE app_id = $1 AND user_id = $2`, [APP, one])).rows).toEqual([]);
    }
    expect((await store.pool.query('SELECT 1 FROM message WHERE app_id = $1 AND conversation_id = $2', [APP, queue])).rows).toEqual([]);
    expect((await fetch(other, one)).messages.map((message) => message.id)).toEqual([...ids].reverse());
  });

  it('knows a moment by the same id as the store', async () => {
    const { rows } = await store.pool.query<{ id: string }>("SELECT id_at('2026-03-01 12:00:00Z') AS id");
    expect(idAt(Date.parse('2026-03-01T12:00:00Z'))).toBe(BigInt(rows[0]!.id));
  });
});
