import { describe, expect, it, jest } from '@jest/globals';
import { SecretHasher } from '@parley/tokens';
import { ClientSecretChecker } from './client-secret.checker.js';

describe('a client secret', () => {
  it('that was right a moment ago is not hashed again; a wrong one always is', async () => {
    const hasher = new SecretHasher();
    const checker = new ClientSecretChecker(hasher);
    const verify = jest.spyOn(hasher, 'verify');
    const stored = await hasher.hash('right');

    expect([await checker.isRight('right', stored), await checker.isRight('right', stored)]).toEqual([true, true]);
    expect(verify).toHaveBeenCalledTimes(1);
    expect([await checker.isRight('wrong', stored), await checker.isRight('wrong', stored)]).toEqual([false, false]);
    expect(verify).toHaveBeenCalledTimes(3);
  });

  it('is checked anew when another one has been set', async () => {
    const hasher = new SecretHasher();
    const checker = new ClientSecretChecker(hasher);
    expect(await checker.isRight('old', await hasher.hash('old'))).toBe(true);
    expect(await checker.isRight('old', await hasher.hash('new'))).toBe(false);
  });
});
