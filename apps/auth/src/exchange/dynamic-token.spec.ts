import { createHash } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { isSignedBy, readDynamicToken } from './dynamic-token.js';

/** As a tenant's server makes it. */
function made(changes: Record<string, unknown> = {}, secret = 'secret') {
  const fields = { appkey: 'demo#chat', userId: 'alice', curTime: 1_700_000_000, ttl: 600, ...changes };
  const signature = createHash('sha256').update(`YXA6id${fields.appkey}${fields.userId}${fields.curTime}${fields.ttl}${secret}`).digest('hex');
  return Buffer.from(`dt-${JSON.stringify({ signature, ...fields })}`).toString('base64url');
}

describe('a dynamic token', () => {
  it('is signed by whoever has the client secret, numbers or texts', () => {
    for (const changes of [{}, { curTime: '1700000000', ttl: '600' }]) {
      const token = readDynamicToken(made(changes));
      expect(token).toMatchObject({ appkey: 'demo#chat', userId: 'alice', curTime: '1700000000', ttl: '600' });
      expect([isSignedBy(token, 'YXA6id', 'secret'), isSignedBy(token, 'YXA6id', 'other'), isSignedBy(token, 'other', 'secret')]).toEqual([true, false, false]);
    }
  });

  it('begins with what tells it from others', () => {
    expect(made()).toMatch(/^ZHQt/);
  });

  it.each([
    ['no mark', Buffer.from('{}').toString('base64url')],
    ['no JSON', Buffer.from('dt-{').toString('base64url')],
    ['a negative time', made({ curTime: -1 })],
    ['no user', made({ userId: '' })],
    ['a list of users', made({ userId: ['alice'] })],
    ['an endless number', made({ ttl: '9'.repeat(40) })],
  ])('with %s is corrupt', (_, text) => {
    expect(() => readDynamicToken(text)).toThrow('token_corrupt');
  });
});
