import { describe, expect, it } from '@jest/globals';
import { bodyFor, FormBody } from './form-body.js';

describe('a form', () => {
  it('writes spaces as + or %20, and a name that comes twice has its last value', () => {
    expect({ ...new FormBody('a=1+2%203&b=%2B&a=last&empty=').pairs }).toEqual({ a: 'last', b: '+', empty: '' });
  });

  it('may name a pair as it likes', () => {
    expect(Object.entries(new FormBody('__proto__=x').pairs)).toEqual([['__proto__', 'x']]);
  });

  it('is taken only where one is wanted, and nothing else there', () => {
    const form = new FormBody('a=1');
    expect(bodyFor({ form: true }, form)).toBe(form);
    expect(bodyFor({}, { a: 1 })).toEqual({ a: 1 });
    expect(() => bodyFor({}, form)).toThrow('unsupported_media_type');
    expect(() => bodyFor({ form: true }, { a: 1 })).toThrow('unsupported_media_type');
  });
});
