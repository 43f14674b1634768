import { describe, expect, it } from '@jest/globals';
import { freePort } from './port.js';

describe('free ports', () => {
  it('are different ones for all who ask, before anybody listens', async () => {
    const ports = await Promise.all(Array.from({ length: 500 }, () => freePort()));
    expect(new Set(ports).size).toBe(ports.length);
  });
});
