import { afterAll, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { eventSubjects } from '@parley/bus';
import { file } from '@parley/contracts';
import { ContentType, schema, SubType } from '@parley/msync';
import { randomBytes, randomUUID } from 'node:crypto';
import { FileServiceUnderTest, form, holds } from '../testing.fixture.js';

jest.setTimeout(60_000);
const the = new FileServiceUnderTest();
beforeAll(() => the.start());
afterAll(() => the.stop());
beforeEach(() => the.nextApp());

describe('a file lives', () => {
  const ends = async (uuid: string) => (await the.db.query<{ days: number }>("SELECT CASE WHEN expires_at = 'infinity' THEN -1 ELSE round(extract(epoch FROM expires_at - now()) / 86400)::integer END AS days FROM chatfile WHERE file_id = $1", [uuid])).rows[0]?.days;
  const id = (minutesAgo = 0) => (BigInt(Date.now() - minutesAgo * 60_000 - 1_577_836_800_000) << 22n) | BigInt(Math.floor(Math.random() * 4_000_000));
  function metaNaming(uuid: string, messageId: bigint, of: { type: number; subType?: number } = { type: ContentType.IMAGE }) {
    const content = schema.create(schema.MessageBody_ContentSchema, { ...of, remotePath: `https://any.example/demo/chat/chatfiles/${uuid}` });
    const payload = schema.toBinary(schema.MessageBodySchema, schema.create(schema.MessageBodySchema, { contents: [content] }));
    return schema.toBinary(schema.MetaSchema, schema.create(schema.MetaSchema, { id: messageId, ns: 1, payload }));
  }
  const merged = { type: ContentType.TEXT, subType: SubType.COMBINE };
  /** The file of a merged forward. */
  const bundleOf = (...metas: Uint8Array[]) =>
    Buffer.concat([Buffer.from('cm'), ...metas.flatMap((meta) => [Buffer.from(Uint32Array.of(meta.length).buffer).swap32(), meta]), Buffer.of(0)]);
  function storedAs(messageId: bigint, meta: Uint8Array) {
    return { id: messageId, conversationId: 1n, seq: 1n, senderId: 1n, sender: 'ann', senderResource: '', recipientId: 2n, recipient: 'bob', meta };
  }
  const tell = (uuid: string, messageId: bigint, app = the.appId, meta = metaNaming(uuid, messageId)) =>
    the.bus.publishEvent(eventSubjects.messagesWithFilesStored, app, { appId: app, messages: [storedAs(messageId, meta) as never] });

  it('for the days of the app, then it is told to be expired, and gone', async () => {
    the.settings.set(the.appId, { attachmentDays: 3 });
    const { uuid } = await the.uploaded(randomBytes(20_000));
    expect(await ends(uuid)).toBe(3);
    await the.db.query("UPDATE chatfile SET expires_at = now() - interval '1 second' WHERE file_id = $1", [uuid]);
    expect(await the.download(uuid)).toMatchObject({ status: 404, body: { code: 'file_expired', params: { uuid } } });
    await the.leavesNothing();
    expect(await the.usage()).toEqual({ files: 0, bytes: 0 });
    expect(await the.download(uuid)).toMatchObject({ status: 404, body: { code: 'file_expired' } });
  });

  it('as long as a message that names it, and no message of another app', async () => {
    the.settings.set(the.appId, { attachmentDays: 3, historyDays: 90 });
    const { uuid } = await the.uploaded(Buffer.from('x'));
    await tell(uuid, id(), the.appId + 500_000);
    await tell(randomUUID(), id());
    const messageId = id();
    await tell(uuid, messageId);
    await tell(uuid, messageId);
    await holds(async () => expect(await ends(uuid)).toBe(90));
    expect((await the.db.query('SELECT FROM file_reference WHERE file_id = $1', [uuid])).rowCount).toBe(1);
    expect((await the.rpc.setLifetime({ tenant: the.tenant, lifetime: file.Lifetime.LIFETIME_UNSPECIFIED, uuids: [uuid] })).done).toEqual([true]);
    expect(await ends(uuid)).toBe(90);
  });

  it('as long as a merged forward that names it, or one within that', async () => {
    the.settings.set(the.appId, { attachmentDays: 3, historyDays: 90 });
    const [near, deep, stranger] = [await the.uploaded(Buffer.from('a')), await the.uploaded(Buffer.from('b')), await the.uploaded(Buffer.from('c'))];
    const inner = await the.uploaded(bundleOf(metaNaming(deep.uuid, 1n)));
    const outer = await the.uploaded(bundleOf(metaNaming(near.uuid, 2n), metaNaming(inner.uuid, 3n, merged), metaNaming(randomUUID(), 4n, merged)));
    const messageId = id();
    await tell(outer.uuid, messageId, the.appId, metaNaming(outer.uuid, messageId, merged));
    for (const { uuid } of [outer, inner, near, deep]) await holds(async () => expect(await ends(uuid)).toBe(90));
    expect(await ends(stranger.uuid)).toBe(3);

    const about = { appId: the.appId, conversationId: 1n, noticeId: 5n, sender: 'ann', recipient: 'bob' };
    await the.bus.publishEvent(eventSubjects.messageRecalled, the.appId, { ...about, messageId, by: 'ann' });
    for (const { uuid } of [outer, inner, near, deep]) await holds(async () => expect(await ends(uuid)).toBe(3));
  });

  it('as long as an imported message that names it, which is as old as it says', async () => {
    the.settings.set(the.appId, { attachmentDays: 3, historyDays: 90 });
    const { uuid } = await the.uploaded(Buffer.from('x'));
    const monthAgo = id(30 * 24 * 60);
    await the.bus.publishEvent(eventSubjects.messageImported, the.appId, { appId: the.appId, id: monthAgo, meta: Buffer.from(metaNaming(uuid, monthAgo)) });
    await holds(async () => expect(await ends(uuid)).toBe(60));
  });

  it('no longer for a merged forward of another app, nor for a file that only looks like one', async () => {
    the.settings.set(the.appId, { attachmentDays: 3, historyDays: 90 });
    const kept = await the.uploaded(Buffer.from('a'));
    const bundle = await the.uploaded(bundleOf(metaNaming(kept.uuid, 1n)));
    const messageId = id();
    await tell(bundle.uuid, messageId, the.appId + 500_000, metaNaming(bundle.uuid, messageId, merged));
    await tell(bundle.uuid, messageId, the.appId, metaNaming(bundle.uuid, messageId, { type: ContentType.FILE }));
    await holds(async () => expect(await ends(bundle.uuid)).toBe(90));
    expect(await ends(kept.uuid)).toBe(3);
  });

  it('no longer for a message that was recalled, or whose time was up', async () => {
    the.settings.set(the.appId, { attachmentDays: 3, historyDays: 90 });
    const { uuid } = await the.uploaded(Buffer.from('x'));
    const [one, other] = [id(1), id()];
    await tell(uuid, one);
    await tell(uuid, other);
    await holds(async () => expect((await the.db.query('SELECT FROM file_reference WHERE file_id = $1', [uuid])).rowCount).toBe(2));
    const about = { appId: the.appId, conversationId: 1n, noticeId: 5n, sender: 'ann', recipient: 'bob' };
    await the.bus.publishEvent(eventSubjects.messageRecalled, the.appId, { ...about, messageId: one, by: 'ann' });
    await holds(async () => expect((await the.db.query('SELECT FROM file_reference WHERE file_id = $1', [uuid])).rowCount).toBe(1));
    expect(await ends(uuid)).toBe(90);
    await the.bus.publishEvent(eventSubjects.messageExpired, the.appId, { ...about, messageId: other });
    await holds(async () => expect(await ends(uuid)).toBe(3));
  });

  it('no longer than its app', async () => {
    const { uuid } = await the.uploaded(randomBytes(20_000));
    const { uploadId } = await the.rpc.startPartUpload({ tenant: the.tenant, uploader: 'ann' });
    await the.call('PUT', `/parts/${uploadId}`, { 'x-parley-uploader': 'ann' }, form(randomBytes(100), 'p', 'part_file', { part_number: '1' }));
    await the.bus.publishEvent(eventSubjects.appPurged, the.appId, { appId: the.appId, org: 'demo', app: 'chat' });
    await holds(async () => expect(await the.usage()).toEqual({ files: 0, bytes: 0 }));
    await the.leavesNothing();
    expect(await the.download(uuid)).toMatchObject({ status: 404, body: { code: 'file_not_found' } });
  });

  it('as its lifetime is set', async () => {
    the.settings.set(the.appId, { attachmentDays: 5 });
    const { uuid } = await the.uploaded(Buffer.from('x'));
    await the.db.query("UPDATE chatfile SET created_at = now() - interval '2 days' WHERE file_id = $1", [uuid]);
    const set = async (lifetime: file.Lifetime) => {
      expect((await the.rpc.setLifetime({ tenant: the.tenant, lifetime, uuids: [uuid, 'nonsense', randomUUID()] })).done).toEqual([true, false, false]);
      return ends(uuid);
    };
    expect(await set(file.Lifetime.LIFETIME_FOREVER)).toBe(-1);
    expect(await set(file.Lifetime.LIFETIME_UNSPECIFIED)).toBe(3);
    expect(await set(file.Lifetime.LIFETIME_REFRESH)).toBe(5);
  });
});

