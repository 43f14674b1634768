import { describe, expect, it } from '@jest/globals';
import { ContentType, schema, SubType } from '@parley/msync';
import fc from 'fast-check';
import { randomBytes } from 'node:crypto';
import { fileOf, mergedForward } from './merged-forward.fixture.js';
import { fileIdIn, filesNamedIn, filesNamedInBundle } from './reference.rules.js';

const id = '0b2f9a3e-5c1d-4f0e-9a55-1c2d3e4f5a6b';
const other = '1b2f9a3e-5c1d-4f0e-9a55-1c2d3e4f5a6b';

describe('the file that a path names', () => {
  it.each([
    [`https://api.example/demo/chat/chatfiles/${id}`, id],
    [`http://10.0.0.1:7380/demo/chat/chatfiles/${id.toUpperCase()}?vframe=true`, id],
    [`/demo/chat/chatfiles/${id}`, id],
    [`https://api.example/demo/chat/chatfiles/${id}x`, undefined],
    [`https://api.example/chatfiles/${id}`, undefined],
    ['https://api.example/demo/chat/chatfiles/', undefined],
    ['https://cdn.example/cat.jpg', undefined],
    ['', undefined],
    [undefined, undefined],
  ])('%s', (path, expected) => {
    expect(fileIdIn(path)).toBe(expected);
  });
});

describe('the files that a message names', () => {
  const meta = (...contents: { type?: number; subType?: number; remotePath?: string; thumbnailRemotePath?: string; text?: string }[]) => {
    const body = schema.create(schema.MessageBodySchema, { contents: contents.map((one) => schema.create(schema.MessageBody_ContentSchema, one)) });
    return schema.toBinary(schema.MetaSchema, schema.create(schema.MetaSchema, { ns: 1, payload: schema.toBinary(schema.MessageBodySchema, body) }));
  };

  it('are those of its contents and their thumbnails, each once', () => {
    const path = (uuid: string) => `https://api.example/demo/chat/chatfiles/${uuid}`;
    expect(filesNamedIn(meta({ remotePath: path(id), thumbnailRemotePath: `${path(id)}?vframe=true` })).files).toEqual([id]);
    expect(filesNamedIn(meta({ remotePath: path(id), thumbnailRemotePath: path(other) })).files).toEqual([id, other]);
    expect(filesNamedIn(meta({ text: path(id) })).files).toEqual([]);
    expect(filesNamedIn(meta({ text: 'hello' })).files).toEqual([]);
    expect(filesNamedIn(meta({ type: ContentType.FILE, remotePath: path(id) })).bundles).toEqual([]);
  });

  it('are a bundle of messages in a merged forward', () => {
    const path = `https://api.example/demo/chat/chatfiles/${id}`;
    for (const content of [{ type: ContentType.TEXT, subType: SubType.COMBINE }, { type: ContentType.COMBINE }]) {
      expect(filesNamedIn(meta({ ...content, remotePath: path }))).toEqual({ files: [id], bundles: [id] });
    }
    expect(filesNamedIn(meta({ type: ContentType.TEXT, remotePath: path })).bundles).toEqual([]);
  });


  it('are none in what cannot be read', () => {
    const noise = Buffer.concat([randomBytes(20), Buffer.from('/chatfiles/'), randomBytes(20)]);
    expect(filesNamedIn(noise).files).toEqual([]);
  });
});

describe('the files that a merged forward names', () => {
  it('are those of all its messages, and not what their texts say', () => {
    expect(filesNamedInBundle(mergedForward)).toEqual({ files: [1, 2, 3, 4].map(fileOf), bundles: [fileOf(4)] });
  });

  it('are found as far as it can be read, whatever it is', () => {
    expect(filesNamedInBundle(mergedForward.subarray(0, 300)).files).toEqual([fileOf(1)]);
    const none = { files: [], bundles: [] };
    for (const bytes of [Buffer.alloc(0), Buffer.from('c'), Buffer.from('cm'), Buffer.from('cm\0\0\0\0'), Buffer.from('cm\xff\xff\xff\xff', 'latin1'), mergedForward.subarray(1)]) {
      expect(filesNamedInBundle(bytes)).toEqual(none);
    }
    fc.assert(fc.property(fc.uint8Array({ maxLength: 400 }), (noise) => void filesNamedInBundle(Buffer.concat([Buffer.from('cm'), noise]))));
  });
});
