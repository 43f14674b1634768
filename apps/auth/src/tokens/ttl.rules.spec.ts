import { describe, expect, it } from '@jest/globals';
import { NEVER_SECONDS, tokenLifetime } from './ttl.rules.js';

const APP = 5_184_000;

describe('the life of a token', () => {
  it('is what the app is set to unless asked otherwise', () => {
    expect(tokenLifetime(undefined, APP)).toEqual({ ttlSeconds: APP, toldSeconds: BigInt(APP) });
    expect(tokenLifetime(-1n, APP)).toEqual({ ttlSeconds: APP, toldSeconds: BigInt(APP) });
  });

  it('is what was asked for', () => {
    expect(tokenLifetime(60n, APP)).toEqual({ ttlSeconds: 60, toldSeconds: 60n });
  });

  it('has no end for 0 and for more than anybody can count, told as a number that every SDK can read', () => {
    for (const asked of [0n, BigInt(NEVER_SECONDS), 2n ** 62n]) {
      expect(tokenLifetime(asked, APP)).toEqual({ ttlSeconds: 0, toldSeconds: BigInt(NEVER_SECONDS) });
    }
  });
});
