import { DomainError } from '@parley/errors';
import { isRole, mayGive, type Role, roleNames, roles } from '../permissions/roles.js';

/** The organisation that is the platform itself: its administrators are the operators. */
export const PLATFORM_ORG = '-';

const LOGIN = /^[a-z0-9][a-z0-9._+@-]{2,99}$/;

/** What somebody may do and where, as it is asked for. */
export interface AskedGrant {
  readonly role: string;
  readonly allApps: boolean;
  /** Names in any case. */
  readonly apps: readonly string[];
}

export interface Grant {
  readonly role: Role;
  readonly allApps: boolean;
  /** Folded names; none when all apps are meant. */
  readonly apps: readonly string[];
}

/**
 * What is granted by a request, with the role's own reach.
 * @throws DomainError admin_role_unknown | admin_scope_illegal
 */
export function grantOf(asked: AskedGrant, org: string): Grant {
  const given = roleNames.filter((role) => (roles[role].reach === 'platform') === (org === PLATFORM_ORG));
  if (!isRole(asked.role) || !given.includes(asked.role)) throw new DomainError('admin_role_unknown', { roles: given.join(', ') });
  const apps = [...new Set(asked.apps.map((name) => name.toLowerCase()))];
  const { reach } = roles[asked.role];
  if (reach === 'platform' || reach === 'organisation') {
    if (apps.length > 0) throw illegal(`apps: the role ${asked.role} is not limited to named apps`);
    return { role: asked.role, allApps: true, apps };
  }
  const allApps = reach === 'either' && asked.allApps;
  if (allApps && apps.length > 0) throw illegal('apps: either all_apps or names');
  if (!allApps && apps.length === 0) throw illegal(`apps: name at least one${reach === 'either' ? ', or set all_apps' : ''}`);
  return { role: asked.role, allApps, apps };
}

/** @throws DomainError admin_role_too_high */
export function checkMayGive(actorRole: string, role: string): void {
  if (!isRole(actorRole) || !isRole(role) || !mayGive(actorRole, role)) throw new DomainError('admin_role_too_high', { role });
}

/** A name for signing in, case-insensitive. @throws DomainError admin_login_illegal */
export function loginOf(text: string): string {
  const login = text.toLowerCase();
  if (!LOGIN.test(login)) throw new DomainError('admin_login_illegal');
  return login;
}

export function illegal(detail: string): DomainError {
  return new DomainError('admin_scope_illegal', { detail });
}
