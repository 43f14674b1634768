// Lets a prebuilt addon that was linked on glibc 2.38 load on 2.36 and 2.37 (Debian 12).
//
//   node tools/glibc-compat.mjs path/to/uws.node
//
// A compiler on glibc 2.38 turns strtol & co. into __isoc23_strtol & co.: the same functions, except that they also
// accept the C23 prefix "0b". These aliases are all that such an addon needs of 2.38. Two things in an ELF file say so:
//   .dynsym          the name of each imported function (an offset into the string table), with its version's number
//                    at the same place in .gnu.version
//   .gnu.version_r   for each library, the versions that it must have; the loader refuses the file if one is missing
// So each alias is renamed by moving its name's offset past "__isoc23_" (the string table keeps a string's tail as a
// string of its own), its version becomes the oldest of the platform, and the entry "needs GLIBC_2.38" is overwritten
// with a second "needs <oldest>". Not a byte moves. Anything else that needs 2.38 is an error: it would really be missing.
import { readFileSync, realpathSync, renameSync, statSync, writeFileSync } from 'node:fs';
import { pathToFileURL } from 'node:url';

const ALIAS_PREFIX = '__isoc23_';
const TOO_NEW = 'GLIBC_2.38';
/** The first version that a platform's libc has: what the classic names are bound to. */
const OLDEST = { 62: 'GLIBC_2.2.5', 183: 'GLIBC_2.17' }; // by e_machine: x86-64, AArch64
const SHT_DYNSYM = 11;
const SHT_GNU_VERNEED = 0x6ffffffe;
const SHT_GNU_VERSYM = 0x6fffffff;
const SYMBOL_BYTES = 24;
/** The top bit of a version number only hides the symbol. */
const VERSION_MASK = 0x7fff;

/** The sections of a 64-bit little-endian ELF image, in file order. Throws if it is something else. */
function sectionsOf(image) {
  const isElf64 = image.length > 64 && image.readUInt32BE(0) === 0x7f454c46 && image[4] === 2 && image[5] === 1;
  if (!isElf64) throw new Error('not a 64-bit little-endian ELF file');
  const table = Number(image.readBigUInt64LE(0x28));
  const entryBytes = image.readUInt16LE(0x3a);
  return Array.from({ length: image.readUInt16LE(0x3c) }, (_, index) => {
    const header = table + index * entryBytes;
    return {
      type: image.readUInt32LE(header + 4),
      offset: Number(image.readBigUInt64LE(header + 24)),
      size: Number(image.readBigUInt64LE(header + 32)),
      link: image.readUInt32LE(header + 40),
      info: image.readUInt32LE(header + 44),
    };
  });
}

/** Every version of every library that the image asks for, with the place of its record in the file. */
function neededVersions(image, section, text) {
  const found = [];
  let library = section.offset;
  for (let left = section.info; left > 0; left--) {
    const name = text(image.readUInt32LE(library + 4));
    let record = library + image.readUInt32LE(library + 8);
    for (let versions = image.readUInt16LE(library + 2); versions > 0; versions--) {
      const number = image.readUInt16LE(record + 6) & VERSION_MASK;
      found.push({ library: name, version: text(image.readUInt32LE(record + 8)), number, record });
      record += image.readUInt32LE(record + 12);
    }
    library += image.readUInt32LE(library + 12);
  }
  return found;
}

/**
 * Rewrites the image in place so that it no longer needs glibc 2.38; returns the functions renamed ([] if none needed
 * it). Throws, with the image unchanged, if it needs 2.38 for anything but the C23 aliases.
 */
export function lowerGlibcNeed(image) {
  const sections = sectionsOf(image);
  const symbols = sections.find((section) => section.type === SHT_DYNSYM);
  const versionNumbers = sections.find((section) => section.type === SHT_GNU_VERSYM);
  const needs = sections.find((section) => section.type === SHT_GNU_VERNEED);
  if (!symbols || !versionNumbers || !needs) return [];
  const strings = sections[symbols.link].offset;
  const text = (offset) => image.toString('latin1', strings + offset, image.indexOf(0, strings + offset));

  const versions = neededVersions(image, needs, text).filter((need) => need.library.startsWith('libc.so'));
  const tooNew = versions.find((need) => need.version === TOO_NEW);
  if (!tooNew) return [];
  const oldest = versions.find((need) => need.version === OLDEST[image.readUInt16LE(0x12)]);
  if (!oldest) throw new Error(`needs ${TOO_NEW}, but names no base version to fall back to`);

  const aliases = [];
  for (let index = 0; index < symbols.size / SYMBOL_BYTES; index++) {
    const versionAt = versionNumbers.offset + index * 2;
    if ((image.readUInt16LE(versionAt) & VERSION_MASK) !== tooNew.number) continue;
    const nameAt = symbols.offset + index * SYMBOL_BYTES;
    const name = text(image.readUInt32LE(nameAt));
    if (!name.startsWith(ALIAS_PREFIX)) throw new Error(`needs ${name} of ${TOO_NEW}, which has no older name`);
    aliases.push({ versionAt, nameAt, name });
  }
  for (const { versionAt, nameAt } of aliases) {
    image.writeUInt32LE(image.readUInt32LE(nameAt) + ALIAS_PREFIX.length, nameAt);
    image.writeUInt16LE(oldest.number, versionAt);
  }
  image.copy(image, tooNew.record, oldest.record, oldest.record + 4); // the version's hash
  image.copy(image, tooNew.record + 8, oldest.record + 8, oldest.record + 12); // and its name
  return aliases.map(({ name }) => name.slice(ALIAS_PREFIX.length));
}

/** True where the system's glibc lacks the C23 aliases: older than 2.38, and glibc at all. */
export function systemNeedsFix(glibcVersion = process.report.getReport().header.glibcVersionRuntime) {
  if (!glibcVersion) return false;
  const [major, minor] = glibcVersion.split('.').map(Number);
  return major === 2 && minor < 38;
}

/**
 * Fixes one addon file. The result is a new file under the old name: pnpm hard-links packages to its store, and the
 * store's copy must stay as published. Returns the functions renamed.
 */
export function fixAddon(file) {
  const image = readFileSync(file);
  const renamed = lowerGlibcNeed(image);
  if (renamed.length > 0) {
    const fresh = `${file}.${process.pid}.new`;
    writeFileSync(fresh, image, { mode: statSync(file).mode });
    renameSync(fresh, file);
  }
  return renamed;
}

if (process.argv[1] && import.meta.url === pathToFileURL(realpathSync(process.argv[1])).href) {
  const files = process.argv.slice(2);
  if (files.length === 0) {
    console.error('usage: node tools/glibc-compat.mjs <addon.node> ...');
    process.exitCode = 2;
  } else if (systemNeedsFix()) {
    for (const file of files) {
      const renamed = fixAddon(file);
      if (renamed.length > 0) console.log(`${file}: now loads without glibc 2.38 (${renamed.join(', ')})`);
    }
  }
}
