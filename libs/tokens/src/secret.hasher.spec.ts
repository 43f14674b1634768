import { describe, expect, it } from '@jest/globals';
import { SecretHasher } from './index.js';

describe('hashed secrets', () => {
  const hasher = new SecretHasher();

  it('are recognised, and nothing else is', async () => {
    const stored = await hasher.hash('correct horse');
    expect(stored).not.toContain('correct');
    expect(await hasher.verify('correct horse', stored)).toBe(true);
    expect(await hasher.verify('correct horse ', stored)).toBe(false);
    expect(await hasher.verify('', stored)).toBe(false);
  });

  it('differ for the same secret', async () => {
    expect(await hasher.hash('same')).not.toBe(await hasher.hash('same'));
  });

  it('cost as much as is wanted, and are recognised whatever they cost', async () => {
    const [cheap, dear] = [new SecretHasher({ costLog2: 10 }), new SecretHasher({ costLog2: 16 })];
    expect(await hasher.hash('secret')).toMatch(/^scrypt\$14\$8\$/);
    expect(await cheap.hash('secret')).toMatch(/^scrypt\$10\$8\$/);
    expect(await cheap.verify('secret', await dear.hash('secret'))).toBe(true);
    expect(await hasher.verify('wrong', await dear.hash('secret'))).toBe(false);
  });

  it('in an unknown form match nothing', async () => {
    for (const stored of ['', 'plain', 'md5$a$b$c$d', 'scrypt$14$8$']) expect(await hasher.verify('plain', stored)).toBe(false);
  });

  it('are refused at once when too many wait, and the rest is served', async () => {
    const narrow = new SecretHasher({ concurrency: 1, maxWaiting: 1 });
    const results = await Promise.allSettled([narrow.hash('a'), narrow.hash('b'), narrow.hash('c')]);
    expect(results.map((result) => result.status)).toEqual(['fulfilled', 'fulfilled', 'rejected']);
    expect(results[2]).toMatchObject({ reason: { code: 'unavailable' } });
    await expect(narrow.hash('d')).resolves.toContain('scrypt$');
  });

  it('of a tenant that floods make no other tenant wait behind them, nor refuse him', async () => {
    const narrow = new SecretHasher({ concurrency: 1, maxWaiting: 8 });
    const done: string[] = [];
    const flood = Array.from({ length: 12 }, (_, i) => narrow.hash(`a${i}`, 'a').then(() => done.push('a'), () => done.push('refused')));
    const calm = ['b', 'b'].map((secret) => narrow.hash(secret, 'b').then(() => done.push('b')));
    await Promise.all([...flood, ...calm]);
    expect(done.filter((one) => one === 'refused')).toHaveLength(3);
    // One of the flood was under way; from then on the two have their turns by and by.
    expect(done.filter((one) => one !== 'refused').slice(0, 5)).toEqual(['a', 'a', 'b', 'a', 'b']);
    // Some twelve hashes, one after the other, on a machine that may be busy.
  }, 30_000);
});
