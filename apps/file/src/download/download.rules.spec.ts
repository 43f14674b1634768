import { describe, expect, it } from '@jest/globals';
import { makeShareSecret } from '../chatfile/share-secret.js';
import { checkDownload, type Reader } from './access.rules.js';
import { isKnown, readRange } from './range.rules.js';

describe('a range', () => {
  it.each([
    [undefined, 10, 'whole'],
    ['bytes=0-0', 10, { first: 0, last: 0 }],
    ['bytes=2-', 10, { first: 2, last: 9 }],
    ['bytes=2-99', 10, { first: 2, last: 9 }],
    ['bytes=-4', 10, { first: 6, last: 9 }],
    ['bytes=-99', 10, { first: 0, last: 9 }],
    ['bytes=-0', 10, 'unsatisfiable'],
    ['bytes=10-', 10, 'unsatisfiable'],
    ['bytes=0-', 0, 'unsatisfiable'],
    ['bytes=5-2', 10, 'whole'],
    ['bytes=-', 10, 'whole'],
    ['bytes=0-1,3-4', 10, 'whole'],
    ['items=0-1', 10, 'whole'],
    ['bytes=0x1-2', 10, 'whole'],
    ['bytes=99999999999999999999-', 10, 'whole'],
  ])('%s of %d bytes', (header, size, range) => {
    expect(readRange(header, size)).toEqual(range);
  });

  it('is not needed for what the client has', () => {
    expect(isKnown('"a", W/"b"', '"b"')).toBe(true);
    expect(isKnown('*', '"b"')).toBe(true);
    expect(isKnown('"a"', '"b"')).toBe(false);
    expect(isKnown(undefined, '"b"')).toBe(false);
  });
});

describe('a download', () => {
  const { secret, hash } = makeShareSecret();
  const verdict = (secretHash: Buffer | null, reader: Reader, given?: string) => {
    try {
      return (checkDownload({ secretHash }, reader, given), 'given');
    } catch (error) {
      return (error as { code: string }).code;
    }
  };

  it.each([
    ['app', hash, undefined, 'given'],
    ['app', null, undefined, 'given'],
    ['user', null, undefined, 'given'],
    ['none', null, undefined, 'unauthorized'],
    ['none', null, secret, 'unauthorized'],
    ['none', hash, secret, 'given'],
    ['user', hash, secret, 'given'],
    ['user', hash, undefined, 'file_forbidden'],
    ['none', hash, undefined, 'unauthorized'],
    ['none', hash, '', 'unauthorized'],
    ['none', hash, `${secret}x`, 'file_forbidden'],
    ['user', hash, secret.toUpperCase(), 'file_forbidden'],
  ] as const)('by %s', (reader, secretHash, given, expected) => {
    expect(verdict(secretHash, reader, given)).toBe(expected);
  });
});
