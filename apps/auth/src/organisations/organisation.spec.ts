import { describe, expect, it } from '@jest/globals';
import { organisationName } from './organisation.rules.js';

describe('the Enterprise ID of an organisation', () => {
  it.each([
    ['acme', 'acme'],
    ['Acme-2', 'acme-2'],
    ['a1', 'a1'],
    ['1122161011178276', '1122161011178276'],
    ['x'.repeat(32), 'x'.repeat(32)],
  ])('may be %s', (text, name) => {
    expect(organisationName(text)).toBe(name);
  });

  it.each(['', 'a', '-', '-acme', 'acme-', 'a_b', 'a.b', 'a#b', 'a/b', 'a b', 'acmé', 'x'.repeat(33), 'a\u0000b'])('may not be %j', (text) => {
    expect(() => organisationName(text)).toThrow(expect.objectContaining({ code: 'org_name_illegal' }));
  });

  it.each(['admin', 'OAuth', 'health'])('may not be %s, where the platform itself is found', (text) => {
    expect(() => organisationName(text)).toThrow(expect.objectContaining({ code: 'org_name_reserved' }));
  });
});
