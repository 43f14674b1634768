import { describe, expect, it } from '@jest/globals';
import { completeMeta, encodeMetaBody, messageObject, NameSpace, readBodyState, restMessageToBody, schema, withBodyState } from '../index.js';

const { create, fromBinary, toBinary, MessageBodySchema, MetaSchema } = schema;
const jid = (name: string) => ({ appKey: 'org#app', name, domain: 'easemob.com', clientResource: '' });
const metaOf = (payload: Uint8Array) =>
  completeMeta(77n, 1_700_000_000_000n, encodeMetaBody({ from: jid('ann'), to: jid('bob'), ns: NameSpace.CHAT, payload, ext: [] }));

describe('a message as REST shows it', () => {
  it('has its ids, its sides, its time and its content', () => {
    const payload = restMessageToBody({ type: 'txt', body: { msg: 'hé' }, from: 'ann', to: 'bob', ext: { n: 7, deep: { a: [1] } } });
    expect(messageObject(metaOf(payload))).toEqual({
      id: '77',
      from: 'ann',
      to: 'bob@easemob.com',
      timestamp: 1_700_000_000_000,
      payload: { type: 'chat', from: 'ann', to: 'bob', bodies: [{ type: 'txt', msg: 'hé' }], ext: { n: 7, deep: { a: [1] } } },
    });
  });

  it.each([
    [{ type: 1, displayName: 'a.png', remotePath: '/x', secretKey: 's', fileLength: 9, size: { width: 2, height: 3 } }, { type: 'img', url: '/x', secret: 's', filename: 'a.png', file_length: 9, size: { width: 2, height: 3 } }],
    [{ type: 1, subType: 1, remotePath: '/x' }, { type: 'img', subType: 'sub_gif' }],
    [{ type: 2, remotePath: '/x', duration: 4, thumbnailRemotePath: '/t' }, { type: 'video', length: 4, thumb: '/t' }],
    [{ type: 4, duration: 4 }, { type: 'audio', length: 4 }],
    [{ type: 5, displayName: 'f' }, { type: 'file', filename: 'f' }],
    [{ type: 3, latitude: 1.5, longitude: 2, address: 'here', buildingName: 'b' }, { type: 'loc', lat: 1.5, lng: 2, addr: 'here', buildingName: 'b' }],
    [{ type: 6, action: 'go' }, { type: 'cmd', action: 'go' }],
    [{ type: 0, subType: 0, text: 'fallback', title: 't', summary: 's', combineLevel: 1 }, { type: 'txt', subType: 'sub_combine', title: 't', summary: 's', msg: 'fallback', combineLevel: 1 }],
  ])('shows content %j', (content, body) => {
    const payload = toBinary(MessageBodySchema, create(MessageBodySchema, { type: 1, contents: [content as never] }));
    expect(messageObject(metaOf(payload)).payload.bodies).toEqual([expect.objectContaining(body)]);
  });

  it('shows attributes of a custom message in both forms', () => {
    const payload = restMessageToBody({ type: 'custom', body: { customEvent: 'e', customExts: { a: '1', b: '2' } }, from: 'ann', to: 'bob' });
    expect(messageObject(metaOf(payload)).payload.bodies).toEqual([
      { type: 'custom', customEvent: 'e', customExts: [{ a: '1' }, { b: '2' }], 'v2:customExts': { a: '1', b: '2' } },
    ]);
  });
});

describe('the state that a message body carries', () => {
  const payload = restMessageToBody({ type: 'txt', body: { msg: 'x' }, from: 'ann', to: 'bob' });

  it('is added, merged with what is there, and leaves everything else as it was', () => {
    const once = withBodyState(metaOf(payload), { isRead: true });
    const twice = withBodyState(once, { edit_msg: { count: 1 } });
    const meta = fromBinary(MetaSchema, twice);
    expect(readBodyState(meta.payload)).toEqual({ isRead: true, edit_msg: { count: 1 } });
    const body = fromBinary(MessageBodySchema, meta.payload);
    expect({ ...body, meta: '' }).toEqual({ ...fromBinary(MessageBodySchema, payload), meta: '' });
    expect({ ...meta, payload: 0 }).toEqual({ ...fromBinary(MetaSchema, metaOf(payload)), payload: 0 });
  });

  it('gives way when it is no JSON object', () => {
    const broken = toBinary(MessageBodySchema, create(MessageBodySchema, { type: 1, meta: 'no json' }));
    expect(readBodyState(broken)).toEqual({});
    expect(readBodyState(fromBinary(MetaSchema, withBodyState(metaOf(broken), { isRead: true })).payload)).toEqual({ isRead: true });
  });

  it('is not touched when there is nothing to say', () => {
    const meta = metaOf(payload);
    expect(withBodyState(meta, {})).toBe(meta);
  });
});
