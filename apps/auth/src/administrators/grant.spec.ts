import { describe, expect, it } from '@jest/globals';
import { checkMayGive, grantOf, loginOf } from './grant.rules.js';

const code = (expected: string) => expect.objectContaining({ code: expected });
const grant = (role: string, apps: string[] = [], allApps = false) => () => grantOf({ role, apps, allApps }, 'acme');

describe('what is granted', () => {
  it('reaches as far as the role, whatever else is asked', () => {
    expect(grant('owner')()).toEqual({ role: 'owner', allApps: true, apps: [] });
    expect(grant('app_admin', ['Chat', 'chat', 'shop'])()).toEqual({ role: 'app_admin', allApps: false, apps: ['chat', 'shop'] });
    expect(grant('support', [], true)()).toEqual({ role: 'support', allApps: true, apps: [] });
    expect(grant('read_only', ['chat'])()).toEqual({ role: 'read_only', allApps: false, apps: ['chat'] });
  });

  it.each([
    ['a role that does not exist', grant('emperor'), 'admin_role_unknown'],
    ['the operator within an organisation', grant('operator'), 'admin_role_unknown'],
    ['an owner of named apps', grant('owner', ['chat']), 'admin_scope_illegal'],
    ['an app admin of no app', grant('app_admin'), 'admin_scope_illegal'],
    ['an app admin of all apps', grant('app_admin', [], true), 'admin_scope_illegal'],
    ['support for nothing', grant('support'), 'admin_scope_illegal'],
    ['support for all and for some', grant('support', ['chat'], true), 'admin_scope_illegal'],
  ])('is not %s', (_, asking, expected) => {
    expect(asking).toThrow(code(expected));
  });

  it('is only the operator on the platform itself', () => {
    expect(grantOf({ role: 'operator', apps: [], allApps: false }, '-').role).toBe('operator');
    expect(() => grantOf({ role: 'owner', apps: [], allApps: false }, '-')).toThrow(code('admin_role_unknown'));
  });

  it('is never beyond what the giver may give', () => {
    expect(() => checkMayGive('admin', 'owner')).toThrow(code('admin_role_too_high'));
    expect(() => checkMayGive('app_admin', 'read_only')).toThrow(code('admin_role_too_high'));
    expect(() => checkMayGive('owner', 'owner')).not.toThrow();
  });
});

describe('a name for signing in', () => {
  it('is kept in lower case', () => {
    expect(loginOf('Ann.Smith+1@Example.com')).toBe('ann.smith+1@example.com');
  });

  it.each(['', 'ab', 'a b c', '-abc', 'ann\u0000x', 'x'.repeat(101)])('is not %j', (text) => {
    expect(() => loginOf(text)).toThrow(code('admin_login_illegal'));
  });
});
