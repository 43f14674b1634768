import { describe, expect, it } from '@jest/globals';
import { randomBytes } from 'node:crypto';
import { SecretBox } from './secret.box.js';

const [key, older] = [randomBytes(32), randomBytes(32)];

describe('a secret that is stored', () => {
  it('cannot be read without the key, and comes back with it', async () => {
    const box = new SecretBox([key]);
    const stored = await box.seal('private', 'key 1');
    expect(stored).not.toContain('private');
    expect(await box.open(stored, 'key 1')).toBe('private');
    await expect(new SecretBox([older]).open(stored, 'key 1')).rejects.toThrow('PARLEY_AUTH_KEY_ENCRYPTION_KEY');
    await expect(new SecretBox([]).open(stored, 'key 1')).rejects.toThrow('PARLEY_AUTH_KEY_ENCRYPTION_KEY');
  });

  it('opens in its own place only', async () => {
    const box = new SecretBox([key]);
    await expect(box.open(await box.seal('private', 'key 1'), 'key 2')).rejects.toThrow('moved');
  });

  it('that was tampered with does not open', async () => {
    const box = new SecretBox([key]);
    const stored = await box.seal('private', 'key 1');
    const at = stored.length - 3;
    await expect(box.open(stored.slice(0, at) + (stored[at] === 'A' ? 'B' : 'A') + stored.slice(at + 1), 'key 1')).rejects.toThrow();
  });

  it('opens with the key before, and shows that it should be sealed anew', async () => {
    const stored = await new SecretBox([older]).seal('private', 'key 1');
    const box = new SecretBox([key, older]);
    expect(await box.open(stored, 'key 1')).toBe('private');
    expect([box.isFresh(stored), box.isFresh(await box.seal('private', 'key 1')), box.isFresh('plain')]).toEqual([false, true, false]);
  });

  it('lies open when there is no key', async () => {
    const box = new SecretBox([]);
    expect(box.canSeal).toBe(false);
    expect(await box.open(await box.seal('private', 'key 1'), 'key 1')).toBe('private');
  });
});
