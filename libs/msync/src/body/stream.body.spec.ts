import { describe, expect, it } from '@jest/globals';
import { BodyType, ContentType, encodeKeyValue, inspectMessageBody, schema, streamBody, StreamStatus } from '../index.js';

describe('a chunk of streamed text', () => {
  it('says which part it is, also where that is the default', () => {
    const bytes = streamBody({
      from: 'bot',
      to: 'ann',
      text: 'Hé',
      ext: [encodeKeyValue('k', 1)],
      textType: 'markdown',
      seq: 0n,
      status: StreamStatus.START,
      error: 0,
      finishReason: -3,
    });
    const body = schema.fromBinary(schema.MessageBodySchema, bytes);
    expect(body).toMatchObject({ type: BodyType.CHAT, from: { name: 'bot' }, to: { name: 'ann' } });
    expect(body.contents[0]).toMatchObject({ type: ContentType.TEXT, text: 'Hé', subType: 10 });
    expect(body.stream).toMatchObject({ streamType: 'markdown', streamSeq: 0n, streamStatus: 0, streamError: 0, streamFinishReason: -3 });
    for (const field of ['streamSeq', 'streamStatus']) expect(Object.hasOwn(body.stream!, field)).toBe(true);
    expect(inspectMessageBody(bytes)).toMatchObject({ type: BodyType.CHAT, contentCount: 1 });
  });
});
