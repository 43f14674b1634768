import { describe, expect, it } from '@jest/globals';
import { BodyType, ContentType, schema, SubType } from '@parley/msync';
import { isOfTypes, storedTypes } from './history.rules.js';

const { TEXT, IMAGE, COMBINE } = ContentType;

function stored(type: ContentType, subType?: SubType) {
  const content = schema.create(schema.MessageBody_ContentSchema, { type: type as number, ...(subType === undefined ? {} : { subType: subType as number }) });
  const payload = schema.toBinary(schema.MessageBodySchema, schema.create(schema.MessageBodySchema, { contents: [content] }));
  return { bodyType: (BodyType.CHAT << 4) | type, meta: schema.toBinary(schema.MetaSchema, schema.create(schema.MetaSchema, { ns: 1, payload })) };
}
const [text, streamed, merged, image] = [stored(TEXT), stored(TEXT, SubType.STREAM), stored(TEXT, SubType.COMBINE), stored(IMAGE)];

describe('the types that are asked of a history', () => {
  it.each([
    ['all', [], [text, streamed, merged, image]],
    ['texts', [TEXT], [text, streamed]],
    ['merged forwards', [COMBINE], [merged]],
    ['texts and merged forwards', [TEXT, COMBINE], [text, streamed, merged]],
    ['images and merged forwards', [IMAGE, COMBINE], [merged, image]],
    ['images', [IMAGE], [image]],
  ])('%s', (_, asked, found) => {
    const rows = [text, streamed, merged, image].filter((one) => asked.length === 0 || storedTypes(asked).includes(one.bodyType & 15));
    expect(rows.filter((one) => isOfTypes(asked, one))).toEqual(found);
  });
});
