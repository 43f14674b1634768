import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { fileKey, isUuid } from '../storage/blob-key.js';
import { thumbnailSize } from '../thumbnail/thumbnail.rules.js';
import { contentTypeOf } from './content-type.rules.js';
import { disposition, safeFilename } from './filename.rules.js';

describe('the name of a file', () => {
  it.each([
    ['cat.jpg', 'cat.jpg'],
    ['../../etc/passwd', 'passwd'],
    ['C:\\a\\b.txt', 'b.txt'],
    ['..', ''],
    [undefined, ''],
    ['  plan „A“.pdf ', 'plan „A“.pdf'],
    ['invoice\u202egpj.exe', 'invoicegpj.exe'],
    ['a\r\nb', 'ab'],
    ['x'.repeat(999), 'x'.repeat(255)],
  ])('%s', (given, name) => {
    expect(safeFilename(given)).toBe(name);
  });

  it('never breaks the header it stands in, whatever it is', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (given) => {
        const header = disposition('attachment', safeFilename(given));
        expect(header).toMatch(/^attachment(; filename="[\x20-\x7e]*"; filename\*=UTF-8''[A-Za-z0-9%._~!$&+-]*)?$/);
        expect(header.split('"').length).toBeLessThanOrEqual(3);
      }),
    );
  });
});

describe('a key of the storage', () => {
  it('is made of a number and a uuid only', () => {
    expect(fileKey(7, '0b2f9a3e-5c1d-4f0e-9a55-1c2d3e4f5a6b')).toBe('7/files/0b/0b2f9a3e-5c1d-4f0e-9a55-1c2d3e4f5a6b');
    for (const id of ['../x', '', '0B2F9A3E-5C1D-4F0E-9A55-1C2D3E4F5A6B', '0b2f9a3e-5c1d-4f0e-9a55-1c2d3e4f5a6b/..']) {
      expect(isUuid(id)).toBe(false);
      expect(() => fileKey(7, id)).toThrow();
    }
    for (const appId of [0, -1, 1.5, NaN]) expect(() => fileKey(appId, '0b2f9a3e-5c1d-4f0e-9a55-1c2d3e4f5a6b')).toThrow();
  });
});

describe('the type of a file', () => {
  it.each([
    ['<html><script>', 'application/octet-stream'],
    ['<svg xmlns="http://www.w3.org/2000/svg"/>', 'application/octet-stream'],
    ['%PDF-1.7', 'application/octet-stream'],
    ['PK\u0003\u0004', 'application/octet-stream'],
    ['', 'application/octet-stream'],
    ['GIF89a\u0001\u0000\u0001\u0000', 'image/gif'],
    ['#!AMR\n', 'audio/amr'],
  ])('%j is %s', async (head, type) => {
    expect(await contentTypeOf(Buffer.from(head, 'latin1'))).toBe(type);
  });

  it('is found in whatever bytes without failing', async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 300 }), async (head) => {
        expect(await contentTypeOf(head)).toMatch(/^(application\/octet-stream|image\/|audio\/|video\/)/);
      }),
    );
  });
});

describe('the size of a thumbnail', () => {
  it.each([
    [undefined, 170],
    ['0', 170],
    ['-5', 170],
    ['wide', 170],
    ['100.9', 100],
    ['99999', 2_048],
    [64, 64],
  ])('%s is %d', (given, pixels) => {
    expect(thumbnailSize(given, given)).toEqual({ width: pixels, height: pixels });
  });
});
