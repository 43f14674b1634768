import { describe, expect, it } from '@jest/globals';
import { BodyType, ContentType, SubType } from '@parley/msync';
import { applyEdit, type EditCase, isTooLarge, metaWithEdit, refuseEdit } from './edit.rules.js';

const ALICE = 1n;
const text = { senderId: ALICE, bodyType: BodyType.CHAT << 4, state: 0, edits: 0 };
const settings = { editEnabled: true, editsPerMessage: 10 };
const judge = (more: Partial<EditCase>) => refuseEdit({ message: text, by: ALICE, settings, ...more });
const bytes = (value: string) => Buffer.from(value);

describe('who may edit what, how often', () => {
  it('lets the sender and the tenant', () => {
    expect(judge({})).toBeUndefined();
    expect(judge({ by: 'admin' })).toBeUndefined();
    expect(judge({ by: 2n })).toBe('edit_not_permitted');
  });

  it('counts', () => {
    expect(judge({ message: { ...text, edits: 9 } })).toBeUndefined();
    expect(judge({ message: { ...text, edits: 10 } })).toBe('edit_limit_reached');
  });

  it('finds nothing in what is gone or is no message, and edits no command', () => {
    expect(judge({ message: undefined })).toBe('edit_message_unavailable');
    expect(judge({ message: { ...text, state: 1 } })).toBe('edit_message_unavailable');
    expect(judge({ message: { ...text, bodyType: BodyType.READ_ACK << 4 } })).toBe('edit_message_unavailable');
    expect(judge({ message: { ...text, bodyType: (BodyType.CHAT << 4) | ContentType.COMMAND } })).toBe('edit_type_unsupported');
    expect(judge({ settings: { ...settings, editEnabled: false } })).toBe('edit_unavailable');
  });
});

describe('what an edit may change', () => {
  const old = { contents: [bytes('old')], ext: [bytes('a')], subType: undefined, contentType: ContentType.TEXT as number };
  const contents = (more = {}) => ({ contents: [bytes('new')], subType: undefined, contentType: ContentType.TEXT as number, ...more });

  it('is contents and attributes of text and custom messages', () => {
    expect(applyEdit(old, { contents: contents(), ext: undefined, lenient: true })).toEqual({ contents: [bytes('new')], ext: old.ext });
    expect(applyEdit(old, { contents: contents(), ext: [bytes('b')], lenient: false })).toEqual({ contents: [bytes('new')], ext: [bytes('b')] });
  });

  it('is never the type, nor a merged forward in place of a text', () => {
    expect(applyEdit(old, { contents: contents({ contentType: ContentType.CUSTOM }), ext: undefined, lenient: true })).toBe('edit_type_unsupported');
    expect(applyEdit(old, { contents: contents({ subType: SubType.COMBINE }), ext: undefined, lenient: true })).toBe('edit_type_unsupported');
    expect(applyEdit(old, { contents: contents({ contents: [] }), ext: undefined, lenient: true })).toBe('edit_type_unsupported');
  });

  it('is the attributes alone of all others: clients repeat the contents, a server does not', () => {
    const image = { ...old, contentType: ContentType.IMAGE };
    const repeated = contents({ contentType: ContentType.IMAGE });
    expect(applyEdit(image, { contents: repeated, ext: [bytes('b')], lenient: true })).toEqual({ contents: old.contents, ext: [bytes('b')] });
    expect(applyEdit(image, { contents: repeated, ext: undefined, lenient: true })).toBe('edit_type_unsupported');
    expect(applyEdit(image, { contents: repeated, ext: [bytes('b')], lenient: false })).toBe('edit_type_unsupported');
    expect(applyEdit(image, { contents: undefined, ext: [bytes('b')], lenient: false })).toEqual({ contents: old.contents, ext: [bytes('b')] });
  });
});

describe('how long an edit may make a message', () => {
  const of = (content: number, ext: number) => ({ contents: [Buffer.alloc(content)], ext: [Buffer.alloc(ext)] });

  it('is as long as messages may be, with what stays; one that was longer may stay so', () => {
    expect(isTooLarge(of(60, 40), of(10, 10), 100)).toBe(false);
    expect(isTooLarge(of(61, 40), of(10, 10), 100)).toBe(true);
    expect(isTooLarge(of(100, 100), of(50, 150), 100)).toBe(false);
    expect(isTooLarge(of(100, 101), of(50, 150), 100)).toBe(true);
  });
});

describe('what a message says of its edit', () => {
  const mark = { count: 1, operator: 'alice', edit_time: 2, sender: 'alice', send_time: 1, chat_type: 'chat:user' as const };

  it('stands beside what was there; translations of the old text go', () => {
    const old = JSON.stringify({ translations: ['old'], thread: { id: 1 } });
    expect(JSON.parse(metaWithEdit(old, '', true, mark))).toEqual({ thread: { id: 1 }, edit_msg: mark });
    expect(JSON.parse(metaWithEdit(old, '', false, mark))).toMatchObject({ translations: ['old'] });
    expect(JSON.parse(metaWithEdit(old, JSON.stringify({ translations: ['new'], reaction: 'forged' }), true, mark))).toEqual({
      thread: { id: 1 },
      translations: ['new'],
      edit_msg: mark,
    });
  });

  it('survives what a client wrote there', () => {
    for (const junk of ['{', '[]', '"x"', 'null']) expect(JSON.parse(metaWithEdit(junk, junk, true, mark))).toEqual({ edit_msg: mark });
  });
});
