import { describe, expect, it } from '@jest/globals';
import { randomSecret } from './secrets.js';

describe('a secret that is shown once', () => {
  it('can be given to a command as an argument: it never looks like an option', () => {
    for (let i = 0; i < 1_000; i++) expect(randomSecret()).toMatch(/^[\da-f]{64}$/);
  });
});
