import { afterEach, describe, expect, it } from '@jest/globals';
import { linkSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

interface GlibcCompat {
  lowerGlibcNeed(image: Buffer): string[];
  fixAddon(file: string): string[];
  systemNeedsFix(glibcVersion?: string): boolean;
}
const script = new URL('../../../tools/glibc-compat.mjs', import.meta.url);
const { lowerGlibcNeed, fixAddon, systemNeedsFix } = (await import(script.href)) as GlibcCompat;

describe('the glibc fix-up of a prebuilt addon', () => {
  let folder: string | undefined;
  afterEach(() => {
    if (folder) rmSync(folder, { recursive: true });
    folder = undefined;
  });

  it('gives C23 aliases their classic names and the oldest version', () => {
    const image = addon(['free@GLIBC_2.2.5', '__isoc23_strtol@GLIBC_2.38', '__isoc23_strtoull@GLIBC_2.38']);
    expect(lowerGlibcNeed(image)).toEqual(['strtol', 'strtoull']);
    expect(imports(image)).toEqual(['free@GLIBC_2.2.5', 'strtol@GLIBC_2.2.5', 'strtoull@GLIBC_2.2.5']);
    expect(image.includes(neededHash('GLIBC_2.38'))).toBe(false);
  });

  it('leaves an addon alone that needs nothing of 2.38, also the one it has fixed before', () => {
    const image = addon(['free@GLIBC_2.2.5', '__isoc23_strtol@GLIBC_2.38']);
    lowerGlibcNeed(image);
    const before = Buffer.from(image);
    expect(lowerGlibcNeed(image)).toEqual([]);
    expect(image.equals(before)).toBe(true);
  });

  it('refuses an addon that needs a function which older systems do not have, and changes nothing', () => {
    const image = addon(['free@GLIBC_2.2.5', '__isoc23_strtol@GLIBC_2.38', 'strlcpy@GLIBC_2.38']);
    const before = Buffer.from(image);
    expect(() => lowerGlibcNeed(image)).toThrow('needs strlcpy of GLIBC_2.38');
    expect(image.equals(before)).toBe(true);
  });

  it('refuses what is no 64-bit ELF file', () => {
    expect(() => lowerGlibcNeed(Buffer.from('#!/bin/sh\n'.repeat(20)))).toThrow('not a 64-bit little-endian ELF file');
  });

  it('writes a new file, so that the store from which the package was linked keeps its own', () => {
    folder = mkdtempSync(join(tmpdir(), 'parley-glibc-spec-'));
    const [store, file] = [join(folder, 'store.node'), join(folder, 'linked.node')];
    const image = addon(['free@GLIBC_2.2.5', '__isoc23_strtol@GLIBC_2.38']);
    writeFileSync(store, image, { mode: 0o755 });
    linkSync(store, file);
    expect(fixAddon(file)).toEqual(['strtol']);
    expect(readFileSync(store).equals(image)).toBe(true);
    expect(statSync(file).mode & 0o777).toBe(0o755);
    expect(fixAddon(file)).toEqual([]);
  });

  it('is needed below glibc 2.38 only', () => {
    expect(['2.36', '2.37', '2.38', '2.41'].map((version) => systemNeedsFix(version))).toEqual([true, true, false, false]);
    expect(systemNeedsFix('')).toBe(false);
  });

  it('has made the installed uWebSockets.js load', async () => {
    expect(Object.keys((await import('uWebSockets.js')).default)).toContain('App');
  });
});

const VERSIONS = ['GLIBC_2.2.5', 'GLIBC_2.38'];

/** The smallest ELF image with the tables that matter: each import is "name@version". */
function addon(symbols: readonly string[]): Buffer {
  let strings = '\0';
  const place = (text: string) => {
    const at = strings.length;
    strings += `${text}\0`;
    return at;
  };
  const dynsym = Buffer.alloc(symbols.length * 24);
  const versym = Buffer.alloc(symbols.length * 2);
  symbols.forEach((symbol, index) => {
    const [name, version] = symbol.split('@') as [string, string];
    dynsym.writeUInt32LE(place(name), index * 24);
    versym.writeUInt16LE(VERSIONS.indexOf(version) + 2, index * 2);
  });
  const verneed = Buffer.alloc(16 + VERSIONS.length * 16);
  verneed.writeUInt16LE(1, 0);
  verneed.writeUInt16LE(VERSIONS.length, 2);
  verneed.writeUInt32LE(place('libc.so.6'), 4);
  verneed.writeUInt32LE(16, 8);
  VERSIONS.forEach((version, index) => {
    const at = 16 + index * 16;
    neededHash(version).copy(verneed, at);
    verneed.writeUInt16LE(index + 2, at + 6);
    verneed.writeUInt32LE(place(version), at + 8);
    verneed.writeUInt32LE(index + 1 < VERSIONS.length ? 16 : 0, at + 12);
  });
  const parts = [
    { type: 11, body: dynsym, link: 3, info: 0 },
    { type: 0x6fffffff, body: versym, link: 0, info: 0 },
    { type: 0x6ffffffe, body: verneed, link: 3, info: 1 },
    { type: 3, body: Buffer.from(strings, 'latin1'), link: 0, info: 0 },
  ];
  const header = Buffer.alloc(64);
  header.writeUInt32BE(0x7f454c46, 0);
  header.set([2, 1, 1], 4);
  header.writeUInt16LE(62, 0x12);
  header.writeUInt16LE(64, 0x3a);
  header.writeUInt16LE(parts.length, 0x3c);
  const table = Buffer.alloc(parts.length * 64);
  let offset = header.length;
  parts.forEach(({ type, body, link, info }, index) => {
    const at = index * 64;
    table.writeUInt32LE(type, at + 4);
    table.writeBigUInt64LE(BigInt(offset), at + 24);
    table.writeBigUInt64LE(BigInt(body.length), at + 32);
    table.writeUInt32LE(link, at + 40);
    table.writeUInt32LE(info, at + 44);
    offset += body.length;
  });
  header.writeBigUInt64LE(BigInt(offset), 0x28);
  return Buffer.concat([header, ...parts.map((part) => part.body), table]);
}

/** Reads such an image back. */
function imports(image: Buffer): string[] {
  const table = Number(image.readBigUInt64LE(0x28));
  const [dynsym, versym, , strings] = [0, 1, 2, 3].map((index) => Number(image.readBigUInt64LE(table + index * 64 + 24)));
  const count = Number(image.readBigUInt64LE(table + 32)) / 24;
  return Array.from({ length: count }, (_, index) => {
    const at = strings! + image.readUInt32LE(dynsym! + index * 24);
    const version = VERSIONS[image.readUInt16LE(versym! + index * 2) - 2];
    return `${image.toString('latin1', at, image.indexOf(0, at))}@${version}`;
  });
}

/** The hash by which the loader compares version names (System V ABI). */
function neededHash(version: string): Buffer {
  let hash = 0;
  for (const byte of Buffer.from(version)) {
    hash = (hash << 4) + byte;
    const high = hash & 0xf0000000;
    hash = (hash ^ (high >>> 24)) & ~high;
  }
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(hash >>> 0);
  return bytes;
}
