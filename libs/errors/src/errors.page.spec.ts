import { describe, expect, it } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { errorsPage } from './errors.page.js';

describe('docs/errors.md', () => {
  it('says what the catalogue says', () => {
    // Out of date? Build, then: tools/with-toolchain node libs/errors/dist/errors.page.main.js
    expect(readFileSync(join(import.meta.dirname, '../../../docs/errors.md'), 'utf8')).toBe(errorsPage());
  });
});
