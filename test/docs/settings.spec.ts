import { describe, expect, it } from '@jest/globals';
import { describeSettings } from '@parley/config';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

interface SettingsTool {
  DECLARED_IN: string[];
  sectionsOf(modules: object[]): Parameters<typeof describeSettings>[0];
  settingsPage(sections: Parameters<typeof describeSettings>[0], describe: typeof describeSettings): string;
}

const root = join(import.meta.dirname, '../..');
const load = (file: string) => import(pathToFileURL(join(root, file)).href) as Promise<object>;

describe('the settings page', () => {
  it('says what the code says', async () => {
    const tool = (await load('tools/settings.mjs')) as SettingsTool;
    const files = ['apps', 'libs']
      .flatMap((kind) => readdirSync(join(root, kind)).map((project) => `${kind}/${project}/src`))
      .flatMap((folder) => tool.DECLARED_IN.map((name) => `${folder}/${name}.ts`))
      .filter((file) => existsSync(join(root, file)));
    const sections = tool.sectionsOf(await Promise.all(files.map(load)));
    expect(sections.length).toBeGreaterThan(5);

    const page = tool.settingsPage(sections, describeSettings);

    // Out of date? tools/with-toolchain node tools/settings.mjs
    expect(readFileSync(join(root, 'docs/settings.md'), 'utf8')).toBe(page);
  });
});
