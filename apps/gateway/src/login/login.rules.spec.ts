import { describe, expect, it } from '@jest/globals';
import { tenantFromAuthentication } from '@parley/kernel';
import { client, decodeEnvelope, decodeProvision } from '@parley/msync';
import { isResource, type LoginRequest, matchesLogin, readLogin } from './login.rules.js';

function provision(more: Partial<Parameters<typeof client.encodeProvision>[0]> = {}): LoginRequest | undefined {
  const envelope = decodeEnvelope(
    client.encodeProvision({ appKey: 'Org#App', user: 'Alice', resource: 'webim_web_1', token: 'YWMtx', ...more }),
  );
  return readLogin(envelope, decodeProvision(envelope.payload));
}

describe('reading a login', () => {
  it('folds app key and user, and takes the token from either place', () => {
    expect(provision()).toMatchObject({ appKey: 'org#app', username: 'alice', resource: 'webim_web_1', token: 'YWMtx', platform: 'web' });
  });

  it.each([
    ['no user', { user: '' }],
    ['no app', { appKey: '' }],
    ['no device', { resource: '' }],
    ['a device id of 256 characters', { resource: 'x'.repeat(256) }],
    ['a NUL in the device id', { resource: 'web\u0000' }],
  ])('refuses %s', (_, more) => {
    expect(provision(more)).toBeUndefined();
  });

  it('keeps control characters of device names away from the store', () => {
    expect(provision({ deviceName: 'my\u0000phone\n' })).toMatchObject({ deviceName: 'myphone' });
  });

  it.each([
    [0, undefined, 'ios'],
    [1, undefined, 'android'],
    [5, 7, 'custom7'],
    [5, 5_000, 'custom100'],
    [16, undefined, 'web'],
  ])('counts os type %d (%p) as %s', (osType, osCustomValue, platform) => {
    expect(provision({ osType, osCustomValue })).toMatchObject({ platform });
  });
});

describe('whose token it is', () => {
  const login = { appKey: 'org#app', username: 'alice' } as LoginRequest;
  const tenant = tenantFromAuthentication({ appId: 1, appUuid: '', org: 'org', app: 'app' });
  const token = { kind: 'user' as const, tenant, username: 'alice', userId: 1n, tokenEpoch: 0, expiresAtMs: Infinity };

  it('admits the user that it was issued to', () => {
    expect(matchesLogin(token, login)).toBe(true);
  });

  it.each([
    ['another user', { ...token, username: 'bob' }],
    ['an app', { kind: 'app' as const, tenant, expiresAtMs: Infinity }],
    ['another app', { ...token, tenant: tenantFromAuthentication({ ...tenant, app: 'other' }) }],
  ])('refuses the token of %s', (_, other) => {
    expect(matchesLogin(other as never, login)).toBe(false);
  });
});

describe('device ids', () => {
  it('may have any printable character', () => {
    expect(isResource('webim_web_é/#.*>')).toBe(true);
    expect(isResource('a\u0007b')).toBe(false);
  });
});
