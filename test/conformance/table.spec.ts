import { describe, expect, it } from '@jest/globals';
import { proves } from './proves.js';
import { rows } from './table.js';

describe('the acceptance table', () => {
  it('names every row once, so that none counts twice', () => {
    expect(new Set(rows()).size).toBe(rows().length);
  });

  it('does not let a scenario prove what is not in it', () => {
    expect(() => proves('Session', 'onTeleport')).toThrow('Session / onTeleport');
  });
});
