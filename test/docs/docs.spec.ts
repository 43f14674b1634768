import { describe, expect, it } from '@jest/globals';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';

const root = join(import.meta.dirname, '../..');
const below = (folder: string): string[] =>
  readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' }).map((name) => join(folder, name));
const readmes = (kind: string): string[] => readdirSync(join(root, kind)).map((name) => join(kind, name, 'README.md'));

const pages = ['README.md', 'CONTRIBUTING.md', 'SECURITY.md', 'CHANGELOG.md', ...readmes('apps'), ...readmes('libs')]
  .concat(below('docs').filter((name) => name.endsWith('.md')))
  .concat(existsSync(join(root, 'bench/README.md')) ? ['bench/README.md'] : []);

/** A path of this repository, as pages write it in code style; one with a placeholder is an example. */
const PATH = /^(apps|libs|proto|docs|test|bench|tools)\/[\w./-]+$/;

/** What a reader sees outside of fenced blocks. */
const prose = (text: string): string => text.replace(/^```[\s\S]*?^```$/gm, '');

/** How GitHub names the anchor of a heading. */
const anchor = (heading: string): string =>
  heading.toLowerCase().replace(/[^\p{L}\p{N} _-]/gu, '').replaceAll(' ', '-');

const anchorsOf = (page: string): string[] =>
  [...prose(readFileSync(join(root, page), 'utf8')).matchAll(/^#+ (.+)$/gm)].map((found) => anchor(found[1]!));

/** Names in a page that lead nowhere. */
function lostIn(page: string): string[] {
  const text = prose(readFileSync(join(root, page), 'utf8'));
  const paths = [...text.matchAll(/`([^`\n]+)`/g)].map((found) => found[1]!).filter((name) => PATH.test(name));
  const links = [...text.matchAll(/\]\(([^)\s]+)\)/g)].map((found) => found[1]!).filter((link) => !/^[a-z]+:/.test(link));
  const lostLinks = links.filter((link) => {
    const [path, hash] = link.split('#') as [string, string | undefined];
    const target = path === '' ? page : relative(root, join(root, dirname(page), path));
    if (!existsSync(join(root, target))) return true;
    return hash !== undefined && target.endsWith('.md') && !anchorsOf(target).includes(hash);
  });
  return [...paths.filter((path) => !existsSync(join(root, path))), ...lostLinks];
}

describe('the documents', () => {
  it.each(pages)('%s exists and names only what exists', (page) => {
    expect(existsSync(join(root, page))).toBe(true);
    expect(lostIn(page)).toEqual([]);
  });

  it('have a line for every decision with its status', () => {
    for (const page of below('docs/adr').filter((name) => name.endsWith('.md'))) {
      expect(readFileSync(join(root, page), 'utf8')).toMatch(/^# \d+\. .+\n\nStatus: (Accepted|Superseded by \d{4}|Rejected)\n/);
    }
  });
});
