import { describe, expect, it } from '@jest/globals';
import { schema } from '@parley/msync';
import { randomBytes } from 'node:crypto';
import { fileIdIn, filesNamedIn } from './reference.rules.js';

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
  const meta = (...contents: { remotePath?: string; thumbnailRemotePath?: string; text?: string }[]) => {
    const body = schema.create(schema.MessageBodySchema, { contents: contents.map((one) => schema.create(schema.MessageBody_ContentSchema, one)) });
    return schema.toBinary(schema.MetaSchema, schema.create(schema.MetaSchema, { ns: 1, payload: schema.toBinary(schema.MessageBodySchema, body) }));
  };

  it('are those of its contents and their thumbnails, each once', () => {
    const path = (uuid: string) => `https://api.example/demo/chat/chatfiles/${uuid}`;
    expect(filesNamedIn(meta({ remotePath: path(id), thumbnailRemotePath: `${path(id)}?vframe=true` }))).toEqual([id]);
    expect(filesNamedIn(meta({ remotePath: path(id), thumbnailRemotePath: path(other) }))).toEqual([id, other]);
    expect(filesNamedIn(meta({ text: path(id) }))).toEqual([]);
    expect(filesNamedIn(meta({ text: 'hello' }))).toEqual([]);
  });

  it('are none in what cannot be read', () => {
    const noise = Buffer.concat([randomBytes(20), Buffer.from('/chatfiles/'), randomBytes(20)]);
    expect(filesNamedIn(noise)).toEqual([]);
  });
});
