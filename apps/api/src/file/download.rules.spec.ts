import { describe, expect, it } from '@jest/globals';
import { readDownload } from './download.rules.js';

describe('what a download asks for', () => {
  it.each([
    ['/o/a/chatfiles/1', {}, { secret: undefined, variant: 'file' }],
    ['/o/a/chatfiles/1?em-redirect=true&share-secret=abc', {}, { secret: 'abc', variant: 'file' }],
    ['/o/a/chatfiles/1?share-secret=abc', { 'share-secret': 'def' }, { secret: 'def', variant: 'file' }],
    ['/o/a/chatfiles/1?share-secret=', {}, { secret: undefined, variant: 'file' }],
    ['/o/a/chatfiles/1?thumbnail=true', {}, { secret: undefined, variant: 'thumbnail' }],
    ['/o/a/chatfiles/1', { thumbnail: 'true' }, { secret: undefined, variant: 'thumbnail' }],
    ['/o/a/chatfiles/1?vframe=true?em-redirect=true&share-secret=abc', {}, { secret: 'abc', variant: 'frame' }],
    ['/o/a/chatfiles/1?thumbnail=yes', { vframe: 'false' }, { secret: undefined, variant: 'file' }],
    [`/o/a/chatfiles/1?share-secret=${'x'.repeat(9_999)}`, {}, { secret: 'x'.repeat(256), variant: 'file' }],
  ])('%s %j', (url, headers, wish) => {
    expect(readDownload(url, headers)).toEqual(wish);
  });
});
