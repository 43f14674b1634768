import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import {
  type Authority,
  authorize,
  code,
  codeOf,
  exchange,
  givenOrganisation,
  origin,
  type Person,
  REDIRECT,
  type Replica,
  signIn,
  startAuthority,
} from '../administration.fixture.js';

let authority: Authority;
let one: Replica;
let two: Replica;
let org: string;
let owner: Person;

beforeAll(async () => {
  authority = await startAuthority();
  ({ one, two } = authority);
}, 60_000);
afterAll(() => authority?.stop(), 30_000);
beforeEach(async () => {
  ({ org, owner } = await givenOrganisation(one));
});

const outcomes = async (act: string) => (await two.orgs.readAudit({ org, app: '', act, actor: '', limit: 100, cursor: '' })).entries.map((entry) => entry.outcome);

describe('a code', () => {
  const verifier = 'v'.repeat(43);

  it('is good once; the second time ends what the first began', async () => {
    const given = await codeOf(one, owner, verifier);
    const { accessToken } = await exchange(one, given, verifier);
    await authorize(two, accessToken);
    await expect(exchange(two, given, verifier)).rejects.toMatchObject(code('oauth_invalid_grant'));
    await expect(authorize(one, accessToken)).rejects.toMatchObject(code('unauthorized'));
    expect(await outcomes('session.code_reused')).toEqual(['done']);
  });

  it('is exchanged once by two at the same moment', async () => {
    const given = await codeOf(one, owner, verifier);
    const answers = await Promise.allSettled([exchange(one, given, verifier), exchange(two, given, verifier)]);
    expect(answers.filter((answer) => answer.status === 'fulfilled')).toHaveLength(1);
  });

  it.each([
    ['another verifier', ['w'.repeat(43), 'console', REDIRECT]],
    ['a short verifier', ['v', 'console', REDIRECT]],
    ['another client', [verifier, 'other', REDIRECT]],
    ['another redirect', [verifier, 'console', `${REDIRECT}/`]],
  ] as const)('is used up by %s', async (_, [of, client, redirect]) => {
    const given = await codeOf(one, owner, verifier);
    await expect(exchange(one, given, of, client, redirect)).rejects.toMatchObject(code('oauth_invalid_grant'));
    await expect(exchange(one, given, verifier)).rejects.toMatchObject(code('oauth_invalid_grant'));
  });

  it.each([
    ['nobody', REDIRECT, 'oauth_client_unknown'],
    ['__proto__', REDIRECT, 'oauth_client_unknown'],
    ['console', `${REDIRECT}?x=1`, 'oauth_redirect_mismatch'],
    ['console', 'https://evil.example/', 'oauth_redirect_mismatch'],
  ])('is not given to %s at %s', async (clientId, redirectUri, expected) => {
    await expect(one.access.checkClient({ clientId, redirectUri })).rejects.toMatchObject(code(expected));
    await expect(one.access.signIn({ ...owner, clientId, redirectUri, codeChallenge: 'c'.repeat(43), origin })).rejects.toMatchObject(code(expected));
  });
});

describe('a refresh token', () => {
  const refresh = (at: Replica, refreshToken: string, clientId = 'console') => at.access.refreshTokens({ refreshToken, clientId, origin });

  it('gives the next one, and is worth nothing to another client', async () => {
    const first = await signIn(one, owner);
    await expect(refresh(one, first.refreshToken, 'other')).rejects.toMatchObject(code('oauth_invalid_grant'));
    const second = await refresh(two, first.refreshToken);
    const third = await refresh(one, second.refreshToken);
    await authorize(two, third.accessToken);
  });

  it('that comes a second time ends the session and all of its tokens', async () => {
    const first = await signIn(one, owner);
    const second = await refresh(one, first.refreshToken);
    await expect(refresh(two, first.refreshToken)).rejects.toMatchObject(code('oauth_invalid_grant'));
    await expect(refresh(one, second.refreshToken)).rejects.toMatchObject(code('oauth_invalid_grant'));
    await expect(authorize(one, second.accessToken)).rejects.toMatchObject(code('unauthorized'));
    expect(await outcomes('session.token_reused')).toEqual(['done']);
  });

  it('is taken by one of two at the same moment', async () => {
    const { refreshToken } = await signIn(one, owner);
    const answers = await Promise.allSettled([refresh(one, refreshToken), refresh(two, refreshToken)]);
    expect(answers.filter((answer) => answer.status === 'fulfilled').length).toBeLessThanOrEqual(1);
  });

  it('is revoked with its session, as often as one likes', async () => {
    const { refreshToken, accessToken } = await signIn(one, owner);
    await one.access.revokeToken({ token: refreshToken, clientId: 'other', origin });
    await authorize(one, accessToken);
    for (let i = 0; i < 2; i++) await two.access.revokeToken({ token: refreshToken, clientId: 'console', origin });
    await expect(authorize(one, accessToken)).rejects.toMatchObject(code('unauthorized'));
    await expect(refresh(one, refreshToken)).rejects.toMatchObject(code('oauth_invalid_grant'));
  });
});
