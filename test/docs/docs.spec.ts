import { describe, expect, it } from '@jest/globals';
import { broadcasts, eventSubjects, requests } from '@parley/bus';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';

const root = join(import.meta.dirname, '../..');
const below = (folder: string): string[] =>
  readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' }).map((name) => join(folder, name));
const readmes = (kind: string): string[] => readdirSync(join(root, kind)).map((name) => join(kind, name, 'README.md'));

const text = (page: string): string => readFileSync(join(root, page), 'utf8');

const pages = ['README.md', 'CONTRIBUTING.md', 'SECURITY.md', 'CHANGELOG.md', ...readmes('apps'), ...readmes('libs')]
  .concat(below('docs').filter((name) => name.endsWith('.md')))
  .concat(existsSync(join(root, 'bench/README.md')) ? ['bench/README.md'] : []);

const decisions = pages.filter((page) => page.startsWith('docs/adr/'));

/** A path of this repository, as pages write it in code style; one with a placeholder is an example. */
const PATH = /^(apps|libs|proto|docs|test|bench|tools)\/[\w./-]+$/;

/** What a reader sees outside of fenced blocks. */
const prose = (page: string): string => page.replace(/^```[\s\S]*?^```$/gm, '');

/** How GitHub names the anchor of a heading. */
const anchor = (heading: string): string =>
  heading.toLowerCase().replace(/[^\p{L}\p{N} _-]/gu, '').replaceAll(' ', '-');

const anchorsOf = (page: string): string[] =>
  [...prose(text(page)).matchAll(/^#+ (.+)$/gm)].map((found) => anchor(found[1]!));

/** Names in a page that lead nowhere. */
function lostIn(page: string): string[] {
  const shown = prose(text(page));
  const paths = [...shown.matchAll(/`([^`\n]+)`/g)].map((found) => found[1]!).filter((name) => PATH.test(name));
  const links = [...shown.matchAll(/\]\(([^)\s]+)\)/g)].map((found) => found[1]!).filter((link) => !/^[a-z]+:/.test(link));
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
    for (const page of decisions) {
      expect(text(page)).toMatch(/^# \d+\. .+\n\nStatus: (Accepted|Superseded by \d{4}|Rejected)\n/);
    }
  });

  it('can all be reached from the README', () => {
    const front = text('README.md');
    const expected = [...below('docs').filter((name) => name.endsWith('.md') && !decisions.includes(name)), ...readmes('apps')];
    expect(expected.filter((page) => !front.includes(`](${page})`))).toEqual([]);
  });

  it('name every service and library in the architecture', () => {
    const architecture = text('docs/architecture.md');
    expect([...readmes('apps'), ...readmes('libs')].filter((page) => !architecture.includes(`](../${page})`))).toEqual([]);
  });

  it('name every request in the page of the service that answers it', () => {
    const missing = Object.values(requests).filter(({ subject, queue }) => !text(`apps/${queue}/README.md`).includes(`\`${subject}\``));
    expect(missing.map(({ subject }) => subject)).toEqual([]);
  });

  it('name every event in the architecture, and every broadcast in the page of somebody who hears it', () => {
    const architecture = text('docs/architecture.md');
    expect(Object.values(eventSubjects).filter(({ suffix }) => !architecture.includes(`\`${suffix}\``))).toEqual([]);
    const heard = [...readmes('apps'), ...readmes('libs')].map(text).join('\n');
    expect(Object.values(broadcasts).filter(({ subject }) => !heard.includes(`\`${subject}\``))).toEqual([]);
  });
});
