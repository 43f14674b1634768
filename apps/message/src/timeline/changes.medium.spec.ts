import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { broadcasts, type Bus, eventSubjects, requests } from '@parley/bus';
import { edit, message, messageChanges, reaction, recall } from '@parley/contracts';
import type { Pool } from '@parley/db';
import { BodyType, client, editBody, readBodyParts, readMetaParts, recallBody, restMessageToBody } from '@parley/msync';
import type { RunningService } from '@parley/rpc';
import { Backbone, eventually, tenantOf } from '@parley/testkit';
import * as messageService from '../start.js';

const [tenant, stranger] = [tenantOf(7), tenantOf(8)];
const users: Record<string, bigint> = { alice: 1n, bob: 2n, carol: 3n };

describe('messages after they were sent', () => {
  let backbone: Backbone;
  let bus: Bus;
  let pool: Pool;
  let services: RunningService[];
  let settings: Record<string, unknown> = {};
  const recalled: messageChanges.MessageRecalled[] = [];
  const expired: messageChanges.MessageExpired[] = [];
  const edited: messageChanges.MessageEdited[] = [];
  let nextClientId = 1n;

  beforeAll(async () => {
    backbone = await Backbone.start();
    ({ bus } = backbone);
    bus.serve(requests.resolveUsers, async ({ names }) => ({ userIds: names.map((n) => users[n.username] ?? 0n) }));
    await backbone.settings(() => settings);
    // Two replicas: what they do at the same time must end as if one had done it.
    const often = { PARLEY_MESSAGE_EXPIRY_SWEEP_MS: '50' };
    services = [await backbone.service(messageService, often), await backbone.service(messageService, often)];
    pool = backbone.database.pool('message');
    await bus.consumeEvents(eventSubjects.messageRecalled, 'spec-recalled', async (event) => void recalled.push(event));
    await bus.consumeEvents(eventSubjects.messageExpired, 'spec-expired', async (event) => void expired.push(event));
    await bus.consumeEvents(eventSubjects.messageEdited, 'spec-edited', async (event) => void edited.push(event));
  }, 90_000);
  afterAll(() => backbone?.stop(), 30_000);

  const item = (from: string, to: string, payload: Uint8Array, more: Partial<message.SendItem> = {}): message.SendItem => ({
    ...message.SendItem.fromPartial({}),
    tenant,
    senderId: users[from] ?? 0n,
    sender: from,
    senderResource: '',
    clientId: nextClientId++,
    to,
    ns: 1,
    payload: Buffer.from(payload),
    ...more,
  });
  const send = async (...items: message.SendItem[]) => (await bus.request(requests.send, { items })).results;
  const say = async (text: string, ext: Record<string, unknown> = {}) => {
    const [result] = await send(item('alice', 'bob', restMessageToBody({ type: 'txt', body: { msg: text }, from: 'alice', to: 'bob', ext })));
    expect(result!.error).toBe('');
    return result!.serverId;
  };
  const recallOf = (messageId: bigint, from = 'alice', to = 'bob') => item(from, to, recallBody({ from, to, messageId }));
  const editOf = (messageId: bigint, text: string, from = 'alice', to = 'bob') => {
    const { contents } = readBodyParts(client.textBody({ from, to, text }));
    return item(from, to, editBody({ contents, ext: [], meta: '', from, to, messageId, scope: 1 }));
  };
  const receipt = (type: number, ackId: bigint, from = 'bob', to = 'alice') => {
    const body = Buffer.from(recallBody({ from, to, messageId: ackId }));
    body[1] = type;
    return item(from, to, body);
  };
  const row = async (id: bigint) => (await pool.query<{ state: number; edits: number; meta: Buffer }>('SELECT state, edits, meta FROM message WHERE id = $1', [id])).rows[0]!;
  const textOf = (meta: Buffer) => Buffer.from(readBodyParts(readMetaParts(meta).payload).contents[0]!).toString('utf8');
  const rowsAbout = async (id: bigint, type: number) =>
    (await pool.query<{ state: number }>('SELECT state FROM message WHERE ack_id = $1 AND body_type >> 4 = $2 ORDER BY id', [id, type])).rows;

  describe('a recall', () => {
    it('answers a repetition with the first notice, through whichever replica, and tells once', async () => {
      const id = await say('gone');
      const once = recallOf(id);
      const ids = new Set((await Promise.all(Array.from({ length: 6 }, () => send(once)))).map(([result]) => result!.serverId));
      expect(ids.size).toBe(1);
      expect(await row(id)).toMatchObject({ state: 1, meta: Buffer.alloc(0) });
      expect(await rowsAbout(id, BodyType.RECALL)).toHaveLength(1);
      await eventually(() => recalled.some((event) => event.messageId === id && event.by === 'alice' && event.recipient === 'bob'));
    });

    it('happens once, whoever is faster', async () => {
      const id = await say('twice?');
      const results = await Promise.all([send(recallOf(id)), send(recallOf(id))]);
      expect(results.map(([result]) => result!.error).sort()).toEqual(['', 'recall_message_not_found']);
    });

    it('takes the texts of edits with it, whatever their order', async () => {
      for (let i = 0; i < 5; i++) {
        const id = await say(`secret ${i}`);
        await send(editOf(id, `secret ${i} again`));
        await Promise.all([send(recallOf(id)), send(editOf(id, `secret ${i} still`)), send(receipt(BodyType.READ_ACK, id))]);
        expect(await row(id)).toMatchObject({ state: 1 });
        for (const one of await rowsAbout(id, BodyType.EDIT)) expect(one.state).not.toBe(0);
        const { rows } = await pool.query("SELECT 1 FROM message WHERE position($1::bytea in meta) > 0", [Buffer.from(`secret ${i}`)]);
        expect(rows).toEqual([]);
      }
    });

    it('never reaches another conversation or tenant, nor tells what is there', async () => {
      const id = await say('not yours');
      const refused = await send(
        recallOf(id, 'carol', 'bob'),
        recallOf(id, 'carol', 'alice'),
        { ...recallOf(id), tenant: stranger },
        { ...recallOf(12_345n), tenant: stranger },
        recallOf(id, 'bob', 'alice'),
      );
      expect(refused.map((result) => result.error)).toEqual([...Array(4).fill('recall_message_not_found'), 'recall_not_permitted']);
      const rpc = backbone.client(recall.RecallServiceClient, services[0]!);
      const theirs = { messageId: id, to: 'bob', from: 'alice', force: true, syncDevice: true, extension: '', clientId: 1n };
      expect((await rpc.recall({ tenant: stranger, items: [theirs] })).results).toEqual([{ error: 'recall_message_not_found' }]);
      expect(await row(id)).toMatchObject({ state: 0 });
    });

    it('is refused after the window, and where the app does not want it', async () => {
      const id = await say('late');
      settings = { recallWindowSeconds: 0 };
      bus.broadcast(broadcasts.appChanged, { appId: 7 });
      await eventually(async () => (await send(recallOf(id)))[0]!.error === 'recall_too_late');
      settings = { recallEnabled: false, editEnabled: false };
      bus.broadcast(broadcasts.appChanged, { appId: 7 });
      await eventually(async () => (await send(recallOf(id)))[0]!.error === 'recall_disabled');
      await eventually(async () => (await send(editOf(id, 'x')))[0]!.error === 'edit_unavailable');
      settings = {};
      bus.broadcast(broadcasts.appChanged, { appId: 7 });
      await eventually(async () => (await send(recallOf(id)))[0]!.error === '');
    });
  });

  describe('an edit', () => {
    it('is counted once for each that won; who was in its way is told', async () => {
      const id = await say('version 0');
      const results = (await Promise.all(Array.from({ length: 8 }, (_, i) => send(editOf(id, `version ${i + 1}`))))).flat();
      const won = results.filter((result) => result.error === '');
      expect(won.length).toBeGreaterThan(0);
      expect(results.filter((result) => !['', 'edit_concurrent'].includes(result.error))).toEqual([]);
      const now = await row(id);
      expect(now.edits).toBe(won.length);
      // Of the edits' rows only the newest is there, and it says what the message says.
      expect((await rowsAbout(id, BodyType.EDIT)).map((one) => one.state)).toEqual([...Array(won.length - 1).fill(2), 0]);
      const { rows } = await pool.query<{ meta: Buffer }>('SELECT meta FROM message WHERE ack_id = $1 AND state = 0', [id]);
      expect(textOf(rows[0]!.meta)).toBe(textOf(now.meta));
      await eventually(() => edited.filter((event) => event.messageId === id).length >= won.length);
    });

    it('answers tries of one edit like the first of them, also while that is under way', async () => {
      const id = await say('before');
      const once = editOf(id, 'after');
      const results = (await Promise.all(Array.from({ length: 8 }, () => send(once)))).flat();
      expect(new Set(results.map((result) => result.error))).toEqual(new Set(['']));
      expect(new Set(results.map((result) => result.serverId)).size).toBe(1);
      expect(await row(id)).toMatchObject({ edits: 1 });
    });

    it('answers a repetition like the first, and asks to try again while another edit does not end', async () => {
      const id = await say('once');
      const once = editOf(id, 'edited once');
      const [first] = await send(once);
      const [again] = await send(once);
      expect(again).toEqual(first);
      expect(first!.metas).toHaveLength(1);
      expect(await row(id)).toMatchObject({ edits: 1 });
      const other = await pool.connect();
      await other.query('BEGIN');
      await other.query('SELECT pg_advisory_xact_lock($1)', [id]);
      expect((await send(editOf(id, 'meanwhile')))[0]).toMatchObject({ error: 'unavailable' });
      const rpc = backbone.client(edit.EditServiceClient, services[0]!);
      const request = { tenant, messageId: id, operator: 'alice', body: undefined, ext: [], extChange: edit.ExtChange.EXT_CHANGE_REPLACE, clientId: 1n };
      await expect(rpc.edit(request)).rejects.toMatchObject({ code: 'unavailable' });
      await expect(rpc.edit({ ...request, tenant: stranger })).rejects.toMatchObject({ code: 'edit_message_unavailable' });
      await other.query('ROLLBACK');
      other.release();
      expect((await send(editOf(id, 'now')))[0]).toMatchObject({ error: '' });
    });
  });

  describe('a time to live', () => {
    it('ends in time, once, while both replicas look for it, and never before', async () => {
      const ids = await Promise.all(Array.from({ length: 20 }, (_, i) => say(`short ${i}`, { parley_ttl: 1 })));
      const early = await pool.query('SELECT 1 FROM message WHERE id = ANY($1) AND state <> 0 AND clock_timestamp() < to_timestamp(((id >> 22) + 1577836800000) / 1000.0) + interval \'1 second\'', [ids]);
      expect(early.rows).toEqual([]);
      await eventually(async () => (await pool.query('SELECT 1 FROM message WHERE id = ANY($1) AND state = 3', [ids])).rowCount === 20);
      for (const id of ids) expect(await rowsAbout(id, BodyType.RECALL)).toHaveLength(1);
      expect((await pool.query('SELECT 1 FROM message_expiry WHERE message_id = ANY($1)', [ids])).rows).toEqual([]);
      const { rows } = await pool.query<{ early: boolean }>(
        'SELECT bool_or((n.id >> 22) - (m.id >> 22) < 1000) AS early FROM message m JOIN message n ON n.ack_id = m.id WHERE m.id = ANY($1)',
        [ids],
      );
      expect(rows).toEqual([{ early: false }]);
      await eventually(() => ids.every((id) => expired.some((event) => event.messageId === id)));
    });

    it('begins with the reading of him to whom the message went, not of others', async () => {
      const ext = { parley_ttl: 1, parley_ttl_from: 'read' };
      const id = await say('until read', ext);
      const begun = async () => (await pool.query('SELECT 1 FROM message_expiry WHERE message_id = $1 AND due_at IS NOT NULL', [id])).rowCount === 1;
      await send(receipt(BodyType.READ_ACK, id, 'alice', 'bob'), receipt(BodyType.READ_ACK, id, 'carol', 'alice'), receipt(BodyType.DELIVER_ACK, id));
      expect(await begun()).toBe(false);
      await send(receipt(BodyType.READ_ACK, id));
      await eventually(async () => (await row(id)).state === 3);
    });

    it('survives the death of the replica that was at it, and ends with a recall', async () => {
      const id = await say('taken', { parley_ttl: 3_600 });
      await pool.query("UPDATE message_expiry SET due_at = clock_timestamp() + interval '1 second' WHERE message_id = $1", [id]);
      await eventually(async () => (await row(id)).state === 3);
      const other = await say('recalled first', { parley_ttl: 3_600 });
      await send(recallOf(other));
      expect((await pool.query('SELECT 1 FROM message_expiry WHERE message_id = $1', [other])).rows).toEqual([]);
    });

    it('is found by its index', async () => {
      const { rows } = await pool.query<{ 'QUERY PLAN': string }>(
        `BEGIN; SET LOCAL enable_seqscan = off; EXPLAIN SELECT 1 FROM message_expiry WHERE due_at <= clock_timestamp() ORDER BY due_at LIMIT 200; COMMIT`,
      ).then((results) => (results as unknown as { rows: { 'QUERY PLAN': string }[] }[])[2]!);
      expect(rows.map((one) => one['QUERY PLAN']).join('\n')).toContain('message_expiry_due');
    });
  });

  describe('a receipt', () => {
    it('has no effect for what its sender was not sent, and is kept for what he was', async () => {
      const id = await say('for bob');
      const kept = async () => (await pool.query('SELECT sender_id FROM message WHERE ack_id = $1 AND body_type >> 4 IN (4, 5)', [id])).rows;
      const results = await send(
        receipt(BodyType.READ_ACK, id, 'carol', 'alice'),
        receipt(BodyType.READ_ACK, id, 'alice', 'bob'),
        receipt(BodyType.READ_ACK, id, 'carol', 'bob'),
        receipt(BodyType.DELIVER_ACK, 1_000n),
        { ...receipt(BodyType.READ_ACK, id), tenant: stranger },
      );
      expect(results.map((result) => result.error)).toEqual(Array(5).fill(''));
      expect(await kept()).toEqual([]);
      expect((await pool.query('SELECT 1 FROM inbox WHERE user_id = 3 AND read_id > 0')).rows).toEqual([]);
      await send(receipt(BodyType.READ_ACK, id), receipt(BodyType.DELIVER_ACK, id));
      expect(await kept()).toEqual([{ sender_id: '2' }, { sender_id: '2' }]);
    });

    it('that was stored, and not told, is told by the next try, also when its message is gone meanwhile', async () => {
      const id = await say('read, then recalled');
      const once = receipt(BodyType.READ_ACK, id);
      const [first] = await send(once);
      await send(recallOf(id));
      const told: bigint[] = [];
      const subscription = bus.subscribeLive(7, 1n, ({ metas }) => told.push(...metas.map((meta) => meta.id)));
      await bus.flush();
      expect(await send(once)).toEqual([first]);
      await eventually(() => told.includes(first!.serverId));
      subscription.unsubscribe();

      // One that comes when the message is gone has no effect, whatever came before.
      for (const kind of [BodyType.DELIVER_ACK, BodyType.READ_ACK]) expect((await send(receipt(kind, id)))[0]).toMatchObject({ error: '' });
      expect(await rowsAbout(id, BodyType.DELIVER_ACK)).toEqual([]);
      expect(await rowsAbout(id, BodyType.READ_ACK)).toHaveLength(1);
    });

    it('for what was never stored is never stored either', async () => {
      const [typing] = await send(item('alice', 'bob', client.textBody({ from: 'alice', to: 'bob', text: 'typing' }), { route: message.Route.ROUTE_ONLINE }));
      const before = (await pool.query('SELECT count(*) FROM message')).rows;
      const seen: bigint[] = [];
      const subscription = bus.subscribeLive(7, 1n, ({ metas }) => seen.push(...metas.map((meta) => meta.seq)));
      await bus.flush();
      expect((await send(receipt(BodyType.DELIVER_ACK, typing!.serverId)))[0]).toMatchObject({ error: '' });
      await eventually(() => seen.length > 0);
      expect(seen).toEqual([0n]);
      expect((await pool.query('SELECT count(*) FROM message')).rows).toEqual(before);
      subscription.unsubscribe();
    });
  });

  describe('reactions', () => {
    it('stay within their kinds and once for each user, however many come at once', async () => {
      settings = { reactionKindsPerMessage: 3 };
      bus.broadcast(broadcasts.appChanged, { appId: 7 });
      const id = await say('react!');
      const rpcs = services.map((service) => backbone.client(reaction.ReactionServiceClient, service));
      const add = (i: number, name: string) => rpcs[i % 2]!.addReaction({ tenant, userId: 2n, username: 'bob', messageId: id, reaction: name, resource: '' });
      await eventually(async () => (await add(0, 'first')).reactionId > 0n);
      const kinds = await Promise.allSettled(Array.from({ length: 10 }, (_, i) => add(i, `kind ${i}`)));
      expect(kinds.filter((one) => one.status === 'fulfilled')).toHaveLength(2);
      const same = await Promise.allSettled(Array.from({ length: 4 }, (_, i) => rpcs[i % 2]!.addReaction({ tenant, userId: 1n, username: 'alice', messageId: id, reaction: 'first', resource: '' })));
      expect(same.filter((one) => one.status === 'fulfilled')).toHaveLength(1);
      const { rows } = await pool.query('SELECT count(*)::int AS n FROM reaction WHERE message_id = $1', [id]);
      expect(rows).toEqual([{ n: 3 }]);
      const theirs = { tenant: stranger, userId: 2n, username: 'bob', messageId: id, reaction: 'x', resource: '' };
      await expect(rpcs[0]!.addReaction(theirs)).rejects.toMatchObject({ code: 'reaction_illegal' });
      await send(recallOf(id));
      expect((await pool.query('SELECT 1 FROM reaction WHERE message_id = $1', [id])).rows).toEqual([]);
    });
  });
});
