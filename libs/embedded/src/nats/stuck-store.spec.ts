import { describe, expect, it } from '@jest/globals';
import { StuckStore } from './stuck-store.js';

const FAILED = "[7592] [ERR] JetStream failed to store a msg on stream '$G > PARLEY_EVENTS': write 1.blk: no space left on device";

/** How often the server would be started anew after these lines, with so much room on the disk. */
async function restarts(lines: readonly string[], freeBytes: number): Promise<number> {
  let count = 0;
  const store = new StuckStore('/', () => count++, async () => freeBytes);
  for (const line of lines) {
    store.hear(line);
    await Promise.resolve();
    await new Promise((resolve) => setImmediate(resolve));
  }
  return count;
}

describe('a nats-server whose store failed to write', () => {
  it('is started anew when there is room again', async () => {
    expect(await restarts([FAILED], 1e9)).toBe(1);
  });

  it('is left alone while the disk is full', async () => {
    expect(await restarts([FAILED, FAILED], 1e6)).toBe(0);
  });

  it('is left alone when all is well', async () => {
    expect(await restarts(['[1] [INF] Server is ready'], 1e9)).toBe(0);
  });
});
