import { describe, expect, it } from '@jest/globals';
import { type ForeignAnswer, ForeignTokenVerifier } from './index.js';

const NOW = 1_800_000_000_000;
const good: ForeignAnswer = { error: '', tenant: { appId: 7, appUuid: 'u', org: 'demo', app: 'chat' }, userId: 41n, username: 'alice', tokenEpoch: 3, expiresMs: BigInt(NOW + 3_600_000), issuer: '' };
const asked = { org: 'demo', app: 'chat', token: '007x' };

function edge(answer: Partial<ForeignAnswer> = {}) {
  const state = { asked: 0, nowMs: NOW };
  const verifier = new ForeignTokenVerifier(
    async () => {
      state.asked++;
      return { ...good, ...answer };
    },
    () => state.nowMs,
  );
  return { verifier, state };
}

describe('a token that somebody else made', () => {
  it.each([['007abc', true], ['ZHQteyJ', true], ['eyJhbGciOi.x.y', true], ['YWMt007', false], ['', false], ['abc', false]])('%s is told by its beginning: %s', (token, foreign) => {
    expect(ForeignTokenVerifier.recognises(token)).toBe(foreign);
  });

  it('is asked about once, also by many at the same moment', async () => {
    const { verifier, state } = edge();
    const answers = await Promise.all([verifier.verify(asked), verifier.verify(asked)]);
    expect(answers[0]).toMatchObject({ kind: 'user', userId: 41n, username: 'alice', tokenEpoch: 3, expiresAtMs: NOW + 3_600_000 });
    await verifier.verify({ ...asked, org: 'DEMO' });
    expect(state.asked).toBe(1);
  });

  it('is another one in another app', async () => {
    const { verifier, state } = edge();
    await verifier.verify(asked);
    await verifier.verify({ ...asked, app: 'other' });
    expect(state.asked).toBe(2);
  });

  it('may be the app’s own', async () => {
    expect(await edge({ userId: 0n, username: '' }).verifier.verify(asked)).toMatchObject({ kind: 'app', tokenEpoch: 3 });
  });

  it('that was refused is asked about again', async () => {
    const { verifier, state } = edge({ error: 'token_not_issued_here', tenant: undefined });
    for (let i = 0; i < 2; i++) await expect(verifier.verify(asked)).rejects.toMatchObject({ code: 'token_not_issued_here' });
    expect(state.asked).toBe(2);
  });

  it('ends when it says so, whatever is remembered', async () => {
    const { verifier, state } = edge();
    await verifier.verify(asked);
    state.nowMs = NOW + 3_600_000;
    await expect(verifier.verify(asked)).rejects.toMatchObject({ code: 'token_expired' });
  });

  it('is asked about again when its app has changed, and not when another has', async () => {
    const { verifier, state } = edge();
    await verifier.verify(asked);
    verifier.forgetApp(8);
    await verifier.verify(asked);
    expect(state.asked).toBe(1);
    verifier.forgetApp(7);
    await verifier.verify(asked);
    expect(state.asked).toBe(2);
  });

  it('that is too long is not even asked about', async () => {
    const { verifier, state } = edge();
    await expect(verifier.verify({ ...asked, token: '007'.padEnd(5_000, 'x') })).rejects.toMatchObject({ code: 'token_corrupt' });
    expect(state.asked).toBe(0);
  });
});
