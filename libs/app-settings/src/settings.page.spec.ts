import { describe, expect, it } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { appSettingsPage } from './settings.page.js';

describe('docs/app-settings.md', () => {
  it('is printed from the catalogue as it is', () => {
    expect(readFileSync(new URL('../../../docs/app-settings.md', import.meta.url), 'utf8')).toBe(appSettingsPage());
  });
});
