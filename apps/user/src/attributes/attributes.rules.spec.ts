import { describe, expect, it } from '@jest/globals';
import { checkAttributes, sizeOf } from './attributes.rules.js';

const code = (expected: string) => expect.objectContaining({ code: expected });

describe('attributes', () => {
  it('are bounded in characters where every client knows the key, and free elsewhere', () => {
    expect([...checkAttributes({ nickname: '😀'.repeat(64), ext: 'x'.repeat(10_000) }).keys()]).toEqual(['nickname', 'ext']);
    expect(() => checkAttributes({ nickname: 'n'.repeat(65) })).toThrow(code('user_attribute_too_long'));
    expect(() => checkAttributes({ avatarurl: 'n'.repeat(257) })).toThrow(code('user_attribute_too_long'));
  });

  it('have keys of 1 to 128 characters', () => {
    expect(() => checkAttributes({ '\0': 'x' })).toThrow(code('illegal_argument'));
    expect(() => checkAttributes({ ['k'.repeat(129)]: 'x' })).toThrow(code('illegal_argument'));
  });

  it('count as keys and values in UTF-8', () => {
    expect(sizeOf(checkAttributes({ sign: '你好' }))).toBe(4 + 6);
    expect(sizeOf([])).toBe(0);
  });
});
