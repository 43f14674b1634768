import { beforeEach, describe, expect, it } from '@jest/globals';
import type { Pool } from 'pg';
import { inTransaction } from './transaction.js';

describe('work in a transaction', () => {
  let said: string[] = [];
  let released: unknown[] = [];
  let refused = new Set<string>();
  const pool = {
    connect: async () => ({
      query: async (text: string) => {
        said.push(text);
        if (refused.has(text)) throw new Error(`no ${text}`);
      },
      release: (error?: Error) => released.push(error?.message),
    }),
  } as unknown as Pool;
  beforeEach(() => {
    [said, released, refused] = [[], [], new Set()];
  });

  it('is committed, and the connection goes back', async () => {
    await expect(inTransaction(pool, async (client) => (await client.query('work'), 'done'))).resolves.toBe('done');
    expect(said).toEqual(['BEGIN', 'work', 'COMMIT']);
    expect(released).toEqual([undefined]);
  });

  it('is undone when it fails, with the error of the work', async () => {
    refused = new Set(['work']);
    await expect(inTransaction(pool, (client) => client.query('work'))).rejects.toThrow('no work');
    expect(said).toEqual(['BEGIN', 'work', 'ROLLBACK']);
    expect(released).toEqual([undefined]);
  });

  it('leaves no connection in the pool that is still in the middle of it', async () => {
    refused = new Set(['work', 'ROLLBACK']);
    await expect(inTransaction(pool, (client) => client.query('work'))).rejects.toThrow('no work');
    expect(released).toEqual(['no ROLLBACK']);
  });
});
